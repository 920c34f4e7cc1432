package org.ioasis.kit.cache;

/**
 * The data word of a {@link TaggedCache}. Bits 63:52 belong to the cache, all others to its user.
 *
 * <pre>
 *  63       52 51                          12 11   9    8     7   6    5    4      3    2  1  0
 * +-----------+------------------------------+------+------+-----+----+----+-----+----+--+--+--+
 * | tag 23:12 |    address 51:12             | SIZE | SNP  |VALID| U2 | U1 |DIRTY|PRIV| X| W| R|
 * +-----------+------------------------------+------+------+-----+----+----+-----+----+--+--+--+
 * </pre>
 *
 * <p>R, W, X and PRIV stand where {@code DmaRequest} has them. DIRTY: a write through this word
 * needs no dirty update any more. SIZE is an index into the cache's list of sizes. U1 and U2 are
 * the user's own. A vendor whose rights are of another kind uses bits 6:0 but for DIRTY as it
 * likes.
 */
public final class CacheWord {
  /** Rights: read, write, execute, and that only privileged accesses have them. */
  public static final int READ = 1, WRITE = 2, EXECUTE = 4, PRIVILEGED_ONLY = 8;

  /** Mask of the rights. */
  public static final int RIGHTS = 0xF;

  /** No dirty update is needed on a write. */
  public static final int DIRTY = 1 << 4;

  /** Two bits of the user's own. */
  public static final int USER_1 = 1 << 5, USER_2 = 1 << 6;

  /** The word is in use. */
  public static final int VALID = 1 << 7;

  /** The accesses snoop. */
  public static final int SNOOP = 1 << 8;

  /** Mask of the address. */
  public static final long ADDRESS = 0x000F_FFFF_FFFF_F000L;

  private static final int SIZE_SHIFT = 9;
  private static final int SIZE_MASK = 7;

  /** Bits that say a word is in use and for which size. */
  static final int MARK = VALID | SIZE_MASK << SIZE_SHIFT;

  private CacheWord() {}

  /**
   * A valid word.
   *
   * @param address page or table address, 4 KiB aligned, below 2^52
   * @param size index into the cache's sizes
   * @param flags rights, DIRTY, SNOOP, the user's own
   */
  public static long of(long address, int size, int flags) {
    return (address & ADDRESS) | (long) size << SIZE_SHIFT | flags | VALID;
  }

  /** The bits {@link #MARK} of a word in use for a size. */
  static int mark(int size) {
    return VALID | size << SIZE_SHIFT;
  }

  /** The address. */
  public static long address(long word) {
    return word & ADDRESS;
  }

  /** The size index. */
  public static int size(long word) {
    return (int) word >>> SIZE_SHIFT & SIZE_MASK;
  }

  /** Whether every bit of {@code needed} is set. */
  public static boolean has(long word, int needed) {
    return ((int) word & needed) == needed;
  }
}
