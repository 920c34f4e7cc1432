package org.ioasis.machine.memory;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.MemoryBacking;
import org.ioasis.api.memory.MemoryRegion;

/**
 * Which addresses are RAM: the regions of one machine in address order.
 *
 * <p><b>Threading:</b> immutable.
 */
final class RegionMap {
  private final List<MemoryRegion> regions;
  private final long[] bases;
  private final long[] lasts;

  /**
   * Sorts and checks the regions.
   *
   * @throws IoasisException INVALID if two overlap or one leaves the address width
   */
  RegionMap(List<MemoryRegion> given, int addressBits) {
    regions = given.stream().sorted(Comparator.comparingLong(MemoryRegion::base)).toList();
    bases = regions.stream().mapToLong(MemoryRegion::base).toArray();
    lasts = regions.stream().mapToLong(MemoryRegion::last).toArray();
    for (int i = 0; i < bases.length; i++) {
      if (lasts[i] >>> addressBits != 0) {
        throw new IoasisException(
            Reason.INVALID,
            "RAM region 0x%x..0x%x leaves the %d address bits of the machine; widen addressBits"
                .formatted(bases[i], lasts[i], addressBits));
      }
      if (i > 0 && bases[i] <= lasts[i - 1]) {
        throw new IoasisException(
            Reason.INVALID,
            "RAM regions 0x%x..0x%x and 0x%x..0x%x overlap; each byte belongs to one region"
                .formatted(bases[i - 1], lasts[i - 1], bases[i], lasts[i]));
      }
    }
  }

  /** The regions in address order. */
  List<MemoryRegion> regions() {
    return regions;
  }

  /** The last address of RAM, or -1 if there is none. */
  long last() {
    return lasts.length == 0 ? -1 : lasts[lasts.length - 1];
  }

  /** Whether {@code address} is RAM. */
  boolean contains(long address) {
    int at = indexOf(address);
    return at >= 0 && address <= lasts[at];
  }

  /** Whether all of {@code base..last} is RAM, possibly of several adjoining regions. */
  boolean covers(long base, long last) {
    long next = base;
    for (int at = indexOf(base); at >= 0 && at < bases.length; at++) {
      if (next < bases[at] || next > lasts[at]) {
        return false;
      }
      if (last <= lasts[at]) {
        return true;
      }
      next = lasts[at] + 1;
    }
    return false;
  }

  /** Whether all of {@code base..last} is RAM whose first content is zeros. */
  boolean isZeros(long base, long last) {
    if (!covers(base, last)) {
      return false;
    }
    for (int at = indexOf(base); at < bases.length && bases[at] <= last; at++) {
      if (regions.get(at).backing() != MemoryBacking.ZERO) {
        return false;
      }
    }
    return true;
  }

  /** Whether any byte of {@code base..last} is RAM. */
  boolean touches(long base, long last) {
    int at = indexOf(last);
    return at >= 0 && lasts[at] >= base;
  }

  /** Index of the last region that begins at or below {@code address}, or -1. */
  int indexOf(long address) {
    if (address < 0) {
      return -1;
    }
    int at = Arrays.binarySearch(bases, address);
    return at >= 0 ? at : -at - 2;
  }
}
