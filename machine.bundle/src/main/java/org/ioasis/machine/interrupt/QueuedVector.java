package org.ioasis.machine.interrupt;

import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;

/**
 * A vector whose handler runs as work of the machine. A message is a kick: kicks are never lost, so
 * the handler runs at least once after each message, and its turns never overlap.
 *
 * <p><b>Threading:</b> any thread.
 */
final class QueuedVector implements InterruptSource.Vector {
  private final Scheduler scheduler;
  private final String name;
  private final long address;
  private final int data;
  private final AtomicLong posted = new AtomicLong();
  private final WorkQueue queue;
  private volatile InterruptSource.Handler handler;
  private volatile Runnable closed = () -> {};

  QueuedVector(
      Scheduler scheduler, String name, long address, int data, InterruptSource.Handler handler) {
    this.scheduler = scheduler;
    this.name = name;
    this.address = address;
    this.data = data;
    this.handler = handler;
    queue = scheduler.queue("interrupt." + name, this::run);
  }

  private Work.Progress run() {
    handler.interrupt();
    return Work.Progress.DONE;
  }

  String name() {
    return name;
  }

  long posted() {
    return posted.get();
  }

  void onClose(Runnable action) {
    closed = action;
  }

  @Override
  public long address() {
    return address;
  }

  @Override
  public int data() {
    return data;
  }

  @Override
  public void retarget(InterruptSource.Handler other) {
    handler = other;
  }

  @Override
  public void post() {
    posted.incrementAndGet();
    queue.kick();
  }

  @Override
  public void close() {
    closed.run();
    scheduler.remove(queue);
  }
}
