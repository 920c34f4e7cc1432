package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.InvalidationAddress;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.cache.TaggedCache;

/**
 * The caches of one unit and what each command removes from them. "IOMMU Caches", "Command Buffer".
 *
 * <pre>
 *  cache          key                     tag of its content
 *  devices        DeviceID
 *  contexts       DomainID and PASID
 *  IOTLB          address                 host translations: DomainID; guest ones: DomainID, PASID
 *  walk cache     address of a last       the same
 *                 table&#39;s span
 * </pre>
 *
 * <p>Under host tables a guest translation leads to a guest physical address, and the host
 * translation of that is an entry of its own. So a command takes away exactly what it names, and no
 * system physical address hides in an entry of the other kind.
 *
 * <p>A page is cached as the largest of four sizes that fits into it; only what is present is
 * cached.
 *
 * <p><b>Threading:</b> lookups and fills from any thread without a lock; invalidations from any
 * thread, each begins by raising the epoch. When one returns, nothing it covers is in a cache or
 * will be put there by a walk that began before; requests under way are the fabric&#39;s to drain.
 */
final class TranslationCaches {
  /** log2 of the sizes of the IOTLB. */
  private static final int[] SIZES = {12, 16, 21, 30};

  final InvalidationEpoch epoch = new InvalidationEpoch();
  final ConfigurationCache<DeviceEntry> devices;

  /** Whether device table entries are cached at all. */
  final boolean cachesDevices;

  final ConfigurationCache<GuestContext> contexts;
  final TagTree tags;
  final TaggedCache iotlb;
  final TaggedCache walks;

  TranslationCaches(CacheGeometry geometry) {
    cachesDevices = geometry.device() != 0;
    devices = new ConfigurationCache<>(Math.max(2, geometry.device()), epoch);
    contexts = new ConfigurationCache<>(geometry.pasid(), epoch);
    iotlb = new TaggedCache(geometry.iotlb(), epoch, SIZES);
    walks = new TaggedCache(geometry.walk(), epoch, HostWalk.LEAF_TABLE_LG2);
    tags = new TagTree(geometry.tags(), geometry.tagBits(), epoch, this::clearTranslations);
  }

  private void clearTranslations() {
    iotlb.clear();
    walks.clear();
  }

  /**
   * Stores a page, unless an invalidation has started since {@code epochRead}.
   *
   * @param walked {@link Walked}
   */
  void fill(long epochRead, int tag, long address, long walked) {
    iotlb.fill(epochRead, tag, address, word(walked, address));
  }

  /** The word of the IOTLB for the part of a page around an address. */
  static long word(long walked, long address) {
    int size = SIZES.length - 1;
    while (SIZES[size] > Walked.sizeLg2(walked)) {
      size--;
    }
    long base = Walked.output(walked, address) & -(1L << SIZES[size]);
    int flags = Walked.rights(walked) | (Walked.isDirty(walked) ? CacheWord.DIRTY : 0);
    return CacheWord.of(base, size, flags);
  }

  /** A word of the IOTLB as a walk would have answered. */
  static long walked(long word) {
    int dirty = CacheWord.has(word, CacheWord.DIRTY) ? Walked.DIRTY : 0;
    return Walked.page(
        CacheWord.address(word),
        SIZES[CacheWord.size(word)],
        ((int) word & CacheWord.RIGHTS) | dirty);
  }

  /** Whether a word of the IOTLB is for 4 KiB. */
  static boolean isSmallest(long word) {
    return CacheWord.size(word) == 0;
  }

  /** INVALIDATE_DEVTAB_ENTRY: the entry of a device. Translations stay. */
  public void invalidateDevice(int deviceId) {
    epoch.raise();
    devices.removeIf(entry -> entry.deviceId() == deviceId);
    tags.changed();
  }

  /**
   * INVALIDATE_IOMMU_PAGES with GN=0: host translations of a domain.
   *
   * @param range word 1 of the command, see {@link InvalidationAddress}
   * @param directories PDE: tables of the last level too
   */
  public void invalidateHostPages(int domain, long range, boolean directories) {
    epoch.raise();
    if (isEverything(range) && directories) {
      tags.invalidateNode(domain, TagTree.NO_CONTEXT);
    } else {
      removePages(TagTree.key(domain, TagTree.NO_CONTEXT), range, directories);
    }
  }

  /**
   * INVALIDATE_IOMMU_PAGES with GN=1: guest translations of a domain and PASID; its v2 root too if
   * the range is everything.
   */
  public void invalidateGuestPages(int domain, int pasid, long range, boolean directories) {
    epoch.raise();
    if (isEverything(range)) {
      long key = GuestContext.key(domain, pasid);
      contexts.removeIf(entry -> entry.key() == key);
      epoch.raise(); // who has a root from there must not fill what is emptied next
    }
    if (isEverything(range) && directories) {
      tags.invalidateNode(domain, pasid);
    } else {
      removePages(TagTree.key(domain, pasid), range, directories);
    }
  }

  private static boolean isEverything(long range) {
    return InvalidationAddress.sizeLg2(range) == InvalidationAddress.EVERYTHING;
  }

  private void removePages(long tagKey, long range, boolean directories) {
    int tag = tags.peekToRemove(tagKey);
    if (tag == TagTree.NO_TAG) {
      return;
    }
    long first = InvalidationAddress.base(range);
    long last = InvalidationAddress.last(range);
    if (directories) {
      walks.remove(tag, first, last);
      epoch.raise(); // who has a table from there must not fill what is emptied next
    }
    iotlb.remove(tag, first, last);
  }

  /** INVALIDATE_IOMMU_ALL, and what a reset or an import leaves: nothing. */
  public void invalidateAll() {
    epoch.raise();
    devices.clear();
    epoch.raise();
    contexts.clear();
    tags.invalidateAll();
    clearTranslations();
    tags.changed();
  }
}
