package org.ioasis.smmuv3.hardware;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.queue.ProducerRing;
import org.ioasis.kit.queue.Ring;
import org.ioasis.kit.registers.RegisterFile;
import org.ioasis.smmuv3.format.Gerror;
import org.ioasis.smmuv3.format.IrqCtrl;
import org.ioasis.smmuv3.format.PriRecord;
import org.ioasis.smmuv3.format.QueueBase;
import org.ioasis.smmuv3.format.QueuePointer;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * The PRI queue and the answers the unit gives by itself. "Page request queue", "Miscellaneous".
 * The unit keeps no state of a group.
 *
 * <p><b>Threading:</b> everything but {@link #request} and the counters under the unit's lock.
 */
final class PriQueue {
  private static final long INTERRUPT_ON_LAST = 1L << 31;

  private final UnitCore core;
  private final RegisterFile<SmmuUnit> registers;
  private final Translator translator;
  private final ProducerRing producer;
  private Ring ring;

  private final AtomicLong recorded = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();

  PriQueue(UnitCore core, Translator translator) {
    this.core = core;
    this.registers = core.registers;
    this.translator = translator;
    this.producer = new ProducerRing(core.environment.memory());
    restart();
  }

  /** Takes the base register; at PRIQEN and after an import. */
  void restart() {
    long base = registers.peek(RegisterMap.PRIQ_BASE);
    int lg2 = QueueBase.entriesLg2(base, core.capabilities.priQueueLg2());
    long address = core.truncated(QueueBase.address(base, lg2, QueueBase.PRI_LG2));
    ring = new Ring(address, lg2, QueueBase.PRI_LG2, true);
  }

  /** Takes a page request; without the lock. */
  void request(PageRequest request) {
    boolean carriesPasid = carriesPasid(request);
    boolean known = carriesPasid || request.pasid() == DmaRequest.NO_PASID || isKnown(request);
    core.enter();
    try {
      PageResponse.Code answer = take(request);
      if (answer == null) {
        recorded.incrementAndGet();
        return;
      }
      dropped.incrementAndGet();
      if (request.last() && !isStopMarker(request)) {
        respond(request, answer, carriesPasid, known);
      }
    } finally {
      core.leave();
    }
  }

  private static boolean isStopMarker(PageRequest request) {
    return request.last() && request.access() == 0 && request.pasid() != DmaRequest.NO_PASID;
  }

  /** Whether an automatic success has the PASID of the request: IDR3.PPS, else STE.PPAR. */
  private boolean carriesPasid(PageRequest request) {
    if (request.pasid() == DmaRequest.NO_PASID) {
      return false;
    }
    return core.capabilities.responsesCarryPasid() || stream(request).responsesCarryPasid;
  }

  private boolean isKnown(PageRequest request) {
    return core.capabilities.responsesCarryPasid() || stream(request).verdict == 0;
  }

  private StreamEntry stream(PageRequest request) {
    return translator.stream(request.sourceId(), core.latched, InvalidationEpoch.NO_FILL);
  }

  /** Records the request; null if it did, else the automatic answer. */
  private PageResponse.Code take(PageRequest request) {
    if (!core.isPriEnabled() || core.isActive(Gerror.PRIQ_ABT_ERR.mask())) {
      return PageResponse.Code.RESPONSE_FAILURE;
    }
    long prod = registers.peek(RegisterMap.PRIQ_PROD);
    long cons = registers.peek(RegisterMap.PRIQ_CONS);
    boolean overflowed = QueuePointer.OVERFLOW.isSet(prod ^ cons);
    if (overflowed || ring.isFull(cons, prod)) {
      if (!overflowed) {
        registers.poke(RegisterMap.PRIQ_PROD, prod ^ QueuePointer.OVERFLOW.mask());
      }
      interrupt(false, request.last());
      return PageResponse.Code.SUCCESS;
    }
    long[] record = {first(request), PriRecord.PRGINDEX.of(request.group()) | page(request)};
    if (producer.put(ring, cons, prod, record) != ProducerRing.Put.STORED) {
      core.raise(Gerror.PRIQ_ABT_ERR.mask());
      return PageResponse.Code.RESPONSE_FAILURE;
    }
    long flag = prod & QueuePointer.OVERFLOW.mask();
    registers.poke(RegisterMap.PRIQ_PROD, ring.next(prod) | flag);
    interrupt(ring.isEmpty(cons, prod), request.last());
    return null;
  }

  private static long page(PageRequest request) {
    return PriRecord.ADDR.inPlace(request.address());
  }

  private static long first(PageRequest request) {
    int access = request.access();
    boolean hasPasid = request.pasid() != DmaRequest.NO_PASID;
    return PriRecord.SID.of(Integer.toUnsignedLong(request.sourceId()))
        | (hasPasid ? PriRecord.SSID.of(request.pasid()) | PriRecord.SSV.mask() : 0)
        | (request.privileged() ? PriRecord.PRIV.mask() : 0)
        | ((access & DmaRequest.EXECUTE) != 0 ? PriRecord.X.mask() : 0)
        | ((access & DmaRequest.READ) != 0 ? PriRecord.R.mask() : 0)
        | ((access & DmaRequest.WRITE) != 0 ? PriRecord.W.mask() : 0)
        | (request.last() ? PriRecord.LAST.mask() : 0);
  }

  /** LO chooses: when the queue is no longer empty, or on the last of a group, dropped or not. */
  private void interrupt(boolean wasEmpty, boolean last) {
    boolean onLast = (registers.peek(RegisterMap.PRIQ_IRQ_CFG2) & INTERRUPT_ON_LAST) != 0;
    if ((onLast ? last : wasEmpty) && core.isInterrupting(IrqCtrl.PRIQ_IRQEN.mask())) {
      core.later(UnitCore.PRI_MESSAGE);
    }
  }

  private void respond(
      PageRequest request, PageResponse.Code code, boolean carriesPasid, boolean known) {
    boolean success = code == PageResponse.Code.SUCCESS && known;
    PageResponse response =
        new PageResponse(
            request.sourceId(),
            success && carriesPasid ? request.pasid() : DmaRequest.NO_PASID,
            request.group(),
            success ? code : PageResponse.Code.RESPONSE_FAILURE);
    core.later(
        () ->
            core.environment
                .endpoint(request.sourceId())
                .ifPresent(device -> device.pageResponse(response)));
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("pages.recorded", recorded.get());
    counters.put("pages.dropped", dropped.get());
  }
}
