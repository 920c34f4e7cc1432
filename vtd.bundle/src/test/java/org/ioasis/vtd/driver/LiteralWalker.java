package org.ioasis.vtd.driver;

import org.ioasis.api.memory.PhysicalMemory;

/**
 * Reads what the driver wrote, by bit positions as the specification prints them and nothing else.
 * An answer is the page's address with bit 0 for read and bit 1 for write, or 0.
 */
final class LiteralWalker {
  private static final long PAGE_POINTER = 0x000F_FFFF_FFFF_F000L;

  private final PhysicalMemory memory;
  private final long rtaddr;

  LiteralWalker(PhysicalMemory memory, long rtaddr) {
    this.memory = memory;
    this.rtaddr = rtaddr;
  }

  /** The legacy context entry of a source id: two quadwords. */
  long[] contextEntry(int sourceId) {
    long root = memory.load64((rtaddr & ~0xFFFL) + (sourceId >>> 8) * 16L);
    if ((root & 1) == 0) {
      return new long[2];
    }
    long at = (root & ~0xFFFL) + (sourceId & 0xFF) * 16L;
    return new long[] {memory.load64(at), memory.load64(at + 8)};
  }

  /** The PASID table entry of a source id: eight quadwords. */
  long[] pasidEntry(int sourceId, int pasid) {
    long[] entry = new long[8];
    boolean upper = (sourceId & 0x80) != 0;
    long root = memory.load64((rtaddr & ~0xFFFL) + (sourceId >>> 8) * 16L + (upper ? 8 : 0));
    long context = (root & ~0xFFFL) + (sourceId & 0x7F) * 32L;
    if ((root & 1) == 0 || (memory.load64(context) & 1) == 0) {
      return entry;
    }
    long directory = memory.load64(context) & ~0xFFFL;
    long table = memory.load64(directory + (pasid >>> 6) * 8L);
    if ((table & 1) != 0) {
      for (int word = 0; word < 8; word++) {
        entry[word] = memory.load64((table & ~0xFFFL) + (pasid & 63) * 64L + 8L * word);
      }
    }
    return entry;
  }

  /** Where an IOVA leads for a source id and PASID (0 without one). */
  long walk(int sourceId, int pasid, long iova) {
    if ((rtaddr & 0x400) == 0) {
      long[] context = contextEntry(sourceId);
      boolean walks = (context[0] & 1) != 0 && (context[0] & 8) == 0; // TT 00 or 01
      return walks ? second(context[0] & ~0xFFFL, (int) (context[1] & 7) + 2, iova) : 0;
    }
    long[] entry = pasidEntry(sourceId, pasid);
    if ((entry[0] & 1) == 0) {
      return 0;
    }
    return switch ((int) (entry[0] >>> 6 & 7)) {
      case 1 -> first(entry[2] & ~0xFFFL, iova);
      case 2 -> second(entry[0] & ~0xFFFL, (int) (entry[0] >>> 2 & 7) + 2, iova);
      default -> 0;
    };
  }

  private long second(long root, int levels, long iova) {
    long table = root;
    long rights = 3;
    for (int level = levels; level >= 1; level--) {
      int shift = 12 + 9 * (level - 1);
      long entry = memory.load64(table + (iova >>> shift & 0x1FF) * 8);
      rights &= entry;
      if ((entry & 3) == 0) {
        return 0;
      }
      if (level == 1 || (entry & 0x80) != 0) {
        return page(entry, shift, iova) | rights;
      }
      table = entry & PAGE_POINTER;
    }
    return 0;
  }

  private long first(long root, long iova) {
    long table = root;
    long write = 2;
    for (int level = 4; level >= 1; level--) {
      int shift = 12 + 9 * (level - 1);
      long entry = memory.load64(table + (iova >>> shift & 0x1FF) * 8);
      write &= entry;
      if ((entry & 5) != 5) {
        return 0; // not present, or not for users
      }
      if (level == 1 || (entry & 0x80) != 0) {
        return page(entry, shift, iova) | write | 1;
      }
      table = entry & PAGE_POINTER;
    }
    return 0;
  }

  private static long page(long entry, int shift, long iova) {
    long offset = (1L << shift) - 1;
    if ((entry & PAGE_POINTER & offset) != 0) {
      throw new AssertionError("misaligned leaf 0x%x".formatted(entry));
    }
    return (entry & PAGE_POINTER & ~offset) | (iova & offset & ~0xFFFL);
  }
}
