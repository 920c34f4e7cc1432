package org.ioasis.domain.space;

import java.nio.ByteBuffer;
import java.util.List;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.AccessUser;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.domain.client.Kept;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.memory.FrameStore;
import org.ioasis.domain.memory.Source;

/**
 * A user inside the platform that pins and copies.
 *
 * <p><b>Threading:</b> any thread; the monitor guards which space it uses.
 */
final class AccessCore implements Access, Kept {
  private final Objects objects;
  private final Handle<Access> handle;
  private final String name;
  private final boolean mayPin;
  private final AccessUser user;
  private final Options options;
  private Space space;
  private SpaceUser joined;
  private boolean ended;

  AccessCore(
      Objects objects,
      Handle<Access> handle,
      Space space,
      String name,
      boolean mayPin,
      AccessUser user,
      Options options) {
    this.objects = objects;
    this.handle = handle;
    this.name = name;
    this.mayPin = mayPin;
    this.user = user;
    this.options = options;
    join(space);
  }

  private synchronized void join(Space next) {
    SpaceUser joining = new SpaceUser(name, mayPin, user, this::fail);
    next.join(joining);
    space = next;
    joined = joining;
  }

  private void fail() {
    try {
      close();
    } catch (IoasisException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  @Override
  public Handle<Access> handle() {
    return handle;
  }

  @Override
  public synchronized Handle<AddressSpace> space() {
    return space.handle();
  }

  @Override
  public String title() {
    return "access %d (%s)".formatted(handle.id(), name);
  }

  private synchronized Space live() {
    if (ended) {
      throw new IoasisException(Reason.NOT_FOUND, "%s has ended".formatted(title()));
    }
    return space;
  }

  @Override
  public PinnedRange pin(IovaRange range, int rights) {
    Space at = live();
    if (!mayPin) {
      throw new IoasisException(
          Reason.INVALID, "pin refused: %s was made without the right to pin".formatted(title()));
    }
    if ((range.first() & FrameStore.PAGE - 1) != 0
        || (range.last() & FrameStore.PAGE - 1) != FrameStore.PAGE - 1) {
      throw new IoasisException(
          Reason.INVALID, "pin refused: %s is not of whole 4 KiB pages".formatted(range));
    }
    if (Long.compareUnsigned(range.last() - range.first(), Pins.MOST) >= 0) {
      throw new IoasisException(
          Reason.EXHAUSTED, "pin refused: %s is more than 16 MiB".formatted(range));
    }
    SpaceUser by;
    synchronized (this) {
      by = joined;
    }
    return at.pins.pin(by, range, rights);
  }

  @Override
  public void read(long iova, ByteBuffer into) {
    copy(iova, into, DmaRequest.READ);
  }

  @Override
  public void write(long iova, ByteBuffer from) {
    copy(iova, from, DmaRequest.WRITE);
  }

  private void copy(long iova, ByteBuffer buffer, int right) {
    Space at = live();
    if (!buffer.hasRemaining()) {
      return;
    }
    IovaRange range = IovaRange.of(iova, buffer.remaining());
    List<Space.Piece> pieces;
    at.lock.lock();
    try {
      pieces = Pieces.of(at, range, right);
    } finally {
      at.lock.unlock();
    }
    for (Space.Piece piece : pieces) {
      piece.source().fill(piece.offset(), piece.length(), right == DmaRequest.WRITE);
    }
    long batch = options.batchBytes();
    int end = buffer.limit();
    for (long next = iova; buffer.position() < end; ) {
      int bytes = (int) Math.min(batch, end - buffer.position());
      buffer.limit(buffer.position() + bytes);
      try {
        copyHeld(at, IovaRange.of(next, bytes), buffer, right);
      } finally {
        buffer.limit(end);
      }
      next += bytes;
    }
  }

  /** Copies while the range is held, so that the memory stays behind it. */
  private void copyHeld(Space at, IovaRange range, ByteBuffer buffer, int right) {
    Holds.Hold hold;
    List<Space.Piece> pieces;
    at.lock.lock();
    try {
      hold = at.holds.begin(range.first(), range.last(), Holds.Kind.MAP);
      boolean going = false;
      try {
        pieces = Pieces.of(at, range, right);
        going = true;
      } finally {
        if (!going) {
          at.holds.end(hold);
        }
      }
    } finally {
      at.lock.unlock();
    }
    try {
      pieces.forEach(piece -> copy(at, piece, buffer, right));
    } finally {
      at.lock.lock();
      try {
        at.holds.end(hold);
      } finally {
        at.lock.unlock();
      }
    }
  }

  private void copy(Space at, Space.Piece piece, ByteBuffer buffer, int right) {
    PhysicalMemory memory = at.sources().frames().memory();
    long[] done = new long[1];
    int end = buffer.limit();
    piece
        .source()
        .runs(
            piece.offset(),
            piece.length(),
            (offset, address, length, writable) -> {
              if (offset != piece.offset() + done[0] || (right == DmaRequest.WRITE && !writable)) {
                return false;
              }
              buffer.limit(buffer.position() + (int) length);
              int next = buffer.limit();
              MemoryStatus status =
                  right == DmaRequest.WRITE
                      ? memory.write(address, buffer)
                      : memory.read(address, buffer);
              buffer.limit(end);
              if (status != MemoryStatus.OK) {
                throw fault(piece.source(), offset, "memory is " + status);
              }
              buffer.position(next);
              done[0] += length;
              return true;
            });
    if (done[0] != piece.length()) {
      throw fault(piece.source(), piece.offset() + done[0], "memory has gone meanwhile");
    }
  }

  private IoasisException fault(Source source, long offset, String why) {
    return new IoasisException(
        Reason.MEMORY_FAULT,
        "%s refused: %s at 0x%x, %s".formatted(title(), source.title(), offset, why));
  }

  @Override
  public void replace(Handle<AddressSpace> next) {
    Space to = objects.find(next, Space.class);
    live();
    objects.use(handle, next);
    boolean done = false;
    Space from;
    try {
      SpaceUser old;
      synchronized (this) {
        from = space;
        old = joined;
        join(to);
      }
      old.unmapping(List.of(IovaRange.ALL));
      from.part(old);
      done = true;
    } finally {
      if (!done) {
        objects.unuse(handle, next);
      }
    }
    objects.unuse(handle, from.handle());
  }

  @Override
  public void close() {
    objects.destroy(handle);
  }

  @Override
  public void end() {
    Space from;
    SpaceUser old;
    synchronized (this) {
      ended = true;
      from = space;
      old = joined;
    }
    from.part(old);
  }

  @Override
  public synchronized Object leave() {
    return new Object[] {name, mayPin, user, space.handle()};
  }
}
