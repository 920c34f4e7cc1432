package org.ioasis.domain.space;

import java.nio.LongBuffer;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.domain.memory.Source;

/**
 * The followers as one change sees them: a batch of each, clipped to the addresses below which a
 * joining follower has been filled.
 *
 * <p><b>Threading:</b> one thread; made under the space's lock, used without it.
 */
final class Mirrors {
  private static final int PAGES_AT_A_TIME = 512;

  /** A follower with how far it has been filled. Guarded by the space's lock. */
  static final class Member {
    final Follower follower;
    boolean whole;
    boolean gone;

    /** Addresses below are mirrored. */
    long filled;

    Member(Follower follower) {
      this.follower = follower;
    }
  }

  private final Member[] members;
  private final long[] lasts;
  private final DomainBatch[] batches;
  private final boolean hugePages;

  private Mirrors(Member[] members, long[] lasts, boolean hugePages) {
    this.members = members;
    this.lasts = lasts;
    this.hugePages = hugePages;
    batches = new DomainBatch[members.length];
  }

  /** Those that a change of a range must reach. */
  static Mirrors of(List<Member> all, long first, long last, boolean hugePages) {
    Member[] members = new Member[all.size()];
    long[] lasts = new long[members.length];
    int count = 0;
    for (Member member : all) {
      boolean below = Long.compareUnsigned(member.filled, first) > 0;
      if (member.whole || below) {
        long end = member.filled - 1;
        members[count] = member;
        lasts[count++] = member.whole || Long.compareUnsigned(end, last) > 0 ? last : end;
      }
    }
    return new Mirrors(
        java.util.Arrays.copyOf(members, count), java.util.Arrays.copyOf(lasts, count), hugePages);
  }

  /** One follower alone, over a part. */
  static Mirrors only(Member member, long last, boolean hugePages) {
    return new Mirrors(new Member[] {member}, new long[] {last}, hugePages);
  }

  boolean isEmpty() {
    return members.length == 0;
  }

  private DomainBatch batch(int i) {
    if (batches[i] == null) {
      batches[i] = members[i].follower.batch();
    }
    return batches[i];
  }

  /**
   * Maps what is present of a part of a source.
   *
   * @param again whether pages that are there already are left as they are
   * @throws IoasisException of the follower that could not, naming it; others may have mapped
   */
  void map(long iova, Source source, long offset, long length, int rights, boolean again) {
    for (int i = 0; i < members.length; i++) {
      if (Long.compareUnsigned(iova, lasts[i]) > 0) {
        continue;
      }
      int at = i;
      long clipped = clip(iova, length, lasts[i]);
      source.runs(
          offset,
          clipped,
          (from, address, bytes, writable) -> {
            int granted = writable ? rights : rights & ~DmaRequest.WRITE;
            if ((granted & (DmaRequest.READ | DmaRequest.WRITE)) != 0) {
              mapRun(at, iova + (from - offset), address, bytes, granted, again);
            }
            return true;
          });
    }
  }

  private static long clip(long iova, long length, long last) {
    long room = last - iova;
    return Long.compareUnsigned(length - 1, room) > 0 ? room + 1 : length;
  }

  private void mapRun(int i, long iova, long address, long length, int rights, boolean again) {
    long done = 0;
    while (done < length) {
      done += mapSome(i, iova + done, address + done, length - done, rights);
      if (done < length) {
        Reason shortfall = batch(i).shortfall();
        if (shortfall == Reason.EXISTS && again) {
          done += 1L << members[i].follower.limits().granuleLg2();
        } else if (shortfall != null) {
          throw new IoasisException(
              shortfall,
              "map refused: %s has mapped 0x%x of 0x%x bytes at 0x%x"
                  .formatted(members[i].follower.name(), done, length, iova));
        }
      }
    }
  }

  private long mapSome(int i, long iova, long address, long length, int rights) {
    if (hugePages) {
      return batch(i).map(iova, address, length, rights);
    }
    int lg2 = members[i].follower.limits().granuleLg2();
    LongBuffer pages =
        LongBuffer.allocate((int) Math.min(PAGES_AT_A_TIME, Math.max(1, length >>> lg2)));
    for (int page = 0; page < pages.capacity(); page++) {
      pages.put(page, address + ((long) page << lg2));
    }
    return batch(i).mapPages(iova, lg2, pages, rights);
  }

  /** Removes everything of a range. A follower that throws has failed and is told so. */
  void unmap(long first, long last) {
    each(first, last, (batch, range) -> batch.unmap(range));
  }

  /** Changes the rights of what is present of a part of a source. */
  void protect(long iova, Source source, long offset, long length, int rights) {
    if ((rights & DmaRequest.WRITE) == 0) {
      each(iova, iova + length - 1, (batch, range) -> batch.protect(range, rights));
      return;
    }
    source.runs(
        offset,
        length,
        (from, address, bytes, writable) -> {
          long at = iova + (from - offset);
          int granted = writable ? rights : rights & ~DmaRequest.WRITE;
          if (granted == 0) {
            unmap(at, at + bytes - 1);
          } else {
            each(at, at + bytes - 1, (batch, range) -> batch.protect(range, granted));
          }
          return true;
        });
  }

  private interface Action {
    void run(DomainBatch batch, IovaRange range);
  }

  private void each(long first, long last, Action action) {
    for (int i = 0; i < members.length; i++) {
      if (Long.compareUnsigned(first, lasts[i]) > 0) {
        continue;
      }
      long end = Long.compareUnsigned(last, lasts[i]) > 0 ? lasts[i] : last;
      try {
        for (IovaRange window : members[i].follower.limits().windows()) {
          long from = Bounds.max(first, window.first());
          long to = Bounds.min(end, window.last());
          if (Long.compareUnsigned(from, to) <= 0) {
            action.run(batch(i), new IovaRange(from, to));
          }
        }
      } catch (RuntimeException e) {
        members[i].follower.failed(e);
      }
    }
  }

  /** Ends the batches: when it returns, removed means gone. */
  void sync() {
    for (int i = 0; i < members.length; i++) {
      if (batches[i] != null) {
        DomainBatch batch = batches[i];
        batches[i] = null;
        try {
          batch.sync();
        } catch (RuntimeException e) {
          members[i].follower.failed(e);
        }
      }
    }
  }
}
