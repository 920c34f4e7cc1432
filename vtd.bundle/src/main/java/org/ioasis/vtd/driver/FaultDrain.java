package org.ioasis.vtd.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.Blob;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.machine.Mmio;
import org.ioasis.kit.driver.Passes;
import org.ioasis.vtd.format.EventControl;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.FaultRecord;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.RegisterMap;

/**
 * Reads the fault recording registers and hands the faults to the sink. VT-d, "Fault Logging",
 * "Fault Event".
 *
 * <p>A pass starts at FSTS.FRI, reads record by record until one is not valid, clears each, and at
 * last the overflow. It ends after two rounds at the latest; a device that faults without end gets
 * another turn of the machine instead of holding this one.
 *
 * <p><b>Threading:</b> any thread outside the driver's locks; {@link Passes} lets one run, so
 * records are handed over in order and never two at once.
 */
final class FaultDrain {
  private static final int RECORD_BYTES = 16;

  private final UnitAccess unit;
  private final Mmio mmio;
  private final int records;
  private final long offset;
  private final boolean scalable;
  private final Passes passes = new Passes(this::pass);
  private final AtomicLong seen = new AtomicLong();
  private final AtomicLong overflows = new AtomicLong();
  private volatile FaultSink sink;
  private volatile InterruptSource.Vector vector;

  FaultDrain(UnitAccess unit, Claims claims) {
    this.unit = unit;
    this.mmio = unit.mmio();
    this.records = claims.faultRecords();
    this.offset = claims.faultRecordOffset();
    this.scalable = claims.scalable();
  }

  /** Clears what was recorded before. */
  void discard() {
    for (int i = 0; i < records; i++) {
      clear(i);
    }
    mmio.write32(RegisterMap.FSTS, mmio.read32(RegisterMap.FSTS));
  }

  /** Programs the fault event and unmasks it. */
  void start(InterruptSource.Vector event, FaultSink faults) {
    sink = faults;
    vector = event;
    mmio.write32(RegisterMap.FEDATA, event.data());
    mmio.write32(RegisterMap.FEADDR, (int) event.address());
    mmio.write32(RegisterMap.FEUADDR, (int) (event.address() >>> 32));
    mmio.write32(RegisterMap.FECTL, 0);
  }

  /** Forgets the sink: what is recorded stays where it is, for a successor. */
  void leaveRecords() {
    sink = null;
  }

  /** Masks the fault event and frees its vector. */
  void stop() {
    if (vector != null) {
      mmio.write32(RegisterMap.FECTL, (int) EventControl.IM.mask());
      vector.close();
      vector = null;
    }
  }

  /** Runs passes until nobody asks; returns at once if another thread does. */
  void run() {
    passes.run();
  }

  /** Returns when a pass has ended that began after this call, in whatever thread. */
  void runNow() {
    passes.runNow(unit.waiting(), "the end of a fault pass");
  }

  private void pass() {
    FaultSink to = sink;
    if (to != null) {
      pass(to);
    }
  }

  private void pass(FaultSink to) {
    int left = 2 * records;
    int status = mmio.read32(RegisterMap.FSTS);
    while (Fsts.PPF.isSet(status) && left > 0) {
      int index = (int) Fsts.FRI.get(status) % records;
      while (left > 0 && hand(index, to)) {
        index = (index + 1) % records;
        left--;
      }
      status = mmio.read32(RegisterMap.FSTS);
      if (Fsts.PFO.isSet(status) && !Fsts.PPF.isSet(status)) {
        overflows.incrementAndGet();
        mmio.write32(RegisterMap.FSTS, (int) Fsts.PFO.mask());
        to.lost(false, 1);
        status = mmio.read32(RegisterMap.FSTS);
      }
      if (left == 2 * records) {
        break; // PPF without a record: the unit's error, not to be waited for
      }
    }
    if (Fsts.PPF.isSet(status)) {
      InterruptSource.Vector event = vector;
      if (event != null && left == 0) {
        event.post();
      }
    } else if (Fsts.PFO.isSet(status)) {
      mmio.write32(RegisterMap.FSTS, (int) Fsts.PFO.mask());
      overflows.incrementAndGet();
      to.lost(false, 1);
    }
    to.drained();
  }

  private long at(int index) {
    return offset + (long) index * RECORD_BYTES;
  }

  private void clear(int index) {
    mmio.write32(at(index) + 12, (int) (FaultRecord.F.mask() >>> 32));
  }

  /** Hands one record over; false if it is not valid. */
  private boolean hand(int index, FaultSink to) {
    long high =
        (long) mmio.read32(at(index) + 12) << 32 | (mmio.read32(at(index) + 8) & 0xFFFF_FFFFL);
    if (!FaultRecord.F.isSet(high)) {
      return false;
    }
    long low = mmio.read64(at(index));
    clear(index);
    seen.incrementAndGet();
    to.unrecoverable(decode(low, high));
    return true;
  }

  private UnrecoverableFault decode(long low, long high) {
    int code = (int) FaultRecord.FR.get(high);
    boolean interrupt = classOf(code) == FaultClass.INTERRUPT;
    ByteBuffer words = ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    words.putLong(low).putLong(high).flip();
    return new UnrecoverableFault(
        (int) FaultRecord.SID.get(high),
        interrupt ? DmaRequest.NO_PASID : pasid(high),
        interrupt ? 0 : FaultRecord.FI.inPlace(low),
        interrupt ? 0 : access(high),
        FaultRecord.PRIV.isSet(high),
        code,
        FaultReason.of(code).map(reason -> reason.label).orElse("FR 0x%02x".formatted(code)),
        stageOf(code),
        classOf(code),
        0,
        0,
        new Blob("vtd.fault-record", words),
        unit.nanoTime());
  }

  /** RID_PASID stands for requests without a PASID, since nothing else may use it. */
  private int pasid(long high) {
    int pasid = FaultRecord.PP.isSet(high) ? (int) FaultRecord.PV.get(high) : DmaRequest.NO_PASID;
    return scalable && pasid == DevicePlaces.RID_PASID ? DmaRequest.NO_PASID : pasid;
  }

  private static int access(long high) {
    int type = (int) (FaultRecord.T1.get(high) << 1 | FaultRecord.T2.get(high));
    int execute = FaultRecord.EXE.isSet(high) ? DmaRequest.EXECUTE : 0;
    return execute
        | switch (type) {
          case FaultRecord.WRITE -> DmaRequest.WRITE;
          case FaultRecord.READ -> DmaRequest.READ;
          case FaultRecord.ATOMIC -> DmaRequest.READ | DmaRequest.WRITE;
          default -> 0;
        };
  }

  /** Which stage a reason names. VT-d, "Hardware Fault Conditions". */
  static FaultStage stageOf(int code) {
    if ((code >= 0x04 && code <= 0x07) || code == 0x0C || code == 0x0E) {
      return FaultStage.SECOND;
    }
    if ((code >= 0x74 && code <= 0x7D) || code == 0x84) {
      return FaultStage.SECOND;
    }
    if ((code >= 0x70 && code <= 0x73) || (code >= 0x80 && code <= 0x82) || code >= 0x90) {
      return FaultStage.FIRST;
    }
    return FaultStage.UNKNOWN;
  }

  /** What the unit was reading when a reason came. */
  static FaultClass classOf(int code) {
    if (code >= 0x20 && code <= 0x29) {
      return FaultClass.INTERRUPT;
    }
    if (code <= 0x03 || (code >= 0x08 && code <= 0x0B) || (code >= 0x30 && code <= 0x5D)) {
      return FaultClass.CONTEXT;
    }
    boolean table =
        code == 0x07
            || code == 0x0C
            || code == 0x70
            || (code >= 0x72 && code <= 0x78)
            || (code >= 0x7A && code <= 0x7D)
            || code >= 0x90;
    return table ? FaultClass.TABLE : FaultClass.DATA;
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("faults", seen.get());
    counters.put("faults.overflows", overflows.get());
  }
}
