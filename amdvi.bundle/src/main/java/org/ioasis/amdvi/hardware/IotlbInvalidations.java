package org.ioasis.amdvi.hardware;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.amdvi.format.CommandEvent;
import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.Event;
import org.ioasis.amdvi.format.InvalidateIotlbPages;
import org.ioasis.amdvi.format.InvalidationAddress;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.TimeSource;

/**
 * Invalidations that devices have been asked for and have not answered. One that is not answered
 * within Control.InvTimeOut gives IOTLB_INV_TIMEOUT and counts as ended; a later answer is ignored.
 * "INVALIDATE_IOTLB_PAGES", "IOTLB_INV_TIMEOUT Event".
 *
 * <p>A DeviceID without a device never answers. With InvTimeOut=0 nothing would end that, so it
 * counts as ended at once.
 *
 * <p><b>Threading:</b> {@link #send} by the command buffer's turn, without a lock; answers and
 * time-outs on any thread.
 */
final class IotlbInvalidations {
  private final UnitCore core;
  private final EventLog log;

  /** Devices that are awaited; a reset begins with a new count, and the old waits end in theirs. */
  private volatile AtomicInteger pending = new AtomicInteger();

  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong timedOut = new AtomicLong();

  IotlbInvalidations(UnitCore core, EventLog log) {
    this.core = core;
    this.log = log;
  }

  /** After a reset or an import nobody is awaited. */
  void forget() {
    pending = new AtomicInteger();
  }

  /** Whether every device has answered or timed out. */
  boolean areAnswered() {
    return pending.get() == 0;
  }

  /**
   * Asks a device to forget translations.
   *
   * @param command address of the command, for the event
   */
  void send(long word0, long word1, long command) {
    int deviceId = (int) InvalidateIotlbPages.DEVICE_ID.get(word0);
    Optional<Endpoint> endpoint = core.environment.endpoint(deviceId);
    long timeout = Control.invalidationTimeout(core.control());
    sent.incrementAndGet();
    if (endpoint.isEmpty() && timeout == 0) {
      return;
    }
    boolean guest = InvalidateIotlbPages.GN.isSet(word0, word1);
    AtcInvalidation invalidation =
        new AtcInvalidation(
            deviceId,
            guest ? InvalidateIotlbPages.pasid(word0) : DmaRequest.NO_PASID,
            InvalidationAddress.base(word1),
            InvalidationAddress.sizeLg2(word1),
            false);
    Wait wait = new Wait(pending, deviceId, command);
    wait.count.incrementAndGet();
    if (timeout != 0) {
      wait.timer = core.environment.time().schedule(timeout, wait::expire);
    }
    endpoint.ifPresent(device -> device.invalidateAtc(invalidation, wait::answered));
  }

  private void ended(AtomicInteger count) {
    count.decrementAndGet();
    core.enter();
    try {
      core.later(UnitCore.RUN_COMMANDS);
    } finally {
      core.leave();
    }
  }

  /** One device's answer that is awaited. */
  private final class Wait {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger count;
    private final int deviceId;
    private final long command;
    private volatile TimeSource.Timer timer;

    Wait(AtomicInteger count, int deviceId, long command) {
      this.count = count;
      this.deviceId = deviceId;
      this.command = command;
    }

    void answered() {
      if (over.compareAndSet(false, true)) {
        TimeSource.Timer running = timer;
        if (running != null) {
          running.cancel();
        }
        ended(count);
      }
    }

    void expire() {
      if (over.compareAndSet(false, true)) {
        timedOut.incrementAndGet();
        log.report(
            Event.CODE.of(Event.IOTLB_INV_TIMEOUT) | CommandEvent.DEVICE_ID.of(deviceId), command);
        ended(count);
      }
    }
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("iotlb.sent", sent.get());
    counters.put("iotlb.timedOut", timedOut.get());
  }
}
