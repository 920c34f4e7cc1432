package org.ioasis.vtd.hardware;

import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.cache.TaggedCache;

/**
 * The caches of one unit and what each invalidation removes from them. VT-d, "Caching Translation
 * Information", "Invalidation of Translation Caches".
 *
 * <pre>
 *  cache          key                    tag of its content
 *  context-cache  source id, mode        legacy: DID
 *  PASID-cache    source id, PASID       DID
 *  IOTLB          address                second stage: DID; first, nested: DID and PASID
 *  walk cache     address of a leaf      the same
 *                 table&#39;s span
 * </pre>
 *
 * <p>Only what is present is cached, unless CAP.CM is set and the geometry has room for refusals:
 * then a refused context entry is kept under DID 0, a refused PASID entry under its PASID and every
 * DID, and a refused second-stage page under the tag of its translations. First-stage refusals are
 * never kept.
 *
 * <p>Pass-through has nothing to cache beyond its context or PASID entry.
 *
 * <p><b>Threading:</b> lookups and fills from any thread without a lock; invalidations from any
 * thread, each begins by raising the epoch. When one returns, nothing it covers is in a cache or
 * will be put there by a walk that began before; requests under way are the fabric&#39;s to drain.
 */
final class TranslationCaches {
  private static final int PAGE_LG2 = 12;

  final InvalidationEpoch epoch = new InvalidationEpoch();
  final ConfigurationCache<Context> contexts;
  final ConfigurationCache<Target> pasids;
  final TagTree tags;
  final TaggedCache iotlb;
  final TaggedCache walks;

  /** Refused second-stage pages; null if refusals are not kept. */
  final TaggedCache refusals;

  /**
   * @param keepsRefusals CAP.CM: refusals may be kept
   */
  TranslationCaches(CacheGeometry geometry, boolean keepsRefusals) {
    contexts = new ConfigurationCache<>(geometry.context(), epoch);
    pasids = new ConfigurationCache<>(geometry.pasid(), epoch);
    iotlb = new TaggedCache(geometry.iotlb(), epoch, StageWalk.IOTLB_SIZES);
    walks = new TaggedCache(geometry.walk(), epoch, StageWalk.LEAF_TABLE_LG2);
    refusals =
        keepsRefusals && geometry.refusals() > 0
            ? new TaggedCache(geometry.refusals(), epoch, PAGE_LG2)
            : null;
    tags = new TagTree(geometry.tags(), geometry.tagBits(), epoch, this::clearTranslations);
  }

  private void clearTranslations() {
    iotlb.clear();
    walks.clear();
    if (refusals != null) {
      refusals.clear();
    }
  }

  /** Whether refusals are kept. */
  boolean keepsRefusals() {
    return refusals != null;
  }

  /**
   * The reason for which a page refused these rights.
   *
   * @param needed rights as a plan has them
   * @return 0 if nothing is known
   */
  int refusal(int tag, long address, int needed) {
    long word = refusals.lookup(tag, address);
    boolean same = word != 0 && ((int) word & CacheWord.RIGHTS) == needed;
    return same ? (int) (CacheWord.address(word) >>> PAGE_LG2) : 0;
  }

  /** Keeps that a page refused these rights. */
  void fillRefusal(long epochRead, int tag, long address, int needed, int reason) {
    refusals.fill(epochRead, tag, address, CacheWord.of((long) reason << PAGE_LG2, 0, needed));
  }

  /** cc_inv global: every context entry. */
  public void invalidateContextGlobal() {
    epoch.raise();
    contexts.clear();
    tags.changed();
  }

  /** cc_inv domain: context entries of a DID; those of scalable mode carry none and go too. */
  public void invalidateContextDomain(int domain) {
    epoch.raise();
    contexts.removeIf(entry -> entry.isTagged(domain));
    tags.changed();
  }

  /**
   * cc_inv device: context entries of a source id.
   *
   * @param sourceId the source id
   * @param functionMask 0 none, 1 function bit 2 ignored, 2 bits 2:1, 3 bits 2:0
   * @param domain the DID that a legacy entry must have; a hint, ignored
   */
  public void invalidateContextDevice(int sourceId, int functionMask, int domain) {
    int ignored =
        switch (functionMask & 3) {
          case 1 -> 4;
          case 2 -> 6;
          case 3 -> 7;
          default -> 0;
        };
    epoch.raise();
    contexts.removeIf(entry -> ((entry.sourceId() ^ sourceId) & 0xFFFF & ~ignored) == 0);
    tags.changed();
  }

  /** pc_inv global: every PASID-cache entry. */
  public void invalidatePasidGlobal() {
    epoch.raise();
    pasids.clear();
    tags.changed();
  }

  /** pc_inv DID: PASID-cache entries of a DID. */
  public void invalidatePasidDomain(int domain) {
    epoch.raise();
    pasids.removeIf(entry -> entry.refusal != 0 || entry.domain == domain);
    tags.changed();
  }

  /** pc_inv DID and PASID. */
  public void invalidatePasid(int domain, int pasid) {
    epoch.raise();
    pasids.removeIf(
        entry -> entry.pasid == pasid && (entry.refusal != 0 || entry.domain == domain));
    tags.changed();
  }

  /** iotlb_inv global: all translations and all of the walk cache. */
  public void invalidateIotlbGlobal() {
    epoch.raise();
    tags.invalidateAll();
  }

  /** iotlb_inv domain: everything of a DID, whatever its type. */
  public void invalidateIotlbDomain(int domain) {
    epoch.raise();
    tags.invalidateDomain(domain);
  }

  /**
   * iotlb_inv page: second-stage translations of a DID that overlap the range, and all first-stage
   * and nested ones of the DID.
   *
   * @param address first address; the low bits that {@code addressMask} covers are ignored
   * @param addressMask AM: 2^AM pages, 0 to 63
   * @param leafOnly IH: the walk cache may keep its entries
   */
  public void invalidateIotlbPages(int domain, long address, int addressMask, boolean leafOnly) {
    epoch.raise();
    removePages(TagTree.key(domain, TagTree.NO_CONTEXT), address, addressMask, leafOnly);
    tags.invalidateContexts(domain);
  }

  /**
   * p_iotlb_inv: everything of a DID and PASID. Second-stage translations carry no PASID: all of
   * the DID&#39;s go.
   */
  public void invalidatePasidIotlb(int domain, int pasid) {
    epoch.raise();
    tags.invalidateNode(domain, pasid);
    tags.invalidateNode(domain, TagTree.NO_CONTEXT);
  }

  /**
   * p_iotlb_inv page: first-stage and nested translations of a DID and PASID in the range.
   * Second-stage ones stay.
   */
  public void invalidatePasidIotlbPages(
      int domain, int pasid, long address, int addressMask, boolean leafOnly) {
    epoch.raise();
    removePages(TagTree.key(domain, pasid), address, addressMask, leafOnly);
  }

  /** A page request: what is cached of its page goes. */
  void dropPage(long tagKey, long address) {
    epoch.raise();
    removePages(tagKey, address, 0, false);
  }

  private void removePages(long tagKey, long address, int addressMask, boolean leafOnly) {
    int tag = tags.peekToRemove(tagKey);
    if (tag == TagTree.NO_TAG) {
      return;
    }
    int lg2 = Math.min(addressMask + PAGE_LG2, 63);
    long first = address & -(1L << lg2);
    long last = first | (1L << lg2) - 1;
    if (!leafOnly) {
      walks.remove(tag, first, last);
      epoch.raise(); // who has a table from there must not fill what is emptied next
    }
    iotlb.remove(tag, first, last);
    if (refusals != null) {
      refusals.remove(tag, first, last);
    }
  }

  /** Empties everything. */
  public void dropAll() {
    epoch.raise();
    contexts.clear();
    epoch.raise();
    pasids.clear();
    tags.invalidateAll();
    clearTranslations();
    tags.changed();
  }
}
