package org.ioasis.vtd.hardware;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.vtd.format.FaultRecord;
import org.ioasis.vtd.format.Fsts;
import org.ioasis.vtd.format.RegisterMap;

/**
 * Primary fault recording. VT-d, "Primary Fault Logging".
 *
 * <ol>
 *   <li>FSTS.PFO=1: the fault is lost.
 *   <li>Some record with F=1 has the same source id: the fault is collapsed into it.
 *   <li>The next record still has F=1: PFO is set and the fault is lost.
 *   <li>The record is written, F last; if PPF was 0, FRI names the record, PPF is set and the event
 *       raised; the next record is the one that follows, modulo their number.
 * </ol>
 *
 * <p>FI holds the whole page address of the request. Addresses beyond MGAW are recorded as they
 * came: that is what the captured machines do, although a datasheet lets these bits read 0. A
 * request without PASID whose walk failed in scalable mode is recorded with RID_PASID, under whose
 * entry it was walked: that too is what the captured machines do; faults met before the walk are
 * recorded without.
 *
 * <p><b>Threading:</b> a record takes the unit's lock for a few register accesses; nothing
 * allocates.
 */
final class FaultRecorder {
  private final UnitCore core;
  private final RegisterFile<VtdUnit> registers;
  private final int first;
  private final int count;
  private final boolean recordsAddressType;

  /** The record to be used next; guarded by the unit's lock. */
  private int next;

  private final AtomicLong recorded = new AtomicLong();
  private final AtomicLong collapsed = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();

  FaultRecorder(UnitCore core) {
    this.core = core;
    this.registers = core.registers;
    this.first = core.capabilities.faultRecordOffset();
    this.count = core.capabilities.faultRecords();
    this.recordsAddressType = core.capabilities.deviceTlb();
  }

  /**
   * Records a refused DMA request, with the reason it holds.
   *
   * @param requester the context-entry whose RID_PASID and RID_PRIV a request without PASID was
   *     walked with; null if it was not walked with any
   */
  void dma(DmaRequest request, Context requester) {
    if (request.hasPasid()) {
      dma(request, type(request), request.pasid(), request.isPrivileged());
    } else if (requester != null) {
      dma(request, type(request), requester.ridPasid, requester.ridPrivileged);
    } else {
      dma(request, type(request), DmaRequest.NO_PASID, false);
    }
  }

  /** Records a refused page request, with the reason it holds. */
  void pageRequest(DmaRequest request) {
    dma(request, FaultRecord.PAGE_REQUEST, request.pasid(), request.isPrivileged());
  }

  private void dma(DmaRequest request, int type, int pasid, boolean privileged) {
    int addressType = recordsAddressType ? request.addressType() : 0;
    long high = FaultRecord.high(request.sourceId(), request.faultCode(), type, addressType);
    if (pasid != DmaRequest.NO_PASID) {
      boolean execute = (request.access() & DmaRequest.EXECUTE) != 0;
      high |= FaultRecord.pasid(pasid, execute, privileged);
    }
    record(FaultRecord.FI.inPlace(request.iova()), high);
  }

  /** Records a refused interrupt request. */
  void interrupt(int source, int reason, int index) {
    record(FaultRecord.II.of(index), FaultRecord.high(source, reason, FaultRecord.WRITE, 0));
  }

  private static int type(DmaRequest request) {
    if (request.isAtomic()) {
      return FaultRecord.ATOMIC;
    }
    return request.isWrite() ? FaultRecord.WRITE : FaultRecord.READ;
  }

  private void record(long low, long high) {
    core.enter();
    try {
      if (Fsts.PFO.isSet(registers.peek(RegisterMap.FSTS))) {
        lost.incrementAndGet();
      } else if (hasRecordOf(FaultRecord.SID.get(high))) {
        collapsed.incrementAndGet();
      } else if (FaultRecord.F.isSet(registers.peek(highOf(next)))) {
        registers.setBits(RegisterMap.FSTS, Fsts.PFO.mask());
        lost.incrementAndGet();
      } else {
        write(low, high);
      }
    } finally {
      core.leave();
    }
  }

  private void write(long low, long high) {
    registers.poke(first + 16 * next, low);
    registers.poke(highOf(next), high);
    recorded.incrementAndGet();
    if (!Fsts.PPF.isSet(registers.peek(RegisterMap.FSTS))) {
      registers.clearBits(RegisterMap.FSTS, Fsts.FRI.mask());
      registers.setBits(RegisterMap.FSTS, Fsts.FRI.of(next));
      core.faultEvent.raise(Fsts.PPF.mask());
    }
    next = (next + 1) % count;
  }

  private boolean hasRecordOf(long source) {
    for (int index = 0; index < count; index++) {
      long high = registers.peek(highOf(index));
      if (FaultRecord.F.isSet(high) && FaultRecord.SID.get(high) == source) {
        return true;
      }
    }
    return false;
  }

  private int highOf(int index) {
    return first + 16 * index + 8;
  }

  /**
   * Software cleared F of a record: PPF follows, and with the last status bit IP. Under the lock.
   */
  void recordCleared() {
    for (int index = 0; index < count; index++) {
      if (FaultRecord.F.isSet(registers.peek(highOf(index)))) {
        return;
      }
    }
    registers.clearBits(RegisterMap.FSTS, Fsts.PPF.mask());
    core.faultEvent.statusServiced();
  }

  /** Which record comes next after a reset or an import. Under the lock. */
  void restart(int index) {
    next = index % count;
  }

  /** The record that comes next. */
  int next() {
    return next;
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("faults.recorded", recorded.get());
    counters.put("faults.collapsed", collapsed.get());
    counters.put("faults.lost", lost.get());
  }
}
