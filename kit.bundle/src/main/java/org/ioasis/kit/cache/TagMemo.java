package org.ioasis.kit.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Remembers which tag a requester&#39;s translations have, so that a hit needs neither
 * configuration caches nor the tag tree. Direct-mapped; what it says is right as long as {@link
 * TagTree#version()} stands at what it was when the configuration was looked up.
 *
 * <pre>
 *  slots[2*s]      63:24 requester key, 23:0 tag
 *  slots[2*s + 1]  the version, {@value #HELD} while a writer holds the slot
 * </pre>
 *
 * <p><b>Threading:</b> any thread, no lock. A reader reads the version of the tree first and again
 * when it has used the tag; unequal, and the answer counts for nothing. So a slot that is replaced
 * between its two loads is harmless: whatever tag stands there was alive at that same version.
 * Writers keep each other out, because a tag must never meet a later version.
 */
public final class TagMemo {
  /** Bits of a requester key. */
  public static final int KEY_BITS = 40;

  private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int TAG_BITS = TaggedCache.TAG_BITS;
  private static final int TAG_MASK = (1 << TAG_BITS) - 1;
  private static final long HELD = -1;

  private final long[] slots;
  private final int mask;

  /**
   * An empty memo.
   *
   * @param capacity slots, a power of two
   */
  public TagMemo(int capacity) {
    slots = new long[2 * capacity];
    mask = 2 * (capacity - 1);
    Arrays.fill(slots, HELD);
    for (int at = 1; at < slots.length; at += 2) {
      slots[at] = HELD - 1; // no version, and free
    }
  }

  private int at(long key) {
    return (int) (key ^ key >>> 7 ^ key >>> 20) << 1 & mask;
  }

  /**
   * The tag of a requester.
   *
   * @param key at most {@value #KEY_BITS} bits
   * @param version of the tag tree, read before
   * @return the tag, or {@link TagTree#NO_TAG}
   */
  public int tag(long key, long version) {
    int at = at(key);
    long stamp = (long) SLOTS.getAcquire(slots, at + 1);
    long slot = slots[at];
    return stamp == version && slot >>> TAG_BITS == key ? (int) slot & TAG_MASK : TagTree.NO_TAG;
  }

  /**
   * Remembers a tag.
   *
   * @param version of the tag tree, read before the configuration was looked up
   * @return false if it was remembered already
   */
  public boolean remember(long key, long version, int tag) {
    if (tag(key, version) == tag) {
      return false;
    }
    int at = at(key);
    long stamp = (long) SLOTS.getAcquire(slots, at + 1);
    if (stamp != HELD && SLOTS.compareAndSet(slots, at + 1, stamp, HELD)) {
      SLOTS.setOpaque(slots, at, key << TAG_BITS | tag);
      SLOTS.setRelease(slots, at + 1, version);
    }
    return true;
  }
}
