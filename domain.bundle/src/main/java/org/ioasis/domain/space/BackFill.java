package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.domain.memory.Source;

/**
 * Fills a joining follower, a bounded chunk of addresses at a time. A chunk is held like a change,
 * so changes elsewhere go on beside it; those below the mark reach the follower as well, those
 * above are found when the mark gets there.
 *
 * <p><b>Threading:</b> one thread, once.
 */
final class BackFill {
  /** Most mappings that are found in one hold of the lock, and made in one hold of a range. */
  static final int MAPPINGS = 64;

  private static final long BYTES = 1L << 30;

  private record Part(long first, long length, Source source, long offset, int rights) {}

  private final Space space;
  private final Mirrors.Member member;
  private final Mirrors mirror;
  private final MappingTree.Cursor at = new MappingTree.Cursor();
  private final List<Part> parts = new ArrayList<>(MAPPINGS);
  private long to; // how far the chunk at hand reaches

  BackFill(Space space, Mirrors.Member member) {
    this.space = space;
    this.member = member;
    mirror = Mirrors.only(member, -1L, space.narrowings.hugePages());
  }

  void run() {
    if (!member.follower.faultCapable()) {
      fillSources();
    }
    try {
      long from = 0;
      while (true) {
        Holds.Hold hold = next(from);
        if (hold == null) {
          return;
        }
        boolean done = false;
        try {
          for (Part part : parts) {
            mirror.map(part.first, part.source, part.offset, part.length, part.rights, false);
          }
          done = true;
        } finally {
          end(hold, done);
        }
        if (to == -1L) {
          return;
        }
        from = to + 1;
      }
    } finally {
      mirror.sync();
    }
  }

  /**
   * Makes everything present that is mapped, without holding anything. Where another follower is
   * whole that cannot fault either, everything is there already and stays.
   */
  private void fillSources() {
    if (space.keepsAllPresent(member)) {
      return;
    }
    for (long from = 0; someFrom(from); from = at.last + 1) {
      for (Part part : parts) {
        if (part.source != null && !part.source.revoked()) {
          part.source.fill(part.offset, part.length, part.source.writable());
        }
      }
      if (at.last == -1L) {
        return;
      }
    }
  }

  /** Collects the next mappings without holding them; the cursor is at the last of them. */
  private boolean someFrom(long from) {
    space.lock.lock();
    try {
      collect(from, -1L, MAPPINGS);
      return !parts.isEmpty();
    } finally {
      space.lock.unlock();
    }
  }

  /** Takes the next chunk; null if there is nothing above, and then the follower is whole. */
  private Holds.Hold next(long from) {
    space.lock.lock();
    try {
      if (member.gone) {
        throw new IoasisException(
            Reason.GONE,
            "join ended: %s was removed from %s meanwhile"
                .formatted(member.follower.name(), space));
      }
      if (!space.tree.seek(from, at)) {
        member.whole = true;
        return null;
      }
      long cap = Bounds.max(from, at.first) | BYTES - 1;
      long last = collect(from, cap, MAPPINGS);
      Holds.Hold hold = space.holds.begin(from, last, Holds.Kind.MAP);
      to = last;
      if (hold.waited) { // others have changed it, and may have added
        long reached = collect(from, last, MAPPINGS);
        to = parts.size() < MAPPINGS ? last : reached;
      }
      return hold;
    } finally {
      space.lock.unlock();
    }
  }

  /** Collects mappings of a range, clipped to it; the last address that they reach. */
  private long collect(long from, long cap, int most) {
    parts.clear();
    long reached = from;
    boolean more = space.tree.meets(from, cap, at);
    while (more) {
      long first = Bounds.max(at.first, from);
      reached = Bounds.min(at.last, cap);
      parts.add(
          new Part(
              first,
              reached - first + 1,
              space.sources().at(at.slot()),
              at.offset + (first - at.first),
              at.rights()));
      more = parts.size() < most && space.tree.next(at) && Long.compareUnsigned(at.first, cap) <= 0;
    }
    return reached;
  }

  private void end(Holds.Hold hold, boolean done) {
    space.lock.lock();
    try {
      if (done) {
        member.filled = to + 1;
        member.whole = to == -1L;
      }
      space.holds.end(hold);
    } finally {
      space.lock.unlock();
    }
  }
}
