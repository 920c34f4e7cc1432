package org.ioasis.api.ioasid;

import java.util.List;
import java.util.OptionalInt;
import org.ioasis.api.Handle;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A set of ids of one owner. Whoever holds its handle is the owner; every call that names an id
 * checks that the id is of this set and refuses with DENIED otherwise.
 *
 * <p><b>Threading:</b> any thread, listeners included. {@link #find} takes no lock, waits for
 * nobody and allocates nothing; {@link #free} never blocks.
 */
@ProviderType
public interface IoasidSet {
  /** The owner's right to the set. */
  Handle<IoasidSet> handle();

  /** Number of the set, for messages and listeners. */
  int sid();

  /** The owner by name. */
  SetToken token();

  /** Most ids it may have. */
  int quota();

  /** Ids it has, those in FREE_PENDING included; never above the quota, not even for a moment. */
  int inUse();

  /** Its state. */
  SetState state();

  /**
   * Takes an id.
   *
   * @throws org.ioasis.api.IoasisException EXHAUSTED at the quota or if no number fits, naming the
   *     bound that narrowed it; EXISTS if the guest id is taken; BUSY unless ACTIVE
   */
  Pasid allocate(AllocationRequest request);

  /**
   * Takes a reference: the id is not reused until it is closed.
   *
   * @param holder who, for the list of holders
   * @throws org.ioasis.api.IoasisException NOT_FOUND if the id is free or being freed; DENIED if it
   *     is another set's
   */
  IoasidLease lease(Pasid id, String holder);

  /**
   * Takes a reference on the way to attaching the id somewhere.
   *
   * @param bounds what the id is attached to
   * @throws org.ioasis.api.IoasisException INVALID naming the bound that the id does not fit; else
   *     as {@link #lease(Pasid, String)}
   */
  default IoasidLease lease(Pasid id, String holder, List<IdBound> bounds) {
    bounds.forEach(bound -> bound.admit(id));
    return lease(id, holder);
  }

  /**
   * The private data of an id.
   *
   * @return null if the id is free, being freed, another set's, or has none
   */
  Object find(int id);

  /** Replaces the private data of an id; the same refusals as {@link #lease}. */
  void attach(Pasid id, Object privateData);

  /**
   * Frees an id. Told to listeners at once in the first phase and in order in the second; reusable
   * when the last lease is closed and those that asked to acknowledge have, or their time is over.
   * Freeing a free id, or one being freed, does nothing.
   *
   * @throws org.ioasis.api.IoasisException DENIED if it is another set's
   */
  void free(Pasid id);

  /** The state of an id; FREE also if it is another set's. */
  IoasidState stateOf(Pasid id);

  /** The host's number behind a guest's, or empty. Constant time. */
  OptionalInt hostOf(int guestId);

  /** The guest's number of an id, or empty. Constant time. */
  OptionalInt guestOf(Pasid id);

  /**
   * Gives an id another guest number, or none.
   *
   * @throws org.ioasis.api.IoasisException EXISTS if the guest number is taken
   */
  void rename(Pasid id, OptionalInt guestId);

  /** All its ids as of one moment, in order. */
  List<IoasidInfo> snapshot();

  /**
   * Sets the quota.
   *
   * @throws org.ioasis.api.IoasisException BUSY if below the ids in use; EXHAUSTED if the parent
   *     has not enough
   */
  void adjust(int newQuota);

  /**
   * Sets the quota if it is still what the caller believes.
   *
   * @return false, and nothing changed, if it is not
   * @throws org.ioasis.api.IoasisException as {@link #adjust(int)}
   */
  boolean adjust(int expectedQuota, int newQuota);

  /**
   * A set within this one: its quota is taken from this set's.
   *
   * @throws org.ioasis.api.IoasisException as {@link IoasidService#allocateSet}
   */
  IoasidSet allocateChild(SetToken childToken, int childQuota);

  /** The right to tell BIND and UNBIND of ids of this set. */
  IoasidPublisher publisher(String name);

  /** Frees all ids; the set stays. An id that is allocated meanwhile may be freed, too. */
  void clear();

  /**
   * Frees all ids, those of child sets too, and ends the set, at once or when the last lease is
   * closed. The quota returns exactly once. Destroying twice does nothing.
   *
   * @throws org.ioasis.api.IoasisException DENIED for the system set
   */
  void destroy();

  /**
   * Stops changes and drains: waits, bounded, for calls under way and for acknowledgements of ids
   * being freed, not for leases.
   *
   * @throws org.ioasis.api.IoasisException BUSY unless ACTIVE; TIMED_OUT, and the set is ACTIVE
   *     again, if the drain does not end
   */
  void freeze();

  /** Back to ACTIVE from FROZEN or EXPORTED. */
  void thaw();

  /**
   * The content of a frozen set, for another platform; ids being freed are not part of it.
   *
   * @throws org.ioasis.api.IoasisException BUSY unless FROZEN
   */
  SetExport export();
}
