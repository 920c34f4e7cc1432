package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.domain.memory.Source;

/**
 * One unmap. Order: hidden from translations, users told, pins dropped, followers cleared and
 * synchronised, addresses free, sources let go.
 *
 * <p><b>Threading:</b> one thread, once.
 */
final class UnmapChange {
  private final Space space;
  private final MappingTree.Cursor at = new MappingTree.Cursor();
  private final Map<Source, Long> released = Space.counts();
  private long bytes;
  private long count;
  private long hullFirst;
  private long hullLast;

  UnmapChange(Space space) {
    this.space = space;
  }

  /** Removes a range; bytes removed. */
  long run(IovaRange range, UnmapMode mode) {
    return run(range.first(), range.last(), mode, false);
  }

  /** Removes everything; bytes removed, 0 if there was nothing. */
  long runAll() {
    return run(0, -1L, UnmapMode.WHOLE, true);
  }

  private long run(long first, long last, UnmapMode mode, boolean all) {
    Holds.Hold hold;
    Mirrors mirrors;
    List<IovaRange> ranges = null;
    space.lock.lock();
    try {
      hold = space.holds.begin(first, last, Holds.Kind.REMOVE);
      boolean going = false;
      try {
        if (!space.tree.meets(first, last, at)) {
          if (all) {
            return 0;
          }
          throw new IoasisException(
              Reason.NOT_FOUND,
              "unmap refused: %s maps nothing in 0x%x..0x%x".formatted(space, first, last));
        }
        check(first, last, mode);
        if (!space.users.isEmpty()) {
          ranges = new ArrayList<>();
        }
        going = true;
      } finally {
        if (!going) {
          space.holds.end(hold);
        }
      }
    } finally {
      space.lock.unlock();
    }
    hide(first, last, ranges);
    if (ranges != null) {
      List<IovaRange> told = ranges;
      space.users.forEach(user -> user.unmapping(told));
    }
    space.pins.drop(first, last);
    space.lock.lock();
    try {
      mirrors = Mirrors.of(space.members, first, last, space.narrowings.hugePages());
    } finally {
      space.lock.unlock();
    }
    mirrors.unmap(hullFirst, hullLast);
    mirrors.sync();
    remove(first, last, hold);
    space.ledger().remove(space.owner(), count);
    space.release(released);
    return bytes;
  }

  private void check(long first, long last, UnmapMode mode) {
    String keeper = space.keeper(first, last);
    if (keeper != null) {
      throw new IoasisException(
          Reason.BUSY,
          "unmap refused: %s, 0x%x..0x%x is held by %s".formatted(space, first, last, keeper));
    }
    if (at.first != first && Long.compareUnsigned(at.first, first) < 0) {
      cut(first, last, mode, first);
    }
    if (last != -1L && space.tree.meets(last, last, at) && at.last != last) {
      cut(first, last, mode, last + 1);
    }
  }

  /** Splits the mapping at the cursor so that one begins at {@code where}, or refuses to. */
  private void cut(long first, long last, UnmapMode mode, long where) {
    if (mode == UnmapMode.WHOLE) {
      throw new IoasisException(
          Reason.NOT_FOUND,
          "unmap refused: %s, 0x%x..0x%x splits mapping 0x%x..0x%x"
              .formatted(space, first, last, at.first, at.last));
    }
    int alignmentLg2 = space.narrowings.bounds().alignmentLg2();
    if ((where & (1L << alignmentLg2) - 1) != 0) {
      throw new IoasisException(
          Reason.INVALID,
          "unmap refused: %s, 0x%x is not aligned to 0x%x"
              .formatted(space, where, 1L << alignmentLg2));
    }
    space.ledger().add(space.owner(), 1);
    Source source = space.sources().at(at.slot());
    space.books.retain(source);
    long offset = at.offset + (where - at.first);
    space.tree.remove(at.first);
    space.books.removed(source, at.first, at.last, at.offset, at.rights());
    space.tree.insert(at.first, where - 1, at.offset, at.meta);
    space.books.added(source, at.first, where - 1, at.offset, at.rights());
    space.tree.insert(where, at.last, offset, at.meta);
    space.books.added(source, where, at.last, offset, at.rights());
  }

  /** Hides what is to go, a thousand under one lock; notes the ranges if somebody is to be told. */
  private void hide(long first, long last, List<IovaRange> ranges) {
    long from = first;
    boolean more = true;
    boolean begun = false;
    while (more) {
      space.lock.lock();
      try {
        more = space.tree.meets(from, last, at);
        for (int n = 0; more && n < Space.AT_A_TIME; n++) {
          hullFirst = begun ? hullFirst : at.first;
          begun = true;
          hullLast = at.last;
          space.tree.setMeta(at.first, at.meta | MappingTree.HIDDEN);
          if (ranges != null) {
            ranges.add(new IovaRange(at.first, at.last));
          }
          from = at.last + 1;
          more = at.last != -1L && space.tree.next(at) && Long.compareUnsigned(at.first, last) <= 0;
        }
      } finally {
        space.lock.unlock();
      }
    }
  }

  private void remove(long first, long last, Holds.Hold hold) {
    boolean more = true;
    while (more) {
      space.lock.lock();
      try {
        more = space.tree.meets(first, last, at);
        for (int n = 0; more && n < Space.AT_A_TIME; n++) {
          Source source = space.sources().at(at.slot());
          space.tree.remove(at.first);
          space.books.removed(source, at.first, at.last, at.offset, at.rights());
          released.merge(source, 1L, Long::sum);
          bytes += at.last - at.first + 1;
          count++;
          more = at.last != -1L && space.tree.next(at) && Long.compareUnsigned(at.first, last) <= 0;
        }
        if (!more) {
          space.holds.end(hold);
        }
      } finally {
        space.lock.unlock();
      }
    }
  }
}
