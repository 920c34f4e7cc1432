package org.ioasis.allocator.core;

import org.ioasis.api.Handle;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.SetState;
import org.ioasis.api.ioasid.SetToken;

/**
 * A set's books. Always: {@code inUse + childQuota <= quota}.
 *
 * <p><b>Threading:</b> written under the allocator's lock; volatile fields are read without.
 */
final class SetCore {
  final int sid;
  final SetToken token;
  final SetCore parent;
  final Handle<IoasidSet> handle;
  final int client;
  final IdBits ids = new IdBits();
  final GuestTable guests = new GuestTable();
  volatile int quota;
  volatile int inUse;
  volatile int childQuota;
  volatile SetState state = SetState.ACTIVE;
  volatile int entering; // calls under way outside the lock
  volatile int unsettled; // frees that wait for acknowledgements
  volatile long changes; // of its ids, for snapshots
  int children;
  int leases;
  LeaseCore leased; // the chain of leases of the set itself
  volatile boolean ended; // set before its number can be another set's

  SetCore(SetToken token, SetCore parent, Handle<IoasidSet> handle, int client) {
    this.sid = handle.id();
    this.token = token;
    this.parent = parent;
    this.handle = handle;
    this.client = client;
  }

  /** Under the lock, like all that changes a field. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer at a time: who has the lock
  void changed() {
    changes++;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // as above
  void use(int ids) {
    inUse += ids;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // as above
  void giveToChildren(int more) {
    childQuota += more;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // as above
  void enter(int calls) {
    entering += calls;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // as above
  void settle(int ids) {
    unsettled += ids;
  }

  int room() {
    return quota - inUse - childQuota;
  }

  @Override
  public String toString() {
    return "set " + sid + " (" + token + ")";
  }
}
