package org.ioasis.vtd.hardware;

import java.util.concurrent.atomic.LongAdder;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.InterruptEntry;
import org.ioasis.vtd.format.InterruptMessage;
import org.ioasis.vtd.format.PostedInterruptDescriptor;
import org.ioasis.vtd.format.PostedInterruptEntry;

/**
 * Posts interrupts into memory. VT-d, "Interrupt-Posting Hardware Operation": sets the vector's bit
 * of PIR, then, if ON=0 and URG=1 or SN=0, sets ON and notifies NV at NDST.
 *
 * <p>PIR and ON lie in different quadwords, and each is changed by an atomic read-modify-write, PIR
 * first: software that clears ON and then takes PIR misses nothing.
 *
 * <p><b>Threading:</b> any thread; no lock, no allocation.
 */
final class InterruptPoster {
  /** Posted; the message now is the notification. */
  static final int NOTIFY = -1;

  /** Posted; there is nothing to deliver. */
  static final int SILENT = -2;

  /** Bound of an exchange that others keep disturbing; beyond it the access counts as failed. */
  private static final int MOST_TRIES = 1 << 20;

  private static final int WORDS = PostedInterruptDescriptor.BYTES / Long.BYTES;

  private final PhysicalMemory memory;
  private final LongAdder posted = new LongAdder();

  InterruptPoster(PhysicalMemory memory) {
    this.memory = memory;
  }

  /** Interrupts posted so far. */
  long posted() {
    return posted.sum();
  }

  /**
   * Posts.
   *
   * @param message rewritten if a notification is due
   * @param entry a present entry in posted format
   * @param extended EIME
   * @return {@link #NOTIFY}, {@link #SILENT}, or the number of the reason it is refused for
   */
  int post(MsiMessage message, InterruptEntryCache.Entry entry, boolean extended) {
    long descriptor = PostedInterruptEntry.descriptor(entry.lo, entry.hi);
    if (memory.status(descriptor, PostedInterruptDescriptor.BYTES) != MemoryStatus.OK) {
      return FaultReason.IR_27.code;
    }
    if (hasReserved(descriptor)) {
      return FaultReason.IR_28.code;
    }
    int vector = (int) InterruptEntry.V.get(entry.lo);
    if (!request(
        descriptor + PostedInterruptDescriptor.requestOffset(vector),
        PostedInterruptDescriptor.requestBit(vector))) {
      return FaultReason.IR_27.code;
    }
    posted.increment();
    boolean urgent = PostedInterruptEntry.URG.isSet(entry.lo);
    return notify(
        message, descriptor + Long.BYTES * PostedInterruptDescriptor.CONTROL, urgent, extended);
  }

  private boolean hasReserved(long descriptor) {
    for (int word = PostedInterruptDescriptor.CONTROL; word < WORDS; word++) {
      long value = memory.load64(descriptor + (long) Long.BYTES * word);
      if ((value & PostedInterruptDescriptor.reserved(word)) != 0) {
        return true;
      }
    }
    return false;
  }

  /** Sets the bit. The exchange also happens if it was set, for its order towards ON. */
  private boolean request(long address, long bit) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      long found = memory.load64(address);
      if (memory.compareAndExchange64(address, found, found | bit) == found) {
        return true;
      }
    }
    return false;
  }

  private int notify(MsiMessage message, long address, boolean urgent, boolean extended) {
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      long control = memory.load64(address);
      boolean due =
          !PostedInterruptDescriptor.ON.isSet(control)
              && (urgent || !PostedInterruptDescriptor.SN.isSet(control));
      if (!due) {
        return SILENT;
      }
      long on = control | PostedInterruptDescriptor.ON.mask();
      if (memory.compareAndExchange64(address, control, on) == control) {
        int destination = PostedInterruptDescriptor.destination(control, extended);
        message.set(
            message.sourceId(),
            InterruptMessage.address(destination, 0, 0),
            InterruptMessage.data(PostedInterruptDescriptor.NV.get(control), 0, 0));
        return NOTIFY;
      }
    }
    return FaultReason.IR_27.code;
  }
}
