package org.ioasis.machine.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;

/**
 * The translations an engine holds (PCIe Address Translation Cache), in slices of 4 KiB,
 * direct-mapped.
 *
 * <p><b>An invalidation</b> first removes what it covers and begins a new generation, so that a
 * fill which was asked for before is dropped. It is complete once every burst that was open then
 * has ended: the last of them says so. Bursts are counted by {@link #enter} and {@link #leave}.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards everything and is never held while anybody
 * is called.
 */
final class DeviceTlb {
  /** Instead of an entry. */
  static final long MISS = Translation.none(Translation.Refusal.FAULT);

  private static final int PAGE_LG2 = 12;
  private static final int EVERYTHING_LG2 = 64;

  /** One slice. */
  private record Slice(int pasid, long page, long translation, int rights) {}

  /** An invalidation that waits for the bursts that were open when it began its generation. */
  private static final class Waiting {
    final long generation;
    final Runnable completed;
    int bursts;

    Waiting(long generation, Runnable completed, int bursts) {
      this.generation = generation;
      this.completed = completed;
      this.bursts = bursts;
    }
  }

  private final Slice[] slices;
  private final List<Waiting> waiting = new ArrayList<>();
  private long generation;
  private int open;
  private long hits;
  private long misses;
  private long invalidations;

  DeviceTlb(int entries) {
    slices = new Slice[entries];
  }

  /**
   * A burst begins.
   *
   * @return the generation, for {@link #fill} and {@link #leave}
   */
  synchronized long enter() {
    open++;
    return generation;
  }

  /**
   * A burst has ended.
   *
   * @return what waited for it, to be run by the caller; most often empty
   */
  synchronized List<Runnable> leave(long entered) {
    open--;
    if (waiting.isEmpty()) {
      return List.of();
    }
    List<Runnable> done = new ArrayList<>();
    for (Waiting invalidation : waiting) {
      if (entered < invalidation.generation) {
        invalidation.bursts--;
      }
    }
    while (!waiting.isEmpty() && waiting.get(0).bursts == 0) {
      done.add(waiting.remove(0).completed);
    }
    return done;
  }

  /** The translation of an address with these rights, or {@link #MISS}. */
  synchronized long lookup(int pasid, long iova, int needed) {
    long page = iova >>> PAGE_LG2;
    Slice slice = slices[slot(pasid, page)];
    if (slice == null
        || slice.pasid != pasid
        || slice.page != page
        || (slice.rights & needed) != needed) {
      misses++;
      return MISS;
    }
    hits++;
    return slice.translation | (iova & (1L << PAGE_LG2) - 1);
  }

  /** Keeps a translation, unless an invalidation has begun since the burst was entered. */
  synchronized void fill(long entered, int pasid, long iova, long translation, int rights) {
    if (entered == generation) {
      long page = iova >>> PAGE_LG2;
      long base = Translation.address(translation) & -(1L << PAGE_LG2);
      long slice =
          Translation.isNotRam(translation)
              ? Translation.ofNotRam(base, PAGE_LG2)
              : Translation.of(base, PAGE_LG2);
      slices[slot(pasid, page)] = new Slice(pasid, page, slice, rights);
    }
  }

  /**
   * Forgets what an invalidation covers.
   *
   * @param completed told when nothing that used it is under way any more
   * @return whether that is so already; the caller runs {@code completed} then
   */
  synchronized boolean invalidate(AtcInvalidation invalidation, Runnable completed) {
    invalidations++;
    boolean all = invalidation.sizeLg2() >= EVERYTHING_LG2;
    long first = invalidation.base() >>> PAGE_LG2;
    long last = all ? -1 : first + (1L << (invalidation.sizeLg2() - PAGE_LG2)) - 1;
    for (int i = 0; i < slices.length; i++) {
      Slice slice = slices[i];
      if (slice != null
          && (invalidation.global()
              ? slice.pasid != DmaRequest.NO_PASID
              : slice.pasid == invalidation.pasid())
          && (all
              || (Long.compareUnsigned(slice.page, first) >= 0
                  && Long.compareUnsigned(slice.page, last) <= 0))) {
        slices[i] = null;
      }
    }
    generation++;
    if (open == 0) {
      return true;
    }
    waiting.add(new Waiting(generation, completed, open));
    return false;
  }

  /** Forgets everything. */
  synchronized void clear() {
    Arrays.fill(slices, null);
  }

  private int slot(int pasid, long page) {
    long mixed = (page + ((long) pasid << 32)) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 40) & slices.length - 1;
  }

  /** Hits, misses and invalidations so far. */
  synchronized long[] counts() {
    return new long[] {hits, misses, invalidations};
  }
}
