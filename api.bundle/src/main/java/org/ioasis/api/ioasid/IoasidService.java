package org.ioasis.api.ioasid;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.ioasis.api.Handle;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The allocator of IOASIDs. Bundle-scoped: what a bundle allocated or leased is freed when it goes.
 *
 * <p><b>Life:</b> a bundle goes when it no longer uses the service, or stops. When the allocator
 * itself goes, nothing is freed: its objects refuse further calls with GONE (closing them always
 * works), and the next instance resolves the same handles, with the same ids out. The objects of a
 * bundle that has gone refuse with GONE what would outlive it.
 *
 * <p><b>Threading:</b> any thread, listeners included. No call but {@link IoasidSet#freeze} waits
 * for a listener, and none holds a lock while one runs.
 */
@ProviderType
public interface IoasidService {
  /**
   * Sets the capacity before anything is allocated, usually 2^20.
   *
   * @throws org.ioasis.api.IoasisException BUSY once an id has been allocated (use {@link
   *     #resizeCapacity}); INVALID unless 1 to 2^20
   */
  void installCapacity(int total);

  /**
   * Grows or shrinks the capacity.
   *
   * @throws org.ioasis.api.IoasisException BUSY if quotas or ids in use do not fit, naming them
   */
  void resizeCapacity(int total);

  /** The books. */
  Capacity capacity();

  /** The set of whoever has no set of his own; it exists from the start, its quota configured. */
  IoasidSet systemSet();

  /**
   * Makes a set. Its quota is taken from what no set has.
   *
   * @throws org.ioasis.api.IoasisException EXISTS if the token has a set; EXHAUSTED if the quota
   *     does not fit, with what is left
   */
  IoasidSet allocateSet(SetToken token, int quota);

  /**
   * The living set behind a handle, whichever instance of the allocator made it.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if it was destroyed
   */
  IoasidSet set(Handle<IoasidSet> handle);

  /**
   * Which set an id is of: its number, or empty if the id is free. A snapshot that may be outdated
   * at once; see {@link #leaseSetOf}.
   */
  OptionalInt findSet(Pasid id);

  /**
   * The set of an id, kept from being destroyed until the lease is closed.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if the id is free
   */
  SetLease leaseSetOf(Pasid id);

  /**
   * Moves quota among sets in one step: all or nothing.
   *
   * @param quotas new quota by set
   * @throws org.ioasis.api.IoasisException BUSY if one would fall below its ids in use; EXHAUSTED
   *     if the sum does not fit
   */
  void rebalance(Map<Handle<IoasidSet>, Integer> quotas);

  /**
   * Makes a set of what another platform exported.
   *
   * @param keepNumbers whether host ids must be the same; otherwise new ones are found behind the
   *     same guest ids
   * @param bounds what the ids must fit here, all of them
   * @throws org.ioasis.api.IoasisException EXISTS naming the ids or the token that collide;
   *     EXHAUSTED; MALFORMED. Nothing has changed then
   */
  IoasidSet importSet(SetExport export, boolean keepNumbers, List<IdBound> bounds);

  /**
   * Who holds leases, of which ids, since when, and where they were taken; those of one id as of
   * one moment.
   */
  List<IoasidHolder> holders();

  /** The sets there are, by number, for tools; no authority. */
  List<SetInfo> sets();

  /** Allocations, refusals, late or failed listeners, pending reclaims and so on, by name. */
  Map<String, Long> counters();

  /** A set that cannot be destroyed now. */
  @ProviderType
  interface SetLease extends AutoCloseable {
    /** The set. */
    Handle<IoasidSet> set();

    @Override
    void close();
  }
}
