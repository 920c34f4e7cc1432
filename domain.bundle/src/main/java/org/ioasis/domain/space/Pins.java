package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Access;
import org.ioasis.api.domain.SegmentSink;

/**
 * The pins of accesses on one space. A pin keeps the memory where it is; an unmap drops it after
 * its user has been told, so no pin ever delays an unmap.
 *
 * <p><b>Threading:</b> the space's lock guards the list and each pin&#39;s state; {@link #drop} and
 * {@link #pin} take it.
 */
final class Pins {
  static final long MOST = 16L << 20;

  /** One pin. */
  final class Pin implements Access.PinnedRange {
    private final SpaceUser user;
    private final IovaRange range;
    private final List<Space.Piece> pieces;
    private boolean dropped;

    Pin(SpaceUser user, IovaRange range, List<Space.Piece> pieces) {
      this.user = user;
      this.range = range;
      this.pieces = pieces;
    }

    @Override
    public IovaRange range() {
      return range;
    }

    @Override
    public void segments(SegmentSink sink) {
      List<long[]> runs = new ArrayList<>();
      for (Space.Piece piece : pieces) {
        piece
            .source()
            .runs(
                piece.offset(),
                piece.length(),
                (offset, address, length, writable) -> runs.add(new long[] {address, length}));
      }
      long address = 0;
      long length = 0;
      for (long[] run : runs) {
        if (length != 0 && run[0] == address + length) {
          length += run[1];
        } else {
          if (length != 0) {
            sink.segment(address, length);
          }
          address = run[0];
          length = run[1];
        }
      }
      if (length != 0) {
        sink.segment(address, length);
      }
    }

    @Override
    public void close() {
      space.lock.lock();
      try {
        if (!pins.remove(this)) {
          throw gone(range);
        }
        dropped = true;
      } finally {
        space.lock.unlock();
      }
      unpin();
    }

    private void unpin() {
      pieces.forEach(piece -> piece.source().unpin(piece.offset(), piece.length()));
    }
  }

  private final Space space;
  private final List<Pin> pins = new ArrayList<>();

  Pins(Space space) {
    this.space = space;
  }

  private IoasisException gone(IovaRange range) {
    return new IoasisException(
        Reason.NOT_FOUND,
        "pin of %s in %s is gone: an unmap removed it or it was closed".formatted(range, space));
  }

  /** Pins a range for a user. */
  Pin pin(SpaceUser user, IovaRange range, int rights) {
    Pin pin;
    space.lock.lock();
    try {
      List<Space.Piece> pieces = Pieces.of(space, range, rights);
      pin = new Pin(user, range, pieces);
      pieces.forEach(piece -> piece.source().pin(piece.offset(), piece.length()));
      pins.add(pin);
    } finally {
      space.lock.unlock();
    }
    boolean done = false;
    try {
      for (Space.Piece piece : pin.pieces) {
        // a page that a copy shares would move when somebody else writes it
        piece.source().fill(piece.offset(), piece.length(), piece.source().writable());
      }
      done = true;
    } finally {
      if (!done) {
        close(pin);
      }
    }
    if (isDropped(pin)) {
      throw gone(range);
    }
    return pin;
  }

  private boolean isDropped(Pin pin) {
    space.lock.lock();
    try {
      return pin.dropped;
    } finally {
      space.lock.unlock();
    }
  }

  private void close(Pin pin) {
    boolean was;
    space.lock.lock();
    try {
      was = pins.remove(pin);
      pin.dropped = true;
    } finally {
      space.lock.unlock();
    }
    if (was) {
      pin.unpin();
    }
  }

  /** Drops every pin that meets a range. */
  void drop(long first, long last) {
    take(pin -> pin.range.overlaps(new IovaRange(first, last))).forEach(Pin::unpin);
  }

  /** Drops every pin of a user. */
  void drop(SpaceUser user) {
    take(pin -> pin.user == user).forEach(Pin::unpin);
  }

  private List<Pin> take(java.util.function.Predicate<Pin> which) {
    space.lock.lock();
    try {
      if (pins.isEmpty()) {
        return List.of();
      }
      List<Pin> taken = new ArrayList<>();
      for (Iterator<Pin> all = pins.iterator(); all.hasNext(); ) {
        Pin pin = all.next();
        if (which.test(pin)) {
          all.remove();
          pin.dropped = true;
          taken.add(pin);
        }
      }
      return taken;
    } finally {
      space.lock.unlock();
    }
  }

  int count() {
    space.lock.lock();
    try {
      return pins.size();
    } finally {
      space.lock.unlock();
    }
  }
}
