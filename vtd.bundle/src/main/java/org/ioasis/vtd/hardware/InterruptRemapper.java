package org.ioasis.vtd.hardware;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.memory.Word128;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.InterruptEntry;
import org.ioasis.vtd.format.InterruptMessage;
import org.ioasis.vtd.format.InterruptRequest;
import org.ioasis.vtd.format.Irta;
import org.ioasis.vtd.format.PostedInterruptEntry;

/**
 * Interrupt remapping. VT-d, "Interrupt Remapping Hardware Operation". The checks, in order:
 *
 * <ol>
 *   <li>IRES=0: the interrupt passes unchanged.
 *   <li>Compatibility format: blocked (25h) with EIME=1 or CFIS=0, else it passes.
 *   <li>Reserved bits of the request (20h); index beyond the table, or its entry beyond the host
 *       address width (21h); entry unreadable (23h).
 *   <li>Entry not present (22h), its reserved bits (24h), source validation (26h), posted format
 *       without CAP.PI (24h). FPD of the entry suppresses the record of these, and of 27h and 28h.
 * </ol>
 *
 * <p>A unit without CAP.PI knows the remapped format only, so the fields of a posted entry meet the
 * reserved bits of that format first.
 *
 * <p><b>Threading:</b> any thread. A hit in the interrupt entry cache takes no lock and allocates
 * nothing; a refused interrupt takes the unit's lock to write its record. The epoch is read before
 * the latched state, so that no entry of a table that SIRTP replaced is put into the cache after
 * SIRTP emptied it.
 */
final class InterruptRemapper {
  private final UnitCore core;
  private final PhysicalMemory memory;
  private final InterruptEntryCache cache;
  private final FaultRecorder recorder;
  private final InterruptPoster poster;
  private final boolean canPost;
  private final boolean canExtend;
  private final long addressMask;
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong unrecorded = new AtomicLong();

  InterruptRemapper(UnitCore core, InterruptEntryCache cache, FaultRecorder recorder) {
    this.core = core;
    this.memory = core.environment.memory();
    this.cache = cache;
    this.recorder = recorder;
    this.poster = new InterruptPoster(memory);
    this.canPost = core.capabilities.postedInterrupts();
    this.canExtend = core.capabilities.extendedInterruptMode();
    this.addressMask = core.capabilities.addressMask();
  }

  /**
   * Remaps an interrupt in place.
   *
   * @return whether there is something to deliver: the remapped interrupt, or the notification of a
   *     posted one
   */
  boolean remap(MsiMessage message) {
    long epoch = cache.epoch();
    Latched now = core.latched;
    if (!now.interruptRemapping()) {
      return true;
    }
    boolean extended = canExtend && Irta.EIME.isSet(now.interruptTable());
    if (!InterruptRequest.isRemappable(message.address())) {
      return (!extended && now.compatibilityFormat()) || refuse(message, FaultReason.IR_25, 0);
    }
    if (InterruptRequest.hasReserved(message.address(), message.data())) {
      return refuse(message, FaultReason.IR_20, 0);
    }
    int index = InterruptRequest.index(message.address(), message.data());
    long at = entryAddress(now.interruptTable(), index);
    if (at < 0) {
      return refuse(message, FaultReason.IR_21, index);
    }
    InterruptEntryCache.Entry entry = cache.lookup(index);
    if (entry == null) {
      entry = fetch(index, at);
      if (entry == null) {
        return refuse(message, FaultReason.IR_23, index);
      }
      FaultReason objection = objection(entry, extended);
      if (objection != null) {
        return refuse(message, objection, entry);
      }
      if (canPost || !InterruptEntry.IM.isSet(entry.lo)) {
        cache.fill(epoch, entry);
      }
    }
    return deliver(message, entry, extended);
  }

  /** Where the entry of an index lies; negative if the table has none. */
  private long entryAddress(long irta, int index) {
    long at = InterruptEntry.address(Irta.IRTA.inPlace(irta), index);
    return index < Irta.entries(irta) && (at & ~addressMask) == 0 ? at : -1;
  }

  private InterruptEntryCache.Entry fetch(int index, long at) {
    Word128 words = new Word128();
    return memory.load128(at, words) == MemoryStatus.OK
        ? new InterruptEntryCache.Entry(index, words.lo(), words.hi())
        : null;
  }

  /** What the entry itself is refused for, null for nothing. */
  private FaultReason objection(InterruptEntryCache.Entry entry, boolean extended) {
    if (!InterruptEntry.P.isSet(entry.lo)) {
      return FaultReason.IR_22;
    }
    boolean reserved =
        isPosted(entry)
            ? PostedInterruptEntry.hasReserved(entry.lo, entry.hi, addressMask)
            : InterruptEntry.hasReserved(entry.lo, entry.hi, extended);
    return reserved ? FaultReason.IR_24 : null;
  }

  private boolean isPosted(InterruptEntryCache.Entry entry) {
    return canPost && InterruptEntry.IM.isSet(entry.lo);
  }

  private boolean deliver(MsiMessage message, InterruptEntryCache.Entry entry, boolean extended) {
    if (!InterruptEntry.admits(entry.hi, message.sourceId())) {
      return refuse(message, FaultReason.IR_26, entry);
    }
    if (isPosted(entry)) {
      int outcome = poster.post(message, entry, extended);
      if (outcome < 0) {
        return outcome == InterruptPoster.NOTIFY;
      }
      return refuse(
          message,
          outcome == FaultReason.IR_28.code ? FaultReason.IR_28 : FaultReason.IR_27,
          entry);
    }
    if (InterruptEntry.IM.isSet(entry.lo)) {
      return refuse(message, FaultReason.IR_24, entry);
    }
    message.set(
        message.sourceId(),
        InterruptMessage.address(
            InterruptEntry.destination(entry.lo, extended),
            InterruptEntry.RH.get(entry.lo),
            InterruptEntry.DM.get(entry.lo)),
        InterruptMessage.data(
            InterruptEntry.V.get(entry.lo),
            InterruptEntry.DLM.get(entry.lo),
            InterruptEntry.TM.get(entry.lo)));
    return true;
  }

  /** Refuses for a reason that came with an entry: its FPD counts. */
  private boolean refuse(MsiMessage message, FaultReason reason, InterruptEntryCache.Entry entry) {
    if (reason.qualified && InterruptEntry.FPD.isSet(entry.lo)) {
      refused.incrementAndGet();
      unrecorded.incrementAndGet();
      return false;
    }
    return refuse(message, reason, (int) entry.key());
  }

  private boolean refuse(MsiMessage message, FaultReason reason, int index) {
    refused.incrementAndGet();
    recorder.interrupt(message.sourceId(), reason.code, index & 0xFFFF);
    return false;
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("interrupts.refused", refused.get());
    counters.put("interrupts.unrecorded", unrecorded.get());
    counters.put("interrupts.posted", poster.posted());
  }
}
