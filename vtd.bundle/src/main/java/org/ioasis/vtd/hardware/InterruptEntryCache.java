package org.ioasis.vtd.hardware;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Profile;
import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.InvalidationEpoch;

/**
 * The interrupt entry cache: interrupt remapping table entries by index. VT-d, "Interrupt Entry
 * Cache". Only entries that are present and without objection are in it. It has an epoch of its
 * own, so DMA invalidations do not disturb it.
 *
 * <p><b>Threading:</b> as {@link ConfigurationCache} says; an invalidation raises the epoch first.
 */
final class InterruptEntryCache {
  /** Parameter of profiles: number of entries, a power of two from 4. */
  static final String PARAMETER = "interruptcache.entries";

  private static final int BY_DEFAULT = 256;
  private static final int SMALLEST = 4;
  private static final int LARGEST = 1 << 16;

  /** One entry as it was read. */
  static final class Entry extends ConfigurationCache.Entry {
    final long lo;
    final long hi;

    Entry(int index, long lo, long hi) {
      super(index);
      this.lo = lo;
      this.hi = hi;
    }
  }

  private final InvalidationEpoch epoch = new InvalidationEpoch();
  private final ConfigurationCache<Entry> entries;

  /**
   * An empty cache.
   *
   * @throws IoasisException INVALID if the profile's parameter is no such size
   */
  InterruptEntryCache(Profile profile) {
    long size = profile.parameter(PARAMETER, BY_DEFAULT);
    if (size < SMALLEST || size > LARGEST || Long.bitCount(size) != 1) {
      throw new IoasisException(
          Reason.INVALID,
          "profile parameter %s=%d is no power of two from %d to %d"
              .formatted(PARAMETER, size, SMALLEST, LARGEST));
    }
    this.entries = new ConfigurationCache<>((int) size, epoch);
  }

  /** The epoch, to be read before what the entry is read with: table pointer and memory. */
  long epoch() {
    return epoch.current();
  }

  /** The entry of an index, null if it is not here. */
  Entry lookup(int index) {
    return entries.lookup(index);
  }

  /** Stores an entry unless an invalidation has begun since the epoch was read. */
  void fill(long epochRead, Entry entry) {
    entries.fill(epochRead, entry);
  }

  /** iec_inv global, and SIRTP with CAP.ESIRTPS. */
  void invalidateAll() {
    epoch.raise();
    entries.clear();
  }

  /**
   * iec_inv index-selective: 2^mask entries.
   *
   * @param index first index; its low mask bits are ignored
   * @param mask 0 to 15
   */
  void invalidate(int index, int mask) {
    epoch.raise();
    entries.removeIf(entry -> ((int) entry.key() ^ index) >>> mask == 0);
  }
}
