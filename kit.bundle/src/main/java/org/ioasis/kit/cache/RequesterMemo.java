package org.ioasis.kit.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The way of a walk: remembers which tables a requester is translated by and which tag they have,
 * so that a walk from a cached leaf table needs neither configuration caches nor the tag tree.
 * Direct-mapped. What it says is right as long as {@link TagTree#version()} stands at what it was
 * when the configuration was looked up.
 *
 * <p>An object is made when a requester gets other tables. After an invalidation the same tables
 * are only stamped anew: with the version and the tag in one word, so that no reader mixes them. Of
 * requesters that share a slot, the first one at a version keeps it, or they would make an object
 * each in turn.
 *
 * <p><b>Threading:</b> any thread, no lock. A reader that fills caches under the tag has read the
 * epoch before {@link #find}: then the tag was not yet given to another node in that epoch (a wrap
 * starts a new version before it raises the epoch).
 *
 * @param <T> what a requester is translated by, immutable
 */
public final class RequesterMemo<T> {
  private static final VarHandle STAMP;
  private static final int TAG_BITS = TaggedCache.TAG_BITS;
  private static final int TAG_MASK = (1 << TAG_BITS) - 1;
  private static final int SPREAD = 21;

  static {
    try {
      STAMP = MethodHandles.lookup().findVarHandle(Known.class, "stamp", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * A requester&#39;s tables.
   *
   * @param <T> their type
   */
  public static final class Known<T> {
    private final long requester;
    private final T tables;

    /** 63:24 the version, 23:0 the tag; 0 says nothing. */
    @SuppressWarnings("UnusedVariable") // STAMP reads it
    private long stamp;

    private Known(long requester, T tables) {
      this.requester = requester;
      this.tables = tables;
    }

    /** The tables. */
    public T tables() {
      return tables;
    }

    /**
     * Their tag.
     *
     * @return {@link TagTree#NO_TAG} if nothing is known at this version
     */
    public int tag(long version) {
      long word = (long) STAMP.getAcquire(this);
      return word >>> TAG_BITS == version ? (int) word & TAG_MASK : TagTree.NO_TAG;
    }
  }

  private final AtomicReferenceArray<Known<T>> slots;

  /**
   * An empty memo.
   *
   * @param capacity slots, a power of two
   */
  public RequesterMemo(int capacity) {
    slots = new AtomicReferenceArray<>(capacity);
  }

  private int at(long requester) {
    return (int) (requester ^ requester >>> SPREAD) & slots.length() - 1;
  }

  /** What is known of a requester, at whatever version; null if nothing. */
  public Known<T> find(long requester) {
    Known<T> known = slots.getAcquire(at(requester));
    return known != null && known.requester == requester ? known : null;
  }

  /**
   * Remembers.
   *
   * @param requester {@link org.ioasis.api.machine.DmaRequest#requester}
   * @param version of the tag tree, read before the configuration was looked up; versions that do
   *     not fit beside a tag are not remembered
   * @param tables the same object for the same tables, as long as they are cached
   */
  public void remember(long requester, long version, T tables, int tag) {
    if (requester < 0 || version >>> (Long.SIZE - TAG_BITS) != 0) {
      return;
    }
    int at = at(requester);
    Known<T> known = slots.getAcquire(at);
    if (known == null || known.requester != requester || known.tables != tables) {
      if (known != null && known.requester != requester && known.tag(version) != TagTree.NO_TAG) {
        return;
      }
      known = new Known<>(requester, tables);
      slots.setRelease(at, known);
    }
    STAMP.setRelease(known, version << TAG_BITS | tag);
  }
}
