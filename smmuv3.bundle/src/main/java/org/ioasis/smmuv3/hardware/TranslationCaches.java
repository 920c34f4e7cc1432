package org.ioasis.smmuv3.hardware;

import java.util.function.IntConsumer;
import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.cache.TaggedCache;

/**
 * The caches of one unit and what each invalidation removes from them. "Caching", "TLB
 * invalidation", "Configuration invalidation commands".
 *
 * <pre>
 *  cache       key                        tag of its content
 *  STE         StreamID
 *  CD          StreamID, SubstreamID
 *  TLB         VA                         EL1: VMID and ASID, or VMID and global; EL2 the same
 *              IPA                        stage 2 alone, in nested set-ups too: VMID
 *  walk cache  VA or IPA of a leaf        as the TLB, ASID-tagged
 *              table's span
 * </pre>
 *
 * <p>VMIDs are the domains of the tag tree, ASIDs the contexts; the EL2 worlds are a domain of the
 * second group. Only what is legal is cached; the architecture allows more.
 *
 * <p>A block that is larger than what the cache holds it as, or that stage 2 cuts into pieces, is
 * cached as <em>fragments</em>. An invalidation of any address of the block has to remove all of
 * them, so every invalidation by address is widened to the largest block that was ever cut; in
 * set-ups without fragments it is exact.
 *
 * <p><b>Threading:</b> lookups and fills from any thread without a lock; invalidations from any
 * thread, each begins by raising the epoch. When one returns, nothing it covers is in a cache or
 * will be put there by a walk that began before; transactions under way are the fabric's to drain.
 */
class TranslationCaches {
  /** log2 of the block sizes of the TLB: pages and blocks of three granules. */
  private static final int[] TLB_SIZES = {12, 14, 16, 21, 25, 29, 30, 36};

  /** log2 of what a leaf table spans. */
  private static final int[] LEAF_TABLES = {21, 25, 29};

  final InvalidationEpoch epoch = new InvalidationEpoch();
  final ConfigurationCache<StreamEntry> streams;
  final ConfigurationCache<ContextEntry> contexts;
  final TagTree tags;
  final TaggedCache tlb;
  final TaggedCache walks;

  /** Whether a leaf with the contiguous hint is cached for its whole group. */
  final boolean merges;

  /** log2 of the largest block of which a fragment was cached, 0 for none. Only grows. */
  private volatile int fragmentLg2;

  TranslationCaches(CacheGeometry geometry) {
    streams = new ConfigurationCache<>(geometry.streams(), epoch);
    contexts = new ConfigurationCache<>(geometry.contexts(), epoch);
    merges = geometry.merges() != 0;
    tlb = new TaggedCache(geometry.tlb(), epoch, TLB_SIZES);
    walks = new TaggedCache(geometry.walk(), epoch, LEAF_TABLES);
    tags = new TagTree(geometry.tags(), geometry.tagBits(), epoch, this::clearTranslations);
  }

  private void clearTranslations() {
    tlb.clear();
    walks.clear();
  }

  /** log2 of the block that a TLB word is for. */
  int sizeLg2(long word) {
    return tlb.sizeLg2(word);
  }

  /**
   * Stores a translation unless an invalidation came between.
   *
   * @param word the piece to store
   * @param blockLg2 log2 of the block that it is a piece of
   */
  void fill(long epochRead, int tag, long address, long word, int blockLg2) {
    if (blockLg2 > tlb.sizeLg2(word) && blockLg2 > fragmentLg2) {
      noteFragment(blockLg2);
    }
    tlb.fill(epochRead, tag, address, word);
  }

  private synchronized void noteFragment(int lg2) {
    fragmentLg2 = Math.max(fragmentLg2, lg2);
  }

  /** Starts every invalidation. */
  void raise() {
    epoch.raise();
  }

  // CFGI

  /** CFGI_STE: the STEs of a range of StreamIDs with all their CDs. */
  void invalidateStreams(int sid, int ignoredBits) {
    long first = Integer.toUnsignedLong(sid) & -(1L << ignoredBits);
    long last = first | (1L << ignoredBits) - 1;
    raise();
    streams.removeIf(entry -> entry.key() >= first && entry.key() <= last);
    raise(); // who has an STE from there must not fill what is emptied next
    contexts.removeIf(
        entry -> {
          long of = Integer.toUnsignedLong(entry.sid);
          return of >= first && of <= last;
        });
    tags.changed();
  }

  /** CFGI_ALL. */
  void invalidateConfiguration() {
    raise();
    streams.clear();
    raise();
    contexts.clear();
    tags.changed();
  }

  /** CFGI_CD: one CD. */
  void invalidateContext(int sid, int ssid) {
    raise();
    contexts.removeIf(entry -> entry.sid == sid && entry.ssid == ssid);
    tags.changed();
  }

  /** CFGI_CD_ALL: the CDs of a StreamID. */
  void invalidateContexts(int sid) {
    raise();
    contexts.removeIf(entry -> entry.sid == sid);
    tags.changed();
  }

  // TLBI

  /** NSNH_ALL: everything but the EL2 worlds. */
  void invalidateEl1() {
    raise();
    tags.invalidateGroup(0);
  }

  /** EL2_ALL: everything of the EL2 worlds. */
  void invalidateEl2() {
    raise();
    tags.invalidateGroup(StreamEntry.EL2_DOMAIN);
  }

  /** S12_VMALL: everything of a VMID, both stages. */
  void invalidateVmid(int vmid) {
    raise();
    tags.invalidateDomain(vmid);
  }

  /** NH_ALL: what stage 1 of a VMID gave, global or not. */
  void invalidateStage1(int vmid) {
    raise();
    tags.invalidateContexts(vmid);
  }

  /** NH_ASID, EL2_ASID: translations of an ASID; global ones stay. */
  void invalidateAsid(int domain, int asid) {
    raise();
    tags.invalidateNode(domain, asid);
  }

  /** NH_VA, EL2_VA: translations of a range that belong to an ASID or are global. */
  void invalidateAddresses(int domain, int asid, long first, long last, boolean leafOnly) {
    raise();
    remove(tags.peekToRemove(TagTree.key(domain, asid)), first, last, leafOnly);
    for (int aset = 0; aset < 2; aset++) {
      int global = ContextEntry.GLOBAL_CONTEXT | aset;
      remove(tags.peekToRemove(TagTree.key(domain, global)), first, last, leafOnly);
    }
  }

  /** NH_VAA, EL2_VAA: translations of a range, whatever their ASID. */
  void invalidateAddressesOfAll(int domain, long first, long last, boolean leafOnly) {
    raise();
    IntConsumer each = tag -> remove(tag, first, last, leafOnly);
    tags.forEachContext(domain, each);
  }

  /** S2_IPA: translations of stage 2 alone; combined ones stay. */
  void invalidateIpas(int vmid, long first, long last, boolean leafOnly) {
    raise();
    remove(tags.peekToRemove(TagTree.key(vmid, TagTree.NO_CONTEXT)), first, last, leafOnly);
  }

  private void remove(int tag, long first, long last, boolean leafOnly) {
    if (tag == TagTree.NO_TAG) {
      return;
    }
    long fragment = (1L << fragmentLg2) - 1;
    if (!leafOnly) {
      walks.remove(tag, first, last);
      raise(); // who has a table from there must not fill what is emptied next
    }
    tlb.remove(tag, first & ~fragment, last | fragment);
  }

  /** Empties everything. */
  void dropAll() {
    raise();
    streams.clear();
    raise();
    contexts.clear();
    tags.invalidateAll();
    clearTranslations();
    tags.changed();
  }
}
