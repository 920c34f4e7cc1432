package org.ioasis.domain.space;

import java.util.concurrent.locks.LockSupport;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.domain.memory.Source;

/**
 * Fills a joining follower, a bounded chunk of addresses at a time. A chunk is held like a change,
 * so changes elsewhere go on beside it; those below the mark reach the follower as well, those
 * above are found when the mark gets there.
 *
 * <p>It gives way: while others make changes it rests most of the time, so that most of these do
 * not meet it at all, neither at the lock nor at the memory bus. Somebody waits for each of them.
 *
 * <p><b>Threading:</b> one thread, once.
 */
final class BackFill {
  /** Most mappings that are found in one hold of the lock, and made in one hold of a range. */
  static final int MAPPINGS = MappingTree.FAN;

  /** Chunks from rest to rest while others make changes. */
  static final int CHUNKS = 4;

  private static final long BYTES = 1L << 30;

  /** Some ten times as long as the chunks take; with more rests a change would meet their ends. */
  private static final long REST_NANOS = 500_000;

  private final Space space;
  private final Mirrors.Member member;
  private final Mirrors mirror;
  private final MappingTree.Cursor at = new MappingTree.Cursor();
  private final MappingTree.Run found = new MappingTree.Run();
  private final Runnable rest;
  private long from; // where the chunk at hand begins
  private long to; // how far it reaches
  private long begun = -1; // of the space's holds, up to that of the chunk at hand
  private boolean others; // whether some of them began since the chunk before
  private int disturbed; // chunks of which that is true

  BackFill(Space space, Mirrors.Member member) {
    this(space, member, () -> LockSupport.parkNanos(REST_NANOS));
  }

  BackFill(Space space, Mirrors.Member member, Runnable rest) {
    this.space = space;
    this.member = member;
    this.rest = rest;
    mirror = Mirrors.only(member, -1L, space.narrowings.hugePages());
  }

  void run() {
    if (!member.follower.faultCapable()) {
      fillSources();
    }
    try {
      while (true) {
        Holds.Hold hold = next();
        if (hold == null) {
          return;
        }
        boolean done = false;
        try {
          for (int i = 0; i < found.size(); i++) {
            mirror.map(first(i), source(i), offset(i), length(i), found.rights(i), false);
          }
          done = true;
        } finally {
          end(hold, done);
        }
        if (to == -1L) {
          return;
        }
        from = to + 1;
        if (others && ++disturbed % CHUNKS == 0) {
          rest.run();
        }
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
    while (some()) {
      for (int i = 0; i < found.size(); i++) {
        Source source = source(i);
        if (source != null && !source.revoked()) {
          source.fill(offset(i), length(i), source.writable());
        }
      }
      if (to == -1L) {
        break;
      }
      from = to + 1;
    }
    from = 0;
  }

  /** Collects the next mappings without holding them. */
  private boolean some() {
    space.lock.lock();
    try {
      return collect(-1L);
    } finally {
      space.lock.unlock();
    }
  }

  /** Takes the next chunk; null if there is nothing above, and then the follower is whole. */
  private Holds.Hold next() {
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
      collect(cap);
      Holds.Hold hold = space.holds.begin(from, to, Holds.Kind.MAP);
      others = begun != -1 && space.holds.begun() != begun + 1;
      begun = space.holds.begun();
      if (hold.waited && !collect(to)) { // others have changed it, and may have added or removed
        to = hold.last;
      }
      return hold;
    } finally {
      space.lock.unlock();
    }
  }

  /** Collects the first mappings from where the chunk begins, and notes how far they reach. */
  private boolean collect(long cap) {
    boolean some = space.tree.copy(from, cap, at, found);
    if (some) {
      to = Bounds.min(found.last(found.size() - 1), cap);
    }
    return some;
  }

  private Source source(int i) {
    return space.sources().at(found.slot(i));
  }

  private long first(int i) {
    return Bounds.max(found.first(i), from);
  }

  private long length(int i) {
    return Bounds.min(found.last(i), to) - first(i) + 1;
  }

  private long offset(int i) {
    return found.offset(i) + (first(i) - found.first(i));
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
