package org.ioasis.api.driver;

import java.util.Optional;
import org.ioasis.api.IovaRange;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One hardware page table. It may be attached to many devices and PASIDs of its unit; a sync covers
 * all of them.
 *
 * <p><b>Threading:</b> any thread, outside bursts. Batches on disjoint ranges run side by side;
 * overlapping ones are a caller's error that damages this domain's content only.
 */
@ProviderType
public interface DriverDomain extends AutoCloseable {
  /**
   * What tells it from every other domain of the unit, also for a successor of the driver: the
   * architected tag (DID, VMID and ASID, DomainID) in whatever packing the driver chose.
   */
  long key();

  /** What it was made of; the parent of an adopted one is the adopted parent. */
  DomainSpec spec();

  /**
   * What its mappings can be.
   *
   * @throws org.ioasis.api.IoasisException UNSUPPORTED unless the type is PAGING
   */
  DomainLimits limits();

  /**
   * A batch of changes, reused by its owner.
   *
   * @throws org.ioasis.api.IoasisException UNSUPPORTED unless the type is PAGING
   */
  DomainBatch batch();

  /**
   * What the tables in memory say about an address; not what the caches hold.
   *
   * @return a packed {@link org.ioasis.api.machine.Translation}; FAULT if nothing is mapped
   */
  long lookup(long iova);

  /**
   * Starts or ends marking of written pages. Starting clears old marks. Covers all attachments,
   * later ones too.
   *
   * @throws org.ioasis.api.IoasisException UNSUPPORTED unless made with DIRTY_TRACKING
   */
  SyncResult trackDirty(boolean enable);

  /**
   * Tells the pages of a range that were written.
   *
   * @param clear whether the marks go; then the call returns after the sync that makes later writes
   *     marked again
   * @param sink told each run in order of address
   */
  SyncResult readDirty(IovaRange range, boolean clear, DirtySink sink);

  /** The invalidation side of a nested domain; empty for other types. */
  Optional<NestedDomain> nested();

  /**
   * Gives the tables back after a sync.
   *
   * @throws org.ioasis.api.IoasisException BUSY while attached or a parent; the message names the
   *     holder
   */
  @Override
  void close();
}
