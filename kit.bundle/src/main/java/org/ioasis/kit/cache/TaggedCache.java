package org.ioasis.kit.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A 4-way cache of words under (tag, address), for naturally aligned blocks of up to eight sizes.
 * One {@code long[]} holds keys and data, so that a hit costs two cache lines and no allocation.
 *
 * <pre>
 *  set s, way w:  words[8*s + 2*w]      key   63:12 block address, 11:0 tag 11:0
 *                 words[8*s + 2*w + 1]  data  63:52 tag 23:12, 51:0 {@link CacheWord}
 *  versions[s]                          version of set s: odd while a writer holds it
 * </pre>
 *
 * <p><b>Threading:</b> any thread. Readers take no lock: they read the version with acquire, the
 * ways, and the version again after an acquire fence; unequal or odd is a miss. Writers hold a set
 * by making its version odd with a compare-and-set; a fill that finds it odd gives up, an
 * invalidation waits. Fills check the epoch while they hold the set (see the package).
 */
public final class TaggedCache {
  /** Ways of a set. */
  public static final int WAYS = 4;

  /** log2 of the smallest size of the caches that hits look into. */
  static final int PAGE_LG2 = 12;

  /** Bits of a tag. */
  public static final int TAG_BITS = 24;

  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int SET_WORDS = 2 * WAYS;
  private static final int LOW_TAG = 0xFFF;
  private static final int TAG_SHIFT = 12;

  /** What a version was before a writer took it, so that a held one equals none. */
  private static final long EVEN = -2;

  private static final int HIGH_TAG_SHIFT = 52;
  private static final long DATA = (1L << HIGH_TAG_SHIFT) - 1;

  /** What tells data words of one key apart: the rest of the tag, the size, and being in use. */
  private static final long MARK = ~DATA | CacheWord.MARK;

  private final InvalidationEpoch epoch;
  private final int[] sizes;
  private final int smallest;
  private final int sets;

  private final long[] words;
  private final long[] versions;

  /** Bit n: a block of size n may have been stored. Never cleared. */
  private volatile int filled;

  /**
   * An empty cache.
   *
   * @param entries number of entries, a power of two, at least {@value #WAYS}
   * @param epoch the unit's epoch
   * @param sizes log2 of the block sizes, ascending, one to eight of them, each 12 to 63
   */
  public TaggedCache(int entries, InvalidationEpoch epoch, int... sizes) {
    if (entries < WAYS || Integer.bitCount(entries) != 1) {
      throw new IllegalArgumentException(
          "cache refused: %d entries; give a power of two of at least %d".formatted(entries, WAYS));
    }
    this.epoch = epoch;
    this.sizes = sizes.clone();
    this.smallest = sizes[0];
    this.sets = entries / WAYS;
    this.words = new long[sets * SET_WORDS];
    this.versions = new long[sets];
  }

  /** Number of entries it can hold. */
  public int capacity() {
    return sets * WAYS;
  }

  /** log2 of the block size that a word is for. */
  public int sizeLg2(long word) {
    return sizes[CacheWord.size(word)];
  }

  /**
   * Index of the largest size that is not above {@code lg2}: what a block of that size is cached
   * as. 0 if all are above.
   */
  public int sizeFor(int lg2) {
    int size = 0;
    while (size + 1 < sizes.length && sizes[size + 1] <= lg2) {
      size++;
    }
    return size;
  }

  /** log2 of the block size with an index. */
  public int sizeLg2Of(int size) {
    return sizes[size];
  }

  /**
   * The word for an address, smallest block first.
   *
   * @param tag 1 to 2^24-1
   * @return the data word without the tag, 0 if there is none
   */
  public long lookup(int tag, long address) {
    long word = probe(tag, address, smallest, 0);
    if (word == 0 && filled > 1) {
      word = lookupLarger(tag, address);
    }
    return word;
  }

  /** The same, if the smallest size is {@link #PAGE_LG2}; for hits. */
  long lookupPage(int tag, long address) {
    long word = probe(tag, address, PAGE_LG2, 0);
    return word != 0 || filled <= 1 ? word : lookupLarger(tag, address);
  }

  private long lookupLarger(int tag, long address) {
    int present = filled;
    for (int size = 1; size < sizes.length; size++) {
      if ((present >>> size & 1) != 0) {
        long word = probe(tag, address, sizes[size], size);
        if (word != 0) {
          return word;
        }
      }
    }
    return 0;
  }

  private long probe(int tag, long address, int lg2, int size) {
    long block = address >>> lg2;
    long key = block << lg2 | (tag & LOW_TAG);
    long mark = (long) (tag >>> TAG_SHIFT) << HIGH_TAG_SHIFT | CacheWord.mark(size);
    long[] counts = versions;
    int set = hash(tag, block) & counts.length - 1;
    // Plain reads between fences: a torn or mixed pair lies between two versions and is a miss.
    long version = counts[set];
    VarHandle.acquireFence();
    long[] all = words;
    int at = set * SET_WORDS;
    long data;
    if ((all[at] == key && ((data = all[at + 1]) & MARK) == mark)
        || (all[at + 2] == key && ((data = all[at + 3]) & MARK) == mark)
        || (all[at + 4] == key && ((data = all[at + 5]) & MARK) == mark)
        || (all[at + 6] == key && ((data = all[at + 7]) & MARK) == mark)) {
      VarHandle.acquireFence();
      return counts[set] == (version & EVEN) ? data & DATA : 0;
    }
    return 0;
  }

  private static int hash(int tag, long block) {
    return (int) (block ^ block >>> 9) ^ tag * 0x9E3779B1;
  }

  private int setOf(int tag, long block) {
    return hash(tag, block) & sets - 1;
  }

  /**
   * Stores a word, unless an invalidation has started since {@code epochRead}.
   *
   * @param epochRead {@link InvalidationEpoch#current()} from before the first read that led to the
   *     word
   * @param tag 1 to 2^24-1
   * @param address any address in the block
   * @param word {@link CacheWord#of}
   * @return whether it was stored; a fill is also dropped when another writer holds the set
   */
  public boolean fill(long epochRead, int tag, long address, long word) {
    int lg2 = sizeLg2(word);
    long block = address >>> lg2;
    int set = setOf(tag, block);
    long version = versionOf(set);
    if ((version & 1) != 0 || !tryHold(set, version)) {
      return false;
    }
    // Before the epoch is read: an invalidation that the check does not see must see the size.
    int bit = 1 << CacheWord.size(word);
    if ((filled & bit) == 0) {
      noteSize(bit);
    }
    boolean current = epoch.current() == epochRead;
    if (current) {
      long data = word | (long) (tag >>> TAG_SHIFT) << HIGH_TAG_SHIFT;
      store(set, version, block << lg2 | (tag & LOW_TAG), data);
    }
    release(set, version);
    return current;
  }

  /** Replaces the way that has the key, else an empty one, else one that the version picks. */
  private void store(int set, long version, long key, long data) {
    int at = set * SET_WORDS;
    int chosen = (int) (version >>> 1 & WAYS - 1) * 2;
    for (int way = SET_WORDS - 2; way >= 0; way -= 2) {
      long there = words[at + way + 1];
      if (there == 0) {
        chosen = way;
      } else if (words[at + way] == key && sameBlock(there, data)) {
        chosen = way;
        break;
      }
    }
    WORDS.setOpaque(words, at + chosen, key);
    WORDS.setOpaque(words, at + chosen + 1, data);
  }

  private static boolean sameBlock(long one, long other) {
    return one >>> HIGH_TAG_SHIFT == other >>> HIGH_TAG_SHIFT
        && CacheWord.size(one) == CacheWord.size(other);
  }

  private synchronized void noteSize(int bit) {
    filled |= bit;
  }

  /**
   * Removes every entry of a tag that overlaps a range. The epoch has been raised before.
   *
   * @param first first address
   * @param last last address, inclusive, not below {@code first} (unsigned)
   */
  public void remove(int tag, long first, long last) {
    for (int size = 0; size < sizes.length; size++) {
      if ((filled >>> size & 1) != 0) {
        long blocks = (last >>> sizes[size]) - (first >>> sizes[size]) + 1;
        if (blocks <= 0 || blocks > sets) {
          scan(tag, first, last);
          return;
        }
      }
    }
    for (int size = 0; size < sizes.length; size++) {
      if ((filled >>> size & 1) != 0) {
        long end = (last >>> sizes[size]) + 1;
        for (long block = first >>> sizes[size]; block != end; block++) {
          sweep(setOf(tag, block), tag, first, last);
        }
      }
    }
  }

  private void scan(int tag, long first, long last) {
    for (int set = 0; set < sets; set++) {
      sweep(set, tag, first, last);
    }
  }

  /** Removes the tag's entries of one set that overlap the range; waits for the set. */
  private void sweep(int set, int tag, long first, long last) {
    long version = hold(set);
    int at = set * SET_WORDS;
    for (int way = 0; way < SET_WORDS; way += 2) {
      long data = words[at + way + 1];
      if (data != 0 && matches(words[at + way], data, tag, first, last)) {
        WORDS.setOpaque(words, at + way, 0L);
        WORDS.setOpaque(words, at + way + 1, 0L);
      }
    }
    release(set, version);
  }

  private boolean matches(long key, long data, int tag, long first, long last) {
    long low = key & ~(long) LOW_TAG;
    long high = low | (1L << sizeLg2(data)) - 1;
    return (key & LOW_TAG) == (tag & LOW_TAG)
        && data >>> HIGH_TAG_SHIFT == tag >>> TAG_SHIFT
        && Long.compareUnsigned(low, last) <= 0
        && Long.compareUnsigned(high, first) >= 0;
  }

  /** Removes everything. The epoch has been raised before. */
  public void clear() {
    for (int set = 0; set < sets; set++) {
      long version = hold(set);
      for (int at = set * SET_WORDS; at < (set + 1) * SET_WORDS; at++) {
        WORDS.setOpaque(words, at, 0L);
      }
      release(set, version);
    }
  }

  /** Number of entries in use, those under dead tags included; for counters and tests. */
  public int size() {
    int used = 0;
    for (int at = 1; at < sets * SET_WORDS; at += 2) {
      used += (long) WORDS.getOpaque(words, at) != 0 ? 1 : 0;
    }
    return used;
  }

  private long versionOf(int set) {
    return (long) WORDS.getAcquire(versions, set);
  }

  private boolean tryHold(int set, long version) {
    return WORDS.compareAndSet(versions, set, version, version + 1);
  }

  /** Holds a set, waiting for another writer; writers hold for a few stores only. */
  @SuppressWarnings(
      "ThreadPriorityCheck") // for speed alone: the holder may have lost its processor
  private long hold(int set) {
    while (true) {
      long version = versionOf(set);
      if ((version & 1) == 0 && tryHold(set, version)) {
        return version;
      }
      Thread.yield();
    }
  }

  private void release(int set, long version) {
    WORDS.setRelease(versions, set, version + 2);
  }
}
