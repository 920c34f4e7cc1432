package org.ioasis.domain.swap;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceInterrupts;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.TransferStatus;

/**
 * A device that raises its interrupt again and again, with the message it was programmed with last,
 * as hardware does; a message that meets the closed port is raised anew.
 *
 * <p><b>Threading:</b> one thread runs it. {@code this} makes reading the message and sending it
 * one step for whoever programs it.
 */
final class InterruptSender implements Runnable {
  private record Message(long address, int data) {}

  private static final long PAUSE_NANOS = 200_000;

  private final DmaChannel channel;
  private final AtomicLong handled = new AtomicLong();
  private Message message;
  private volatile boolean stop;
  private long sent;
  private long refused;

  /** Its engine gives a message up at once when it meets a closed port. */
  InterruptSender(DmaChannel channel) {
    this.channel = channel;
  }

  /** Takes an interrupt of a device. */
  DeviceInterrupts begin(Device device) {
    return device.interrupts(
        1,
        (index, address, data) -> program(new Message(address, data)),
        index -> handled.incrementAndGet());
  }

  private synchronized void program(Message next) {
    message = next;
  }

  private synchronized TransferStatus send() {
    return channel.interrupt(message.address(), message.data());
  }

  @Override
  public void run() {
    while (!stop) {
      TransferStatus status = send();
      if (status == TransferStatus.OK) {
        sent++;
      } else if (status != TransferStatus.BLOCKED) {
        refused++;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Ends the run. */
  void stop() {
    stop = true;
  }

  /** Messages that went. */
  long sent() {
    return sent;
  }

  /** Messages that a unit refused. */
  long refused() {
    return refused;
  }

  /** Messages that arrived. */
  long handled() {
    return handled.get();
  }
}
