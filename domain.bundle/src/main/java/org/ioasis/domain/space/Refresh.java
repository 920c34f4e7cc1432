package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IovaRange;
import org.ioasis.domain.memory.Source;

/**
 * Memory of a source has come, moved or gone: its mappings in one space follow.
 *
 * <p><b>Threading:</b> one thread, once.
 */
final class Refresh {
  private record Part(long first, long length, long offset, int rights) {}

  private final Space space;
  private final Source source;
  private final List<Part> parts = new ArrayList<>();

  Refresh(Space space, Source source) {
    this.space = space;
    this.source = source;
  }

  /** The ranges that lead to a part of a source. Under the lock; builds the index if need be. */
  static List<long[]> targets(Space space, Source source, long offset, long length) {
    OffsetIndex index = space.books.indexOf(source);
    if (index == null) {
      index = space.books.index(source);
      MappingTree.Cursor at = new MappingTree.Cursor();
      for (boolean more = space.tree.seek(0, at); more; more = space.tree.next(at)) {
        if (at.slot() == source.slot()) {
          index.add(at.first, at.offset, at.last - at.first + 1);
        }
      }
    }
    return index.find(offset, length);
  }

  void run(long offset, long length, boolean away) {
    List<long[]> targets;
    space.lock.lock();
    try {
      targets = targets(space, source, offset, length);
    } finally {
      space.lock.unlock();
    }
    targets.forEach(target -> one(target[0], target[1], away));
  }

  private void one(long first, long last, boolean away) {
    Holds.Hold hold;
    Mirrors mirrors;
    space.lock.lock();
    try {
      hold = space.holds.begin(first, last, Holds.Kind.MAP);
      collect(first, last);
      mirrors = Mirrors.of(space.members, first, last, space.narrowings.hugePages());
    } finally {
      space.lock.unlock();
    }
    try {
      if (away) {
        leave(mirrors);
      }
      parts.forEach(
          part -> mirrors.map(part.first, source, part.offset, part.length, part.rights, !away));
      mirrors.sync();
    } finally {
      space.lock.lock();
      try {
        space.holds.end(hold);
      } finally {
        space.lock.unlock();
      }
    }
  }

  private void leave(Mirrors mirrors) {
    List<IovaRange> ranges = parts.stream().map(p -> IovaRange.of(p.first, p.length)).toList();
    if (!ranges.isEmpty()) {
      space.users.forEach(user -> user.unmapping(ranges));
    }
    for (Part part : parts) {
      if (source.revoked()) {
        space.pins.drop(part.first, part.first + part.length - 1);
      }
      mirrors.unmap(part.first, part.first + part.length - 1);
    }
    mirrors.sync();
  }

  private void collect(long first, long last) {
    parts.clear();
    MappingTree.Cursor at = new MappingTree.Cursor();
    boolean more = space.tree.meets(first, last, at);
    while (more) {
      if (at.slot() == source.slot()) {
        long from = Bounds.max(at.first, first);
        long to = Bounds.min(at.last, last);
        parts.add(new Part(from, to - from + 1, at.offset + (from - at.first), at.rights()));
      }
      more = space.tree.next(at) && Long.compareUnsigned(at.first, last) <= 0;
    }
  }
}
