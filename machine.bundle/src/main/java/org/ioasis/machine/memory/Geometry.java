package org.ioasis.machine.memory;

/**
 * How an address is cut: chunk number, then word in the chunk. Chosen by the last address of RAM;
 * the figures behind it are in docs/decisions, "Memory in chunks".
 *
 * <ul>
 *   <li>up to 4 MiB: <i>dense</i>, one chunk, no directory on the way of a load;
 *   <li>up to 8 GiB: chunks of 64 KiB in a directory of one level;
 *   <li>wider: chunks of 16 KiB (64 KiB from 2^40 on) in a directory of two levels.
 * </ul>
 *
 * @param coverBits log2 of the first power of two above RAM; addresses at or above it are absent
 * @param chunkLg2 log2 of the bytes of a chunk
 * @param tableBits log2 of the chunks of a second-level table; 0 for one level
 */
record Geometry(int coverBits, int chunkLg2, int tableBits) {
  private static final int PAGE_LG2 = 12;
  private static final int DENSE_BITS = 22;
  private static final int FLAT_BITS = 33;
  private static final int FLAT_CHUNK_LG2 = 16;
  private static final int WIDE_BITS = 40;
  private static final int SPARSE_CHUNK_LG2 = 14;
  private static final int LEAST_TABLE_BITS = 10;

  /** The cut for RAM that ends at {@code last}; -1 means no RAM. */
  static Geometry of(long last) {
    int cover = Math.max(PAGE_LG2, last < 0 ? 0 : Long.SIZE - Long.numberOfLeadingZeros(last));
    if (cover <= DENSE_BITS) {
      return new Geometry(cover, cover, 0);
    }
    if (cover <= FLAT_BITS) {
      return new Geometry(cover, FLAT_CHUNK_LG2, 0);
    }
    return sparse(cover, cover <= WIDE_BITS ? SPARSE_CHUNK_LG2 : FLAT_CHUNK_LG2);
  }

  /** Two levels with chunks of a given size. */
  static Geometry sparse(int coverBits, int chunkLg2) {
    int chunkBits = coverBits - chunkLg2;
    return new Geometry(coverBits, chunkLg2, Math.max(LEAST_TABLE_BITS, chunkBits / 2));
  }

  /** Whether all of RAM is one chunk. */
  boolean isDense() {
    return coverBits == chunkLg2;
  }

  /** log2 of the number of chunks. */
  int chunkBits() {
    return coverBits - chunkLg2;
  }

  /** Words of 64 bits of a chunk. */
  int chunkWords() {
    return 1 << (chunkLg2 - 3);
  }
}
