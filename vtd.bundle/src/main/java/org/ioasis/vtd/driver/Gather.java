package org.ioasis.vtd.driver;

import java.util.Arrays;
import org.ioasis.vtd.format.AddressBits;

/**
 * What a batch has to invalidate and which table frames it takes out of use.
 *
 * <p>Ranges that touch are merged. More than {@value #MOST_RANGES}, or one that no address mask of
 * the unit covers, become the whole domain. A range becomes the smallest naturally aligned power of
 * two around it: invalidating more than asked is always allowed. VT-d, "IOTLB Invalidate".
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class Gather {
  /** Most ranges that are kept apart. */
  static final int MOST_RANGES = 16;

  private final long[] first = new long[MOST_RANGES];
  private final long[] last = new long[MOST_RANGES];
  private int ranges;
  private boolean everything;
  private boolean structural;
  private long[] frames = new long[16];
  private int frameCount;

  /** Translations of a range have changed. */
  void add(long from, long to) {
    if (everything) {
      return;
    }
    if (ranges > 0) {
      int top = ranges - 1;
      if (last[top] + 1 == from) {
        last[top] = to;
        return;
      }
      if (to + 1 == first[top]) {
        first[top] = from;
        return;
      }
      if (from >= first[top] && to <= last[top]) {
        return;
      }
    }
    if (ranges == MOST_RANGES) {
      everything = true;
      return;
    }
    first[ranges] = from;
    last[ranges++] = to;
  }

  /** A range is translated by other tables than before. */
  void addStructural(long from, long to) {
    structural = true;
    add(from, to);
  }

  /** A table frame is out of use once the invalidation has completed. */
  void addFrame(long address) {
    if (frameCount == frames.length) {
      frames = Arrays.copyOf(frames, 2 * frames.length);
    }
    frames[frameCount++] = address;
  }

  boolean isEmpty() {
    return ranges == 0 && !everything && frameCount == 0;
  }

  /**
   * Writes the descriptors for a domain.
   *
   * @param places where the domain is attached
   * @param addressMask largest mask that the unit takes, -1 for none
   */
  void describe(DescriptorList list, int did, boolean firstStage, int[] places, int addressMask) {
    if (needsWholeDomain(addressMask) || places.length > MOST_RANGES / 2) {
      list.iotlbDomain(did);
      return;
    }
    for (int range = 0; range < ranges; range++) {
      int mask = mask(range);
      long address = first[range] & -(1L << mask + AddressBits.PAGE_LG2);
      if (!firstStage) {
        list.iotlbPages(did, address, mask, !structural);
        continue;
      }
      for (int pasid : places) {
        list.pasidIotlbPages(did, pasid, address, mask, !structural);
      }
    }
  }

  private boolean needsWholeDomain(int addressMask) {
    if (everything || ranges == 0) {
      return true;
    }
    for (int range = 0; range < ranges; range++) {
      if (mask(range) > addressMask) {
        return true;
      }
    }
    return false;
  }

  /** log2 of the pages of the aligned block around a range. */
  private int mask(int range) {
    long differing = (first[range] ^ last[range]) >>> AddressBits.PAGE_LG2;
    return 64 - Long.numberOfLeadingZeros(differing);
  }

  /** Gives the frames back: the unit holds nothing any more. */
  void release(TablePages pages) {
    for (int i = 0; i < frameCount; i++) {
      pages.free(frames[i]);
    }
    frameCount = 0;
    ranges = 0;
    everything = false;
    structural = false;
  }
}
