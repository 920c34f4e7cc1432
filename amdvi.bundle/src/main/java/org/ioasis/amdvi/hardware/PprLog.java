package org.ioasis.amdvi.hardware;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.InvalidPprRequest;
import org.ioasis.amdvi.format.PprAutoResponse;
import org.ioasis.amdvi.format.PprEntry;
import org.ioasis.amdvi.format.PprOverflowEarly;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.amdvi.format.RingBase;
import org.ioasis.amdvi.format.Status;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.kit.queue.ProducerRing;

/**
 * Peripheral page requests: the log, its overflow and early warning, automatic responses.
 * "Peripheral Page Request Log", "PPR Log Auto Response Register".
 *
 * <p>A request is accepted while PPREn and PPRLogRun are 1 and the device&#39;s entry has V, I and
 * PPR set. Others give INVALID_PPR_REQUEST, and the last of a group is answered "invalid request"
 * by the unit. A full log sets PprOverflow and stops; requests are then dropped, or with
 * PprAutoRspEn answered with the code of the register. With PprAutoRspAon too every request is
 * answered that way and none is logged.
 *
 * <p><b>Threading:</b> {@link #request} on any thread, without the unit's lock; devices are
 * answered without it. The rest under it.
 */
final class PprLog {
  private final UnitCore core;
  private final Translator translator;
  private final EventLog log;
  private final RecordRing ring;
  private final AtomicLong logged = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();

  PprLog(UnitCore core, Translator translator, EventLog log) {
    this.core = core;
    this.translator = translator;
    this.log = log;
    this.ring =
        new RecordRing(
            core, RegisterMap.PPR_LOG_BASE, RegisterMap.PPR_LOG_HEAD, RegisterMap.PPR_LOG_TAIL);
  }

  /**
   * Takes a page request.
   *
   * @return false if the unit answers "unsupported request"
   */
  boolean request(PageRequest request) {
    Latched now = core.latched;
    if (!now.enabled || !core.capabilities.pageRequests()) {
      return false;
    }
    int deviceId = request.sourceId() & 0xFFFF;
    DeviceEntry device = translator.device(deviceId);
    if (device == null) {
      return withoutEntry(now, deviceId, request);
    }
    boolean accepted =
        now.pageRequests
            && device.valid
            && !device.malformed
            && device.iotlb
            && device.pageRequests;
    if (!accepted) {
      return refuse(request);
    }
    long control = core.control();
    boolean automatic = Control.PPR_AUTO_RSP_EN.isSet(control);
    if (automatic && Control.PPR_AUTO_RSP_AON.isSet(control)) {
      automatic(request);
      return true;
    }
    return switch (log(request)) {
      case STORED -> true;
      case FULL -> {
        if (automatic) {
          automatic(request);
        } else {
          dropped.incrementAndGet();
        }
        yield true;
      }
      default -> refuse(request);
    };
  }

  /** What became of an entry; BUS_ERROR stands for a log that does not run, too. */
  private ProducerRing.Put log(PageRequest request) {
    core.enter();
    try {
      long status = core.registers.peek(RegisterMap.STATUS);
      if (Status.PPR_OVERFLOW.isSet(status)) {
        return ProducerRing.Put.FULL;
      }
      if (!Status.PPR_LOG_RUN.isSet(status)) {
        return ProducerRing.Put.BUS_ERROR;
      }
      ProducerRing.Put put = ring.put(word0(request), request.address() & -(1L << 12));
      if (put == ProducerRing.Put.STORED) {
        logged.incrementAndGet();
        raise(Status.PPR_INT.mask(), Control.PPR_INT_EN.isSet(core.control()));
        warn();
      } else if (put == ProducerRing.Put.FULL) {
        if (!core.capabilities.choices().runsOnOverflow()) {
          core.registers.clearBits(RegisterMap.STATUS, Status.PPR_LOG_RUN.mask());
        }
        raise(Status.PPR_OVERFLOW.mask(), Control.PPR_INT_EN.isSet(core.control()));
      }
      return put;
    } finally {
      core.leave();
    }
  }

  /** The early warning: as many entries wait as the threshold says. */
  private void warn() {
    long register = core.registers.peek(RegisterMap.PPR_OVERFLOW_EARLY);
    if (PprOverflowEarly.EN.isSet(register)
        && ring.used() >= PprOverflowEarly.THRESHOLD.get(register)
        && !Status.PPR_OVERFLOW_EARLY.isSet(core.registers.peek(RegisterMap.STATUS))) {
      raise(Status.PPR_OVERFLOW_EARLY.mask(), PprOverflowEarly.INT_EN.isSet(register));
    }
  }

  private void raise(long status, boolean interrupts) {
    core.registers.setBits(RegisterMap.STATUS, status);
    if (interrupts) {
      core.later(UnitCore.PPR_MESSAGE);
    }
  }

  private static long word0(PageRequest request) {
    int access = request.access();
    return PprEntry.CODE.of(PprEntry.PAGE_SERVICE_REQUEST)
        | place(request)
        | ((access & DmaRequest.EXECUTE) != 0 ? PprEntry.EXECUTE.mask() : 0)
        | ((access & DmaRequest.READ) != 0 ? PprEntry.READ.mask() : 0)
        | ((access & DmaRequest.WRITE) != 0 ? PprEntry.WRITE.mask() : 0)
        | (request.privileged() ? 0 : PprEntry.US.mask());
  }

  /** Who asks for which group: the fields that an entry and INVALID_PPR_REQUEST share. */
  private static long place(PageRequest request) {
    int pasid = request.pasid();
    long tagged =
        PprEntry.DEVICE_ID.of(request.sourceId() & 0xFFFF)
            | PprEntry.PRG_INDEX.of(request.group() & 0x1FF)
            | (request.last() ? PprEntry.LAST.mask() : 0);
    return pasid < 0
        ? tagged
        : tagged
            | PprEntry.GN.mask()
            | PprEntry.PASID_15_0.of(pasid & 0xFFFF)
            | PprEntry.PASID_19_16.of(pasid >>> 16 & 0xF);
  }

  private boolean withoutEntry(Latched now, int deviceId, PageRequest request) {
    long at = now.entryAddress(deviceId);
    if (at < 0) {
      return refuse(request);
    }
    MemoryStatus status = core.environment.memory().status(at, Dte.BYTES);
    log.report(Faults.deviceTableWord0(deviceId, status, 0), at);
    answer(request, PageResponse.Code.RESPONSE_FAILURE, request.pasid());
    return true;
  }

  private boolean refuse(PageRequest request) {
    refused.incrementAndGet();
    log.report(
        Event.CODE.of(Event.INVALID_PPR_REQUEST) | place(request) | InvalidPprRequest.RX.mask(),
        request.address());
    answer(request, PageResponse.Code.INVALID_REQUEST, request.pasid());
    return true;
  }

  private void automatic(PageRequest request) {
    long register = core.registers.peek(RegisterMap.PPR_AUTO_RESPONSE);
    answered.incrementAndGet();
    boolean masked = PprAutoResponse.MASK_GN.isSet(register);
    answer(
        request,
        CommandExecutor.code((int) PprAutoResponse.CODE.get(register)),
        masked ? DmaRequest.NO_PASID : request.pasid());
  }

  /** The unit's own answer, which only the last request of a group gets. */
  private void answer(PageRequest request, PageResponse.Code code, int pasid) {
    if (request.last()) {
      PageResponse response = new PageResponse(request.sourceId(), pasid, request.group(), code);
      core.environment
          .endpoint(request.sourceId())
          .ifPresent(endpoint -> endpoint.pageResponse(response));
    }
  }

  /** CONTROL changed: the log runs while it and the unit are enabled. */
  void controlled(long value, long old) {
    if (UnitCore.changes(value, old, Control.IOMMU_EN.mask() | Control.PPR_LOG_EN.mask())) {
      boolean usable = RingBase.isLegal(core.registers.peek(RegisterMap.PPR_LOG_BASE));
      boolean runs = UnitCore.enables(value, Control.PPR_LOG_EN) && usable;
      if (runs && core.capabilities.choices().restartClearsOverflow()) {
        core.registers.clearBits(RegisterMap.STATUS, Status.PPR_OVERFLOW.mask());
      }
      if (runs) {
        core.registers.setBits(RegisterMap.STATUS, Status.PPR_LOG_RUN.mask());
      } else {
        core.registers.clearBits(RegisterMap.STATUS, Status.PPR_LOG_RUN.mask());
      }
    }
  }

  /** PPR_LOG_BASE was written. */
  void rewind() {
    ring.rewind();
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("ppr.logged", logged.get());
    counters.put("ppr.dropped", dropped.get());
    counters.put("ppr.autoAnswered", answered.get());
    counters.put("ppr.refused", refused.get());
  }
}
