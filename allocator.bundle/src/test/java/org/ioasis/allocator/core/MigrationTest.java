package org.ioasis.allocator.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.allocator.core.Rig.any;
import static org.ioasis.allocator.core.Rig.id;
import static org.ioasis.allocator.core.SetRequirementsTest.refused;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IdBound;
import org.ioasis.api.ioasid.IoasidLease;
import org.ioasis.api.ioasid.IoasidListener.Delivery;
import org.ioasis.api.ioasid.IoasidListener.Order;
import org.ioasis.api.ioasid.IoasidPublisher;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetExport;
import org.ioasis.api.ioasid.SetState;
import org.ioasis.api.ioasid.SetToken;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A set is frozen, handed out, and made again elsewhere; or it is not, and nothing has changed. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MigrationTest {
  private final Rig rig = new Rig();
  private final IoasidSet set = rig.set(1, 100);

  @Test
  @Requirement(20)
  void aFreezeThatIsNotDrainedInTimeGivesUp() {
    rig.time.patienceMillis = 20;
    List<Runnable> acks = new ArrayList<>();
    rig.listen("acks", Order.DRAIN, Delivery.QUEUED, true, (event, ack) -> acks.add(ack));
    Pasid pending = set.allocate(any());
    Pasid kept = set.allocate(any());
    IoasidLease lease = set.lease(kept, "a lease holds up nothing");
    set.free(pending);
    rig.settle();
    refused(Reason.TIMED_OUT, "1 ids being freed", set::freeze);
    assertThat(set.state()).isEqualTo(SetState.ACTIVE);
    set.free(set.allocate(any())); // everything is possible again
    rig.settle();
    acks.forEach(Runnable::run);
    set.freeze();
    assertThat(set.state()).isEqualTo(SetState.FROZEN);
    refused(Reason.BUSY, "FROZEN", () -> set.lease(kept, "x"));
    refused(Reason.BUSY, "FROZEN", () -> set.publisher("p").bound(kept, "x"));
    refused(Reason.BUSY, "FROZEN", () -> set.rename(kept, Rig.some(4)));
    refused(Reason.BUSY, "FROZEN", () -> set.adjust(50));
    refused(Reason.BUSY, "FROZEN", () -> set.allocateChild(new SetToken("guest", 1), 1));
    refused(Reason.BUSY, "FROZEN", set::freeze);
    lease.close();
    set.free(kept); // frees still count
    rig.settle();
    acks.get(acks.size() - 1).run();
    assertThat(set.inUse()).isZero();
    set.export();
    assertThat(set.state()).isEqualTo(SetState.EXPORTED);
    refused(Reason.BUSY, "EXPORTED", set::export);
    set.thaw();
    assertThat(set.state()).isEqualTo(SetState.ACTIVE);
    rig.check();
  }

  @Test
  void aFreezeDoesNotReviveASetThatIsDestroyedMeanwhile() throws Exception {
    rig.listen("never", Order.DRAIN, Delivery.QUEUED, true, (event, ack) -> {});
    set.free(set.allocate(any()));
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    Thread freezing = Rig.start(set::freeze, thrown::add);
    while (set.state() == SetState.ACTIVE) {
      Thread.onSpinWait();
    }
    set.destroy();
    freezing.join();
    assertThat(thrown).hasSize(1);
    assertThat(thrown.get(0)).hasMessageContaining("became DESTROY_PENDING meanwhile");
    assertThat(set.state()).isEqualTo(SetState.DESTROY_PENDING);
    refused(Reason.BUSY, "being destroyed", set::thaw);
    rig.settle();
    rig.time.advance(Rig.TIMEOUT);
    assertThat(rig.client.sets()).hasSize(1);
  }

  /** A chooser still chooses: the call is let end, and its id is part of what is frozen. */
  @Test
  void aFreezeWaitsForACallUnderWay() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    rig.allocator.customAllocator(
        new org.ioasis.api.ioasid.CustomAllocator() {
          @Override
          public String name() {
            return "slow";
          }

          @Override
          public java.util.OptionalInt allocate(int min, int max) {
            inside.countDown();
            try {
              go.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            return Rig.some(70);
          }

          @Override
          public void free(int id) {}
        });
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    Thread allocating = Rig.start(() -> set.allocate(any()), thrown::add);
    inside.await();
    Thread freezing = Rig.start(set::freeze, thrown::add);
    while (set.state() == SetState.ACTIVE) {
      Thread.onSpinWait();
    }
    assertThat(freezing.isAlive()).isTrue();
    go.countDown();
    allocating.join();
    freezing.join();
    assertThat(thrown).isEmpty();
    assertThat(set.export().entries()).extracting(SetExport.Entry::host).containsExactly(70);
  }

  @Test
  @Requirement(20)
  void aLargeSetMovesAndKeepsItsGuestsNumbers() {
    IoasidSet large = rig.set(2, 5000);
    IoasidPublisher publisher = large.publisher("p");
    for (int guest = 0; guest < 5000; guest++) {
      Pasid host = large.allocate(any().as(9999 - guest));
      if (guest % 100 == 0) {
        publisher.bound(host, "x");
      }
    }
    large.freeze();
    SetExport export = large.export();
    assertThat(export.entries()).hasSize(5000);
    assertThat(export.entries().stream().mapToInt(SetExport.Entry::bindings).sum()).isEqualTo(50);
    Rig there = new Rig();
    there.client.systemSet().allocate(any());
    IoasidSet moved = there.client.importSet(export, false, List.of(new IdBound("u13", 13)));
    assertThat(moved.inUse()).isEqualTo(5000);
    for (SetExport.Entry entry : export.entries()) {
      int host = moved.hostOf(entry.guest()).orElseThrow();
      assertThat(moved.guestOf(id(host))).hasValue(entry.guest());
    }
    there.check();
  }

  /** Whatever does not fit is named, and nothing has changed then. */
  @Test
  @Requirement(20)
  void anImportIsAllOrNothing() {
    SetToken token = new SetToken("vm", 77);
    List<SetExport.Entry> many =
        IntStream.rangeClosed(10, 40).mapToObj(i -> new SetExport.Entry(i, i, 0)).toList();
    for (int taken = 20; taken < 30; taken++) {
      set.allocate(
          new AllocationRequest(taken, taken, List.of(), java.util.OptionalInt.empty(), null));
    }
    var before = rig.client.capacity();
    SetExport export = new SetExport(1, token, 31, many);
    refused(Reason.EXISTS, "pasid 0x14, ", () -> rig.client.importSet(export, true, List.of()));
    refused(Reason.EXISTS, "and 2 more", () -> rig.client.importSet(export, true, List.of()));
    List<IdBound> narrow = List.of(new IdBound("unit narrow", 5));
    refused(Reason.INVALID, "unit narrow", () -> rig.client.importSet(export, true, narrow));
    refused(Reason.EXHAUSTED, "guest id 0x1f", () -> rig.client.importSet(export, false, narrow));
    for (SetExport bad :
        List.of(
            new SetExport(2, token, 31, many),
            new SetExport(1, token, 30, many),
            new SetExport(1, token, 3, List.of(new SetExport.Entry(0, -1, 0))),
            new SetExport(1, token, 3, List.of(new SetExport.Entry(1 << 20, -1, 0))),
            new SetExport(1, token, 3, List.of(new SetExport.Entry(1, -2, 0))),
            new SetExport(
                1, token, 3, List.of(new SetExport.Entry(1, 5, 0), new SetExport.Entry(2, 5, 0))),
            new SetExport(
                1,
                token,
                3,
                List.of(new SetExport.Entry(1, 5, 0), new SetExport.Entry(1, 6, 0))))) {
      refused(Reason.MALFORMED, "vm:0x4d", () -> rig.client.importSet(bad, true, List.of()));
    }
    assertThat(rig.client.capacity()).isEqualTo(before);
    assertThat(rig.client.sets()).hasSize(2);
    rig.check();
    assertThat(rig.client.importSet(export, false, List.of()).inUse()).isEqualTo(31);
    rig.check();
  }
}
