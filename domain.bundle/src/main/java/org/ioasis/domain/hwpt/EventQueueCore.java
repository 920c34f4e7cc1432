package org.ioasis.domain.hwpt;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.EventQueue;
import org.ioasis.domain.client.Kept;

/**
 * Events of a virtual IOMMU, with the kernel's headers: a sequence from 0 to 2^31-1, and one header
 * at the tail that stands for what did not fit.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards the queue, the signal runs without it.
 */
final class EventQueueCore implements EventQueue, Kept {
  private record Queued(int sequence, Blob event) {}

  private final ViommuCore viommu;
  private final Handle<EventQueue> handle;
  private final String type;
  private final int depth;
  private final Deque<Queued> queue = new ArrayDeque<>();
  private int sequence;
  private int lostAt = -1;
  private Runnable signal;
  private AutoCloseable lease;

  EventQueueCore(ViommuCore viommu, Handle<EventQueue> handle, String type, int depth) {
    this.viommu = viommu;
    this.handle = handle;
    this.type = type;
    this.depth = depth;
  }

  synchronized void lease(AutoCloseable of) {
    lease = of;
  }

  String type() {
    return type;
  }

  @Override
  public Handle<EventQueue> handle() {
    return handle;
  }

  @Override
  public String title() {
    return "veventq %d (%s)".formatted(handle.id(), type);
  }

  /** An event of the driver's. */
  void event(Blob event) {
    Runnable ring;
    synchronized (this) {
      int number = sequence;
      sequence = sequence + 1 & Integer.MAX_VALUE;
      if (queue.size() < depth) {
        queue.add(new Queued(number, event));
        lostAt = -1;
      } else {
        lostAt = number;
      }
      ring = signal;
    }
    if (ring != null) {
      ring.run();
    }
  }

  @Override
  public synchronized int read(ByteBuffer into) {
    if (into.remaining() < HEADER_BYTES) {
      throw tooSmall(into);
    }
    ByteBuffer out = into.slice().order(ByteOrder.LITTLE_ENDIAN);
    while (!queue.isEmpty()) {
      Queued next = queue.peek();
      if (out.remaining() < HEADER_BYTES + next.event().length()) {
        break;
      }
      out.putInt(0).putInt(next.sequence()).put(next.event().bytes());
      queue.remove();
    }
    if (queue.isEmpty() && lostAt >= 0 && out.remaining() >= HEADER_BYTES) {
      out.putInt(LOST_EVENTS).putInt(lostAt);
      lostAt = -1;
    }
    if (out.position() == 0 && (!queue.isEmpty() || lostAt >= 0)) {
      throw tooSmall(into);
    }
    into.position(into.position() + out.position());
    return out.position();
  }

  private IoasisException tooSmall(ByteBuffer into) {
    return new IoasisException(
        Reason.INVALID,
        "read of %s refused: %d bytes are too few for the next event"
            .formatted(title(), into.remaining()));
  }

  @Override
  public synchronized void onReadable(Runnable ring) {
    signal = ring;
  }

  @Override
  public void destroy() {
    viommu.destroy(handle);
  }

  @Override
  public void end() {
    viommu.forget(this);
    AutoCloseable ending;
    synchronized (this) {
      ending = lease;
      signal = null;
    }
    if (ending != null) {
      ViommuCore.close(ending, title());
    }
  }
}
