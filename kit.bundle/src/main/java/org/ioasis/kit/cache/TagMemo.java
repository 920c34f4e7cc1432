package org.ioasis.kit.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.ioasis.api.machine.DmaRequest;

/**
 * The way of a hit: remembers which tag a requester&#39;s translations have, so that a hit needs
 * neither configuration caches nor the tag tree. Direct-mapped; what it says is right as long as
 * {@link TagTree#version()} stands at what it was when the configuration was looked up.
 *
 * <pre>
 *  slots[2*s]      63:24 requester key, 23:0 tag
 *  slots[2*s + 1]  the version, {@value #HELD} while a writer holds the slot
 * </pre>
 *
 * <p><b>Threading:</b> any thread, no lock. A reader takes the slot&#39;s version first, then the
 * tag and what the cache has under it, and last it compares with the version of the tree: versions
 * only grow, so when the tree stands at the slot&#39;s version then, it has stood there since the
 * slot was written. A slot that is replaced between its two loads is harmless: whoever holds it
 * stores a tag only while the tree stands at the tag&#39;s version, which is not older than any
 * version a reader can have taken from the slot before. Writers keep each other out.
 */
public final class TagMemo {
  /** Bits of a requester key that can be remembered; no other key is ever found. */
  public static final int KEY_BITS = 40;

  private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int TAG_BITS = TaggedCache.TAG_BITS;
  private static final int TAG_MASK = (1 << TAG_BITS) - 1;
  private static final int SPREAD = 21;

  /** From WRITE to DIRTY in a {@link CacheWord}. */
  private static final int DIRTY_IF_WRITE = 3;

  /** The key of an empty slot. */
  private static final long NO_KEY = (1L << KEY_BITS) - 1;

  private static final long HELD = -1;

  /** The version of a slot that says nothing: no tree stands there. */
  private static final long NO_VERSION = HELD - 1;

  private final TagTree tags;
  private final TaggedCache cache;
  private final long[] slots;

  /**
   * An empty memo.
   *
   * @param capacity slots, a power of two
   * @param tags whose tags it remembers
   * @param cache what is looked up under them; its smallest size is 4 KiB
   */
  public TagMemo(int capacity, TagTree tags, TaggedCache cache) {
    if (cache.sizeLg2Of(0) != TaggedCache.PAGE_LG2) {
      throw new IllegalArgumentException(
          "memo refused: the smallest size of its cache is 2^%d, not 2^%d"
              .formatted(cache.sizeLg2Of(0), TaggedCache.PAGE_LG2));
    }
    this.tags = tags;
    this.cache = cache;
    slots = new long[2 * capacity];
    Arrays.fill(slots, HELD);
    for (int at = 1; at < slots.length; at += 2) {
      slots[at] = NO_VERSION;
    }
  }

  private static int at(long[] all, long key) {
    return (int) (key ^ key >>> SPREAD) << 1 & all.length - 1;
  }

  /**
   * The word that an ordinary request of a known requester hits: it has every right that is needed,
   * and where it is written through, nothing is to be marked. Kept small, so that a hit becomes one
   * piece of machine code.
   *
   * @param access the rights that are needed, where {@link CacheWord} has them
   * @return 0 if it hits none
   */
  public long hit(DmaRequest request, int access) {
    if (!request.isOrdinary()) {
      return 0;
    }
    long word = lookup(request.requester(), request.iova());
    int wanted = access | (access & CacheWord.WRITE) << DIRTY_IF_WRITE | CacheWord.VALID;
    return CacheWord.has(word, wanted) ? word : 0;
  }

  /**
   * The word that the cache has for an address of a requester. It has its full meaning at the
   * moment of the call: the requester&#39;s tag was alive all the time.
   *
   * @param key any
   * @return as {@link TaggedCache#lookup}; 0 also if the requester is not known
   */
  long lookup(long key, long address) {
    long[] all = slots;
    int at = at(all, key);
    long stamp = all[at + 1];
    VarHandle.acquireFence();
    long slot = all[at];
    if (slot >>> TAG_BITS != key) {
      return 0;
    }
    long word = cache.lookupPage((int) slot & TAG_MASK, address);
    VarHandle.acquireFence();
    return tags.version() == stamp ? word : 0;
  }

  /**
   * The tag of a requester.
   *
   * @param key any
   * @param version of the tag tree, read before
   * @return the tag, or {@link TagTree#NO_TAG}
   */
  public int tag(long key, long version) {
    int at = at(slots, key);
    long stamp = (long) SLOTS.getAcquire(slots, at + 1);
    long slot = (long) SLOTS.getOpaque(slots, at);
    return stamp == version && slot >>> TAG_BITS == key ? (int) slot & TAG_MASK : TagTree.NO_TAG;
  }

  /**
   * Remembers a tag, unless the tree has gone on or the key is too long.
   *
   * @param key at most {@value #KEY_BITS} bits, and not all of them set
   * @param version of the tag tree, read before the configuration was looked up
   * @return false if it was remembered already
   */
  public boolean remember(long key, long version, int tag) {
    if (tag(key, version) == tag) {
      return false;
    }
    if (key < 0 || key >= NO_KEY) {
      return true;
    }
    int at = at(slots, key);
    long stamp = (long) SLOTS.getAcquire(slots, at + 1);
    if (stamp != HELD && SLOTS.compareAndSet(slots, at + 1, stamp, HELD)) {
      // Who read the stamp before must not meet a tag that is older.
      boolean current = tags.version() == version;
      if (current) {
        SLOTS.setRelease(slots, at, key << TAG_BITS | tag);
      }
      SLOTS.setRelease(slots, at + 1, current ? version : NO_VERSION);
    }
    return true;
  }
}
