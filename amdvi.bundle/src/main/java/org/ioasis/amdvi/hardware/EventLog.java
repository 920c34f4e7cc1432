package org.ioasis.amdvi.hardware;

import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.HardwareEventStatus;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.amdvi.format.Status;
import org.ioasis.kit.queue.ProducerRing;

/**
 * The event log and the hardware error registers. "Event Logging", "IOMMU Hardware Error
 * Registers".
 *
 * <p>An event is logged while EventLogRun=1 and EventOverflow=0, otherwise it is lost. A full ring
 * sets EventOverflow and stops the log until software enables it again. Hardware errors are held in
 * their registers too, whether the log runs or not.
 *
 * <p><b>Threading:</b> {@link #report} and {@link #suppresses} from any thread, without the unit's
 * lock; the rest under it. The list of devices whose first fault was logged is atomic.
 */
final class EventLog {
  private static final int DEVICES_LG2 = 16;

  private final UnitCore core;
  private final RecordRing ring;
  private final boolean holdsErrors;

  /** Bit per DeviceID: a page fault has been logged since the entry was fetched. */
  private final AtomicIntegerArray faulted = new AtomicIntegerArray(1 << (DEVICES_LG2 - 5));

  private final AtomicLong logged = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong suppressed = new AtomicLong();

  EventLog(UnitCore core) {
    this.core = core;
    this.ring =
        new RecordRing(
            core,
            RegisterMap.EVENT_LOG_BASE,
            RegisterMap.EVENT_LOG_HEAD,
            RegisterMap.EVENT_LOG_TAIL);
    this.holdsErrors = core.capabilities.hardwareErrors();
  }

  /** Reports an event. */
  void report(long word0, long word1) {
    core.enter();
    try {
      int code = Event.code(word0);
      if (holdsErrors
          && (code == Event.DEV_TAB_HARDWARE_ERROR
              || code == Event.PAGE_TAB_HARDWARE_ERROR
              || code == Event.COMMAND_HARDWARE_ERROR)) {
        hold(word0, word1);
      }
      log(word0, word1);
    } finally {
      core.leave();
    }
  }

  private void hold(long word0, long word1) {
    long status = core.registers.peek(RegisterMap.HW_EVENT_STATUS);
    if (HardwareEventStatus.HEV.isSet(status)) {
      core.registers.setBits(RegisterMap.HW_EVENT_STATUS, HardwareEventStatus.HEO.mask());
    } else {
      core.registers.poke(RegisterMap.HW_EVENT_UPPER, word0);
      core.registers.poke(RegisterMap.HW_EVENT_LOWER, word1);
      core.registers.setBits(RegisterMap.HW_EVENT_STATUS, HardwareEventStatus.HEV.mask());
    }
  }

  private void log(long word0, long word1) {
    long status = core.registers.peek(RegisterMap.STATUS);
    if (!Status.EVENT_LOG_RUN.isSet(status) || Status.EVENT_OVERFLOW.isSet(status)) {
      lost.incrementAndGet();
      return;
    }
    ProducerRing.Put put = ring.put(word0, word1);
    if (put == ProducerRing.Put.STORED) {
      logged.incrementAndGet();
      raise(Status.EVENT_LOG_INT.mask());
      return;
    }
    lost.incrementAndGet();
    if (put == ProducerRing.Put.FULL) {
      if (!core.capabilities.choices().runsOnOverflow()) {
        core.registers.clearBits(RegisterMap.STATUS, Status.EVENT_LOG_RUN.mask());
      }
      raise(Status.EVENT_OVERFLOW.mask());
    }
  }

  private void raise(long status) {
    core.registers.setBits(RegisterMap.STATUS, status);
    if (Control.EVENT_INT_EN.isSet(core.control())) {
      core.later(UnitCore.GENERAL_MESSAGE);
    }
  }

  /** CONTROL changed: the log runs while it and the unit are enabled. */
  void controlled(long value, long old) {
    if (UnitCore.changes(value, old, Control.IOMMU_EN.mask() | Control.EVENT_LOG_EN.mask())) {
      boolean runs = UnitCore.enables(value, Control.EVENT_LOG_EN) && ring.isUsable();
      if (runs && core.capabilities.choices().restartClearsOverflow()) {
        core.registers.clearBits(RegisterMap.STATUS, Status.EVENT_OVERFLOW.mask());
      }
      if (runs) {
        core.registers.setBits(RegisterMap.STATUS, Status.EVENT_LOG_RUN.mask());
      } else {
        core.registers.clearBits(RegisterMap.STATUS, Status.EVENT_LOG_RUN.mask());
      }
    }
  }

  /** EVENT_LOG_BASE was written. */
  void rewind() {
    ring.rewind();
  }

  /**
   * Whether a page fault of a memory request goes unlogged: SA, or SE after the first one. Counts
   * this one.
   */
  boolean suppresses(DeviceEntry device) {
    boolean quiet =
        device.suppressAll || (device.suppressAfterFirst && !isFirstFault(device.deviceId()));
    if (quiet) {
      suppressed.incrementAndGet();
    }
    return quiet;
  }

  private boolean isFirstFault(int deviceId) {
    int bit = 1 << deviceId;
    return (faulted.getAndAccumulate(deviceId >>> 5, bit, (old, more) -> old | more) & bit) == 0;
  }

  /** The entry of a device will be fetched again: its next fault is the first. */
  void rearm(int deviceId) {
    faulted.getAndAccumulate(deviceId >>> 5, ~(1 << deviceId), (old, others) -> old & others);
  }

  /** All entries will be fetched again. */
  void rearmAll() {
    for (int word = 0; word < faulted.length(); word++) {
      faulted.set(word, 0);
    }
  }

  /** Counts a page fault that IG or SupIOPF kept out of the log. */
  void suppressed() {
    suppressed.incrementAndGet();
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("events.logged", logged.get());
    counters.put("events.lost", lost.get());
    counters.put("events.suppressed", suppressed.get());
  }
}
