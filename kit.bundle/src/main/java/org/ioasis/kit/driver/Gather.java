package org.ioasis.kit.driver;

import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * What a batch has to invalidate and which table frames it takes out of use. Vendor-free: a driver
 * reads it and writes commands.
 *
 * <p>Ranges that touch are merged. More than {@value #MOST_RANGES} become everything. A range may
 * be larger than what changed in it: invalidating more than asked is always allowed.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
public final class Gather {
  /** Most ranges that are kept apart. */
  public static final int MOST_RANGES = 16;

  private final long[] first = new long[MOST_RANGES];
  private final long[] last = new long[MOST_RANGES];
  private int ranges;
  private boolean everything;
  private boolean structural;
  private long leafSizes;
  private long[] frames = new long[16];
  private int frameCount;

  /**
   * Translations of a range have changed.
   *
   * @param from first IOVA
   * @param to last IOVA
   * @param leafLg2 log2 of the bytes of the smallest pages that were changed in it
   */
  public void add(long from, long to, int leafLg2) {
    leafSizes |= 1L << leafLg2;
    if (everything || merges(from, to)) {
      return;
    }
    if (ranges == MOST_RANGES) {
      everything = true;
      return;
    }
    first[ranges] = from;
    last[ranges++] = to;
  }

  private boolean merges(long from, long to) {
    if (ranges == 0) {
      return false;
    }
    int top = ranges - 1;
    if (last[top] + 1 == from) {
      last[top] = to;
      return true;
    }
    if (to + 1 == first[top]) {
      first[top] = from;
      return true;
    }
    return from >= first[top] && to <= last[top];
  }

  /** A range is translated by other tables than before: entries that led to tables changed. */
  public void addStructural(long from, long to, int leafLg2) {
    structural = true;
    add(from, to, leafLg2);
  }

  /** All that the table translates has changed. */
  public void addEverything() {
    structural = true;
    everything = true;
  }

  /** A table is out of use once the invalidation has completed. */
  public void addFrame(long address) {
    if (frameCount == frames.length) {
      frames = Arrays.copyOf(frames, 2 * frames.length);
    }
    frames[frameCount++] = address;
  }

  /** Whether there is nothing to invalidate and no frame to free. */
  public boolean isEmpty() {
    return ranges == 0 && !everything && frameCount == 0;
  }

  /** Whether ranges no longer say what changed. */
  public boolean isEverything() {
    return everything || (ranges == 0 && frameCount > 0);
  }

  /** Whether entries that led to tables changed; otherwise only leafs did. */
  public boolean isStructural() {
    return structural;
  }

  /** How many ranges there are; meaningless if everything changed. */
  public int ranges() {
    return ranges;
  }

  /** First IOVA of a range. */
  public long first(int range) {
    return first[range];
  }

  /** Last IOVA of a range. */
  public long last(int range) {
    return last[range];
  }

  /** Sizes of the pages that changed, bit n set for 2^n bytes. */
  public long leafSizes() {
    return leafSizes;
  }

  /** log2 of the bytes of the smallest naturally aligned block around a range, 0 to 64. */
  public int blockLg2(int range) {
    return 64 - Long.numberOfLeadingZeros(first[range] ^ last[range]);
  }

  /** Start of the smallest naturally aligned block around a range. */
  public long block(int range) {
    int lg2 = blockLg2(range);
    return lg2 == 64 ? 0 : first[range] & -(1L << lg2);
  }

  /** Forgets what was to be invalidated, because it has been; frames are kept. */
  public void invalidated() {
    ranges = 0;
    everything = false;
    structural = false;
    leafSizes = 0;
  }

  /** Gives the frames back, because the unit holds nothing any more, and forgets all. */
  public void release(LongConsumer free) {
    for (int i = 0; i < frameCount; i++) {
      free.accept(frames[i]);
    }
    frameCount = 0;
    invalidated();
  }
}
