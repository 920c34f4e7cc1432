package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.api.machine.DmaRequest;

/**
 * What mappings of a space can be now: the intersection over its width, followers, promised kinds
 * of unit, pinning accesses and reservations.
 *
 * @param usable addresses, in order
 * @param alignmentLg2 log2 of the alignment
 * @param pageSizes leaf sizes that all followers have; 0 without any
 * @param outputBits widest physical address
 * @param rights bits that all formats tell apart
 */
record Bounds(
    List<IovaRange> usable, int alignmentLg2, long pageSizes, int outputBits, int rights) {
  /** Every right there is. */
  static final int ALL_RIGHTS = DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE;

  /** Of a space of a width that nothing narrows. */
  static Bounds ofWidth(int bits, int alignmentLg2) {
    long last = bits == 64 ? -1L : (1L << bits) - 1;
    return new Bounds(List.of(new IovaRange(0, last)), alignmentLg2, 0, 64, ALL_RIGHTS);
  }

  /** Narrowed by a format. */
  Bounds with(DomainLimits limits) {
    return new Bounds(
        intersect(usable, limits.windows()),
        Math.max(alignmentLg2, limits.granuleLg2()),
        pageSizes == 0 ? limits.pageSizes() : pageSizes & limits.pageSizes(),
        Math.min(outputBits, limits.outputBits()),
        rights & limits.rights());
  }

  /** With this alignment at least. */
  Bounds aligned(int lg2) {
    return new Bounds(usable, Math.max(alignmentLg2, lg2), pageSizes, outputBits, rights);
  }

  /** Without a range. */
  Bounds without(IovaRange range) {
    return new Bounds(
        intersect(usable, complement(List.of(range))), alignmentLg2, pageSizes, outputBits, rights);
  }

  /** Whether every address of a range is usable. */
  boolean isUsable(long first, long last) {
    return usable.stream()
        .anyMatch(range -> range.contains(first) && Long.compareUnsigned(last, range.last()) <= 0);
  }

  /**
   * Whether a format with these bits can have exactly these rights: what it cannot tell apart is
   * always granted (reading) or never (the others).
   */
  static boolean expresses(int formatRights, int rights) {
    int without = ~formatRights;
    return (rights & without & (DmaRequest.WRITE | DmaRequest.EXECUTE)) == 0
        && ((without & DmaRequest.READ) == 0 || (rights & DmaRequest.READ) != 0);
  }

  static long min(long a, long b) {
    return Long.compareUnsigned(a, b) <= 0 ? a : b;
  }

  static long max(long a, long b) {
    return Long.compareUnsigned(a, b) >= 0 ? a : b;
  }

  /** What two ordered lists have in common. */
  static List<IovaRange> intersect(List<IovaRange> some, List<IovaRange> others) {
    List<IovaRange> common = new ArrayList<>();
    for (IovaRange a : some) {
      for (IovaRange b : others) {
        if (a.overlaps(b)) {
          common.add(new IovaRange(max(a.first(), b.first()), min(a.last(), b.last())));
        }
      }
    }
    return common;
  }

  /** The addresses in none of the ranges. */
  static List<IovaRange> complement(List<IovaRange> ranges) {
    List<IovaRange> rest = new ArrayList<>();
    long at = 0;
    List<IovaRange> sorted =
        ranges.stream()
            .sorted(Comparator.comparing(IovaRange::first, Long::compareUnsigned))
            .toList();
    for (IovaRange range : sorted) {
      if (Long.compareUnsigned(range.first(), at) > 0) {
        rest.add(new IovaRange(at, range.first() - 1));
      }
      if (range.last() == -1L) {
        return rest;
      }
      at = max(at, range.last() + 1);
    }
    rest.add(new IovaRange(at, -1L));
    return rest;
  }
}
