package org.ioasis.kit.cache;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;

/**
 * A 2-way cache of decoded device structures, immutable objects under a key. A hit is one or two
 * loads; an object is made only when a structure has been read from memory.
 *
 * <p><b>Threading:</b> any thread. Lookups read with acquire and need no version, since an entry
 * never changes. Fills and invalidations hold the pair's version as {@link TaggedCache} does, and
 * fills check the epoch while they hold it.
 *
 * @param <T> what is cached
 */
public final class ConfigurationCache<T extends ConfigurationCache.Entry> {
  /** Something with a key. */
  public abstract static class Entry {
    private final long key;

    /**
     * An entry.
     *
     * @param key what it is found by
     */
    protected Entry(long key) {
      this.key = key;
    }

    /** What it is found by. */
    public final long key() {
      return key;
    }
  }

  private static final int WAYS = 2;

  private final InvalidationEpoch epoch;
  private final AtomicReferenceArray<T> entries;
  private final AtomicIntegerArray versions;

  /**
   * An empty cache.
   *
   * @param capacity number of entries, a power of two, at least 2
   * @param epoch the unit's epoch
   */
  public ConfigurationCache(int capacity, InvalidationEpoch epoch) {
    if (capacity < WAYS || Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException(
          "cache refused: %d entries; give a power of two of at least %d"
              .formatted(capacity, WAYS));
    }
    this.epoch = epoch;
    this.entries = new AtomicReferenceArray<>(capacity);
    this.versions = new AtomicIntegerArray(capacity / WAYS);
  }

  /** The entry with this key, null if there is none. */
  public T lookup(long key) {
    int at = base(key);
    T entry = entries.getAcquire(at);
    if (entry != null && entry.key() == key) {
      return entry;
    }
    entry = entries.getAcquire(at + 1);
    return entry != null && entry.key() == key ? entry : null;
  }

  private int base(long key) {
    long mixed = key * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 40) & entries.length() - 1 & -WAYS;
  }

  /**
   * Stores an entry, unless an invalidation has started since {@code epochRead}.
   *
   * @param epochRead {@link InvalidationEpoch#current()} from before the first read that led to it
   * @return whether it was stored
   */
  public boolean fill(long epochRead, T entry) {
    int at = base(entry.key());
    int pair = at / WAYS;
    int version = versions.getAcquire(pair);
    if ((version & 1) != 0 || !versions.compareAndSet(pair, version, version + 1)) {
      return false;
    }
    boolean current = epoch.current() == epochRead;
    if (current) {
      entries.setRelease(at + way(at, entry.key(), version), entry);
    }
    versions.setRelease(pair, version + 2);
    return current;
  }

  /** The way that has the key, else an empty one, else one that the version picks. */
  private int way(int at, long key, int version) {
    int chosen = version >>> 1 & 1;
    for (int way = WAYS - 1; way >= 0; way--) {
      T there = entries.getAcquire(at + way);
      if (there == null) {
        chosen = way;
      } else if (there.key() == key) {
        return way;
      }
    }
    return chosen;
  }

  /** Removes what the predicate selects. The epoch has been raised before. */
  public void removeIf(Predicate<? super T> selected) {
    for (int pair = 0; pair < versions.length(); pair++) {
      int version = hold(pair);
      for (int at = pair * WAYS; at < (pair + 1) * WAYS; at++) {
        T entry = entries.getAcquire(at);
        if (entry != null && selected.test(entry)) {
          entries.setRelease(at, null);
        }
      }
      versions.setRelease(pair, version + 2);
    }
  }

  /** Removes everything. The epoch has been raised before. */
  public void clear() {
    removeIf(entry -> true);
  }

  /** Number of entries in use. */
  public int size() {
    int used = 0;
    for (int at = 0; at < entries.length(); at++) {
      used += entries.getAcquire(at) == null ? 0 : 1;
    }
    return used;
  }

  @SuppressWarnings(
      "ThreadPriorityCheck") // for speed alone: the holder may have lost its processor
  private int hold(int pair) {
    while (true) {
      int version = versions.getAcquire(pair);
      if ((version & 1) == 0 && versions.compareAndSet(pair, version, version + 1)) {
        return version;
      }
      Thread.yield();
    }
  }
}
