package org.ioasis.allocator.core;

import java.util.List;
import java.util.OptionalInt;
import org.ioasis.api.Handle;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IoasidInfo;
import org.ioasis.api.ioasid.IoasidLease;
import org.ioasis.api.ioasid.IoasidPublisher;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetExport;
import org.ioasis.api.ioasid.SetState;
import org.ioasis.api.ioasid.SetToken;

/**
 * A set as one bundle uses it.
 *
 * <p><b>Threading:</b> immutable; any thread.
 */
final class SetView implements IoasidSet {
  private final Client client;
  private final Allocator allocator;
  private final IdTable table;
  private final SetCore set;
  private final int sid;

  SetView(Client client, SetCore set) {
    this.client = client;
    this.allocator = client.allocator();
    this.table = allocator.books.table;
    this.set = set;
    this.sid = set.sid;
  }

  @Override
  public Handle<IoasidSet> handle() {
    return set.handle;
  }

  @Override
  public int sid() {
    return sid;
  }

  @Override
  public SetToken token() {
    return set.token;
  }

  @Override
  public int quota() {
    return set.quota;
  }

  @Override
  public int inUse() {
    return set.inUse;
  }

  @Override
  public SetState state() {
    return set.state;
  }

  private SetCore living() {
    return allocator.sets.resolve(set.handle);
  }

  @Override
  public Pasid allocate(AllocationRequest request) {
    client.checkHere();
    return new Pasid(
        allocator.allocations.allocate(set, request, client.number(), client.allocates));
  }

  @Override
  public IoasidLease lease(Pasid id, String holder) {
    client.checkHere();
    LeaseCore lease = allocator.leases.take(set, id.value(), holder, client.number());
    Object data = table.data(id.value());
    return new IoasidLease() {
      @Override
      public Pasid id() {
        return id;
      }

      @Override
      public Object privateData() {
        return data;
      }

      @Override
      public void close() {
        client.closeLease(lease);
      }
    };
  }

  @Override
  public Object find(int id) {
    Object data = table.find(id, sid);
    return set.ended ? null : data;
  }

  @Override
  public void attach(Pasid id, Object privateData) {
    allocator.locked(
        () -> {
          allocator.books.usable(set, id.value());
          table.data(id.value(), privateData);
          return null;
        });
  }

  @Override
  public void free(Pasid id) {
    allocator.endings.free(set, id.value(), client.frees);
  }

  @Override
  public IoasidState stateOf(Pasid id) {
    long word = table.word(id.value());
    return StateWord.set(word) == sid && !set.ended ? StateWord.state(word) : IoasidState.FREE;
  }

  @Override
  public OptionalInt hostOf(int guestId) {
    int host = set.guests.host(guestId);
    return host < 0 ? OptionalInt.empty() : OptionalInt.of(host);
  }

  @Override
  public OptionalInt guestOf(Pasid id) {
    long word = table.word(id.value());
    int guest = table.guest(id.value());
    boolean known = StateWord.isUsable(word) && StateWord.set(word) == sid && guest >= 0;
    return known && table.word(id.value()) == word ? OptionalInt.of(guest) : OptionalInt.empty();
  }

  @Override
  public void rename(Pasid id, OptionalInt guestId) {
    allocator.locked(
        () -> {
          allocator.books.usable(set, id.value());
          Allocator.checkActive(set, "rename");
          int old = table.guest(id.value());
          if (guestId.equals(OptionalInt.of(old))) {
            return null;
          }
          allocator.allocations.checkGuest(set, guestId);
          if (old >= 0) {
            set.guests.host(old, -1);
          }
          guestId.ifPresent(guest -> set.guests.host(guest, id.value()));
          table.guest(id.value(), guestId.orElse(-1));
          set.changed();
          return null;
        });
  }

  @Override
  public List<IoasidInfo> snapshot() {
    return allocator.sets.snapshot(set);
  }

  @Override
  public void adjust(int newQuota) {
    allocator.sets.adjust(living(), null, newQuota, "adjusted by " + client.name());
  }

  @Override
  public boolean adjust(int expectedQuota, int newQuota) {
    return allocator.sets.adjust(living(), expectedQuota, newQuota, "adjusted by " + client.name());
  }

  @Override
  public IoasidSet allocateChild(SetToken childToken, int childQuota) {
    client.checkHere();
    return client.view(allocator.sets.allocate(childToken, living(), childQuota, client.number()));
  }

  @Override
  public IoasidPublisher publisher(String name) {
    client.checkHere();
    PublisherCore core = allocator.bindings.open(living(), name, client.number());
    return new IoasidPublisher() {
      @Override
      public void bound(Pasid id, String cause) {
        allocator.bindings.bound(core, id.value(), cause);
      }

      @Override
      public void unbound(Pasid id, String cause) {
        allocator.bindings.unbound(core, id.value(), cause);
      }

      @Override
      public void close() {
        client.closePublisher(core);
      }
    };
  }

  @Override
  public void clear() {
    allocator.sets.clear(set, false, "set cleared by " + client.name());
  }

  @Override
  public void destroy() {
    allocator.sets.clear(set, true, "set destroyed by " + client.name());
  }

  @Override
  public void freeze() {
    new Migration(allocator).freeze(living());
  }

  @Override
  public void thaw() {
    new Migration(allocator).thaw(living());
  }

  @Override
  public SetExport export() {
    return new Migration(allocator).export(living());
  }
}
