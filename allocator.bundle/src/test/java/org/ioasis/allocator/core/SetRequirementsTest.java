package org.ioasis.allocator.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ioasis.allocator.core.Rig.any;
import static org.ioasis.allocator.core.Rig.id;
import static org.ioasis.allocator.core.Rig.some;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ioasis.allocator.AllocatorComponent;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.Capacity;
import org.ioasis.api.ioasid.IdBound;
import org.ioasis.api.ioasid.IoasidInfo;
import org.ioasis.api.ioasid.IoasidLease;
import org.ioasis.api.ioasid.IoasidService;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetExport;
import org.ioasis.api.ioasid.SetState;
import org.ioasis.api.ioasid.SetToken;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;

/** Requirements 11 to 26: capacity, sets, ids. */
class SetRequirementsTest {
  private final Rig rig = new Rig();

  static void refused(Reason reason, String named, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(named);
  }

  @Test
  @Requirement(11)
  void widthComesFromTheDevice() {
    IoasidSet set = rig.set(1, 1000);
    for (int expected = 1; expected < 256; expected++) {
      assertThat(set.allocate(Rig.within(8))).isEqualTo(id(expected));
    }
    refused(Reason.EXHAUSTED, "unit u8, 8 bits", () -> set.allocate(Rig.within(8)));
    assertThat(set.allocate(Rig.within(20))).isEqualTo(id(256));
    rig.check();
  }

  @Test
  @Requirement(12)
  void capacityIsInstalledFirstAndShrinksOnlyAboveUse() {
    Rig small = new Rig(16, 4);
    refused(Reason.INVALID, "1 to 2^20", () -> small.client.installCapacity((1 << 20) + 1));
    small.client.installCapacity(8);
    IoasidSet set = small.set(1, 3);
    assertThat(small.client.capacity()).isEqualTo(new Capacity(8, 7, 1, 1, 0));
    assertThat(set.allocate(any())).isEqualTo(id(1)); // 0 is reserved
    refused(Reason.BUSY, "resize", () -> small.client.installCapacity(32));
    small.client.resizeCapacity(32);
    Pasid high = set.allocate(new AllocationRequest(31, 31, List.of(), any().guestId(), null));
    refused(Reason.BUSY, high.toString(), () -> small.client.resizeCapacity(16));
    refused(Reason.BUSY, "quotas are 7", () -> small.client.resizeCapacity(7));
    set.free(high);
    small.client.resizeCapacity(16);
    refused(
        Reason.EXHAUSTED,
        "no number",
        () -> set.allocate(new AllocationRequest(16, 40, List.of(), any().guestId(), null)));
    set.clear();
    refused(Reason.BUSY, "have been allocated", () -> small.client.installCapacity(16));
    small.check();
  }

  @Test
  @Requirement(13)
  void narrowerUnitLeavesIdsValidAndRefusesThemByName() {
    IoasidSet set = rig.set(1, 10);
    Pasid wide = set.allocate(new AllocationRequest(300, 400, List.of(), any().guestId(), "data"));
    IdBound narrow = new IdBound("unit late0", 8);
    refused(Reason.INVALID, "unit late0", () -> set.lease(wide, "attach", List.of(narrow)));
    assertThat(set.find(300)).isEqualTo("data");
    assertThat(set.stateOf(wide)).isEqualTo(IoasidState.IDLE);
    set.lease(wide, "attach", List.of(new IdBound("unit wide0", 9))).close();
  }

  @Test
  @Requirement(14)
  void systemSetIsThereFromTheStart() throws Exception {
    IoasidSet system = rig.client.systemSet();
    assertThat(system.quota()).isEqualTo(32768);
    assertThat(system.token()).isEqualTo(new SetToken("system", 0));
    assertThat(system.allocate(any())).isEqualTo(id(1));
    refused(Reason.DENIED, "system set", system::destroy);
    Method quota = AllocatorComponent.Config.class.getMethod("systemQuota");
    assertThat(quota.getDefaultValue()).isEqualTo(32768);
  }

  @Test
  @Requirement(15)
  void quotaIsNeverExceededNotEvenForAMoment() throws Exception {
    IoasidSet set = rig.set(1, 3);
    refused(Reason.EXISTS, "vm:0x1", () -> rig.set(1, 3));
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger out = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    List<Throwable> thrown = new java.util.concurrent.CopyOnWriteArrayList<>();
    for (int t = 0; t < 4; t++) {
      threads.add(
          Rig.start(
              () -> {
                for (int i = 0; i < 5000; i++) {
                  try {
                    Pasid id = set.allocate(any());
                    over.compareAndSet(false, out.incrementAndGet() > 3 || set.inUse() > 3);
                    out.decrementAndGet();
                    set.free(id);
                  } catch (IoasisException e) {
                    assertThat(e.reason()).isEqualTo(Reason.EXHAUSTED);
                  }
                }
              },
              thrown::add));
    }
    for (Thread thread : threads) {
      thread.join(20_000);
    }
    assertThat(thrown).isEmpty();
    assertThat(over).isFalse();
    assertThat(set.inUse()).isZero();
    for (int i = 0; i < 3; i++) {
      set.allocate(any());
    }
    refused(Reason.EXHAUSTED, "quota 3", () -> set.allocate(any()));
    rig.check();
  }

  @Test
  @Requirement(16)
  void clearKeepsTheSetAndDestroyReturnsTheQuotaOnce() {
    IoasidSet set = rig.set(1, 10);
    int unassigned = rig.client.capacity().unassigned();
    Pasid a = set.allocate(any());
    set.allocate(any());
    set.clear();
    assertThat(set.inUse()).isZero();
    assertThat(set.state()).isEqualTo(SetState.ACTIVE);
    assertThat(set.allocate(any())).isEqualTo(a);
    IoasidLease lease = set.lease(a, "holder");
    set.destroy();
    set.destroy();
    assertThat(set.state()).isEqualTo(SetState.DESTROY_PENDING);
    assertThat(rig.client.capacity().unassigned()).isEqualTo(unassigned);
    refused(Reason.BUSY, "DESTROY_PENDING", () -> set.allocate(any()));
    lease.close();
    lease.close();
    assertThat(rig.client.capacity().unassigned()).isEqualTo(unassigned + 10);
    refused(Reason.NOT_FOUND, "destroyed", () -> rig.client.set(set.handle()));
    IoasidSet again = rig.set(1, 10);
    assertThat(again.sid()).isEqualTo(set.sid());
    assertThat(again.handle()).isNotEqualTo(set.handle());
    Pasid other = again.allocate(any().with("new"));
    assertThat(set.find(other.value())).isNull(); // the old view sees nothing of the new set
    rig.check();
  }

  @Test
  @Requirement(17)
  void findSetIsASnapshotAndItsLeaseKeepsTheSet() {
    IoasidSet set = rig.set(1, 10);
    Pasid id = set.allocate(any());
    assertThat(rig.client.findSet(id)).hasValue(set.sid());
    assertThat(rig.client.findSet(id(999))).isEmpty();
    IoasidService.SetLease lease = rig.client.leaseSetOf(id);
    assertThat(lease.set()).isEqualTo(set.handle());
    set.destroy();
    assertThat(rig.client.findSet(id)).isEmpty();
    assertThat(rig.client.set(set.handle()).state()).isEqualTo(SetState.DESTROY_PENDING);
    lease.close();
    refused(Reason.NOT_FOUND, "destroyed", () -> rig.client.set(set.handle()));
  }

  @Test
  @Requirement(18)
  void quotaMovesButNotBelowUse() {
    IoasidSet a = rig.set(1, 10);
    IoasidSet b = rig.set(2, 10);
    a.allocate(any());
    a.allocate(any());
    refused(Reason.BUSY, "2 are in use", () -> a.adjust(1));
    assertThat(a.adjust(9, 5)).isFalse();
    assertThat(a.quota()).isEqualTo(10);
    assertThat(a.adjust(10, 5)).isTrue();
    rig.client.rebalance(Map.of(a.handle(), 2, b.handle(), 13));
    assertThat(List.of(a.quota(), b.quota())).containsExactly(2, 13);
    refused(
        Reason.BUSY, "in use", () -> rig.client.rebalance(Map.of(a.handle(), 1, b.handle(), 5)));
    refused(
        Reason.EXHAUSTED,
        "capacity",
        () -> rig.client.rebalance(Map.of(a.handle(), 1 << 19, b.handle(), 1 << 19)));
    assertThat(List.of(a.quota(), b.quota())).containsExactly(2, 13);
    rig.check();
  }

  @Test
  @Requirement(19)
  void tenantsCannotTakeFromEachOther() {
    IoasidSet tenant = rig.set(1, 10);
    IoasidSet guest = tenant.allocateChild(new SetToken("guest", 1), 6);
    for (int i = 0; i < 4; i++) {
      tenant.allocate(any());
    }
    refused(Reason.EXHAUSTED, "6 for child sets", () -> tenant.allocate(any()));
    refused(Reason.EXHAUSTED, "left", () -> guest.adjust(7));
    for (int i = 0; i < 6; i++) {
      guest.allocate(any());
    }
    refused(Reason.EXHAUSTED, "quota 6", () -> guest.allocate(any()));
    tenant.destroy();
    assertThat(rig.client.sets()).hasSize(1);
    rig.check();
  }

  @Test
  @Requirement(20)
  void guestsNumbersMapBothWaysAndMigrate() {
    IoasidSet set = rig.set(1, 10);
    Pasid a = set.allocate(any().as(77));
    Pasid b = set.allocate(any().as(5));
    assertThat(set.hostOf(77)).hasValue(a.value());
    assertThat(set.hostOf(5)).hasValue(b.value());
    assertThat(set.hostOf(a.value())).isEmpty();
    assertThat(set.guestOf(a)).hasValue(77);
    refused(Reason.EXISTS, "guest id 0x4d", () -> set.allocate(any().as(77)));
    refused(Reason.EXISTS, "guest id 0x5", () -> set.rename(a, some(5)));
    set.rename(a, some(78));
    assertThat(set.hostOf(77)).isEmpty();
    refused(Reason.BUSY, "freeze it first", set::export);
    set.freeze();
    refused(Reason.BUSY, "FROZEN", () -> set.allocate(any()));
    SetExport export = set.export();
    assertThat(export.entries())
        .containsExactly(new SetExport.Entry(1, 78, 0), new SetExport.Entry(2, 5, 0));

    Rig there = new Rig();
    IoasidSet taken = there.client.systemSet();
    taken.allocate(any()); // pasid 1
    int unassigned = there.client.capacity().unassigned();
    refused(Reason.EXISTS, "pasid 0x1", () -> there.client.importSet(export, true, List.of()));
    assertThat(there.client.capacity().unassigned()).isEqualTo(unassigned);
    IoasidSet moved = there.client.importSet(export, false, List.of());
    assertThat(moved.hostOf(78)).hasValue(2);
    assertThat(moved.hostOf(5)).hasValue(3);
    refused(Reason.EXISTS, "vm:0x1", () -> there.client.importSet(export, false, List.of()));
    there.check();
  }

  @Test
  @Requirement(21)
  void anotherSetsIdIsRefusedNotIgnored() {
    IoasidSet mine = rig.set(1, 10);
    IoasidSet other = rig.set(2, 10);
    Pasid id = mine.allocate(any().with("secret"));
    refused(Reason.DENIED, "not of set", () -> other.lease(id, "thief"));
    refused(Reason.DENIED, "not of set", () -> other.free(id));
    refused(Reason.DENIED, "not of set", () -> other.attach(id, "x"));
    refused(Reason.DENIED, "not of set", () -> other.rename(id, some(3)));
    refused(Reason.DENIED, "not of set", () -> other.publisher("p").bound(id, "x"));
    assertThat(other.find(id.value())).isNull();
    assertThat(mine.find(id.value())).isEqualTo("secret");
    assertThat(rig.client.counters()).containsEntry("access.denied", 5L);
  }

  @Test
  @Requirement(22)
  void snapshotIsOneMomentInOrder() {
    IoasidSet set = rig.set(1, 3000);
    for (int i = 1; i <= 2500; i++) {
      set.allocate(any());
    }
    set.free(id(64));
    IoasidLease lease = set.lease(id(1025), "x");
    List<IoasidInfo> infos = set.snapshot();
    assertThat(infos).hasSize(2499);
    assertThat(infos).extracting(i -> i.id().value()).isSorted().doesNotContain(64);
    assertThat(infos.get(1023).state()).isEqualTo(IoasidState.ACTIVE);
    assertThat(infos.get(1023).leases()).isOne();
    lease.close();
  }

  @Test
  @Requirement(23)
  void noReuseBeforeTheLastPut() {
    IoasidSet set = rig.set(1, 10);
    Pasid id = set.allocate(any());
    assertThat(set.stateOf(id)).isEqualTo(IoasidState.IDLE);
    IoasidLease one = set.lease(id, "one");
    IoasidLease two = set.lease(id, "two");
    assertThat(set.stateOf(id)).isEqualTo(IoasidState.ACTIVE);
    set.free(id);
    set.free(id);
    assertThat(set.stateOf(id)).isEqualTo(IoasidState.FREE_PENDING);
    refused(Reason.NOT_FOUND, "FREE_PENDING", () -> set.lease(id, "three"));
    assertThat(set.allocate(any())).isEqualTo(id(2));
    assertThat(rig.client.holders())
        .extracting(h -> h.holder() + " of " + h.bundle())
        .containsExactly("one of test", "two of test");
    assertThat(rig.client.holders().get(0).where()).isNotEmpty();
    one.close();
    one.close();
    assertThat(set.stateOf(id)).isEqualTo(IoasidState.FREE_PENDING);
    two.close();
    assertThat(set.stateOf(id)).isEqualTo(IoasidState.FREE);
    assertThat(set.allocate(any())).isEqualTo(id);
    assertThat(rig.client.counters()).containsEntry("free.repeated", 1L);
    rig.check();
  }

  @Test
  @Requirement(25)
  void findTakesNoLockAndAllocatesNothing() throws Exception {
    IoasidSet set = rig.set(1, 10);
    Pasid id = set.allocate(any().with("data"));
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    int found = 0;
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 20_000; i++) {
        found += set.find(id.value()) == "data" ? 1 : 0;
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(found).isEqualTo(100_000);
    assertThat(least).isLessThan(1000);
    rig.allocator.books.lock.lock();
    try {
      assertThat(set.find(id.value())).isEqualTo("data"); // would throw: taken twice
    } finally {
      rig.allocator.books.lock.unlock();
    }
  }

  @Test
  @Requirement(26)
  void noIdWithoutASet() {
    assertThat(Arrays.stream(IoasidService.class.getMethods()))
        .noneMatch(m -> m.getReturnType() == Pasid.class)
        .noneMatch(m -> List.of(m.getParameterTypes()).contains(AllocationRequest.class));
    Map<Pasid, Integer> owners = new HashMap<>();
    owners.put(rig.client.systemSet().allocate(any()), rig.client.systemSet().sid());
    owners.forEach((id, sid) -> assertThat(rig.client.findSet(id)).hasValue(sid));
  }
}
