/**
 * What every unit caches, free of any vendor: translations and table pointers under architected
 * tags, and decoded configuration structures.
 *
 * <ul>
 *   <li>{@link org.ioasis.kit.cache.InvalidationEpoch} orders fills against invalidations.
 *   <li>{@link org.ioasis.kit.cache.TagTree} gives every node (unit, domain, context of a domain)
 *       an id, and drops all that hangs under a node by one store.
 *   <li>{@link org.ioasis.kit.cache.TagMemo} remembers a requester&#39;s tag, for hits.
 *   <li>{@link org.ioasis.kit.cache.TaggedCache} holds words under (tag, address): the IOTLB and
 *       the walk cache. {@link org.ioasis.kit.cache.CacheWord} is the word&#39;s layout.
 *   <li>{@link org.ioasis.kit.cache.ConfigurationCache} holds decoded device structures.
 * </ul>
 *
 * <p>The package uses neutral words: a <em>domain</em> is a DID, DomainID or VMID; a
 * <em>context</em> is a PASID or ASID under it.
 *
 * <p><b>The epoch protocol.</b> Whoever fills reads the epoch before its first read of tables or
 * configuration, and the cache compares it while it holds the version of the set. An invalidation
 * first raises the epoch, then looks for entries. So a fill that used what an invalidation covers
 * is either dropped, or was stored before the invalidation took the set and is removed by it. A
 * fill that checks before it takes the set, or after it has let go of it, leaves stale entries
 * behind.
 *
 * <p>Where one cache is filled by way of another (the IOTLB by a table of the walk cache, a context
 * by the entry of its device), an invalidation of both empties the one that is looked into first,
 * raises the epoch again, and then empties the other: who still found something in the first has
 * read an older epoch. A dropped tag needs no such order, since it drops both.
 */
@Export
@Version("1.0.0")
package org.ioasis.kit.cache;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
