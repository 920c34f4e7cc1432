package org.ioasis.amdvi.hardware;

import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.InvalidationEpoch;

/**
 * Interrupt entries by DeviceID and index. Only entries without objection are in it. It has an
 * epoch of its own, so DMA invalidations do not disturb it.
 *
 * <p><b>Threading:</b> as {@link ConfigurationCache} says; an invalidation raises the epoch first.
 */
final class InterruptEntryCache {
  private static final int INDEX_BITS = 11;

  /** One entry as it was read. */
  static final class Entry extends ConfigurationCache.Entry {
    final long lo;
    final long hi;

    /** Whether it has 128 bits. */
    final boolean wide;

    Entry(long key, long lo, long hi, boolean wide) {
      super(key);
      this.lo = lo;
      this.hi = hi;
      this.wide = wide;
    }
  }

  private final InvalidationEpoch epoch = new InvalidationEpoch();
  private final ConfigurationCache<Entry> entries;

  InterruptEntryCache(CacheGeometry geometry) {
    this.entries = new ConfigurationCache<>(geometry.interrupt(), epoch);
  }

  /** Key of an entry. */
  static long key(int deviceId, int index) {
    return (long) deviceId << INDEX_BITS | index;
  }

  /** The epoch, to be read before the device table entry and the interrupt entry are. */
  long epoch() {
    return epoch.current();
  }

  /** The entry with this key, null if it is not here. */
  Entry lookup(long key) {
    return entries.lookup(key);
  }

  /** Stores an entry unless an invalidation has begun since the epoch was read. */
  void fill(long epochRead, Entry entry) {
    entries.fill(epochRead, entry);
  }

  /** INVALIDATE_INTERRUPT_TABLE: entries of a device. */
  void invalidate(int deviceId) {
    epoch.raise();
    entries.removeIf(entry -> entry.key() >>> INDEX_BITS == deviceId);
  }

  /** INVALIDATE_IOMMU_ALL. */
  void invalidateAll() {
    epoch.raise();
    entries.clear();
  }
}
