package org.ioasis.allocator.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.allocator.core.Rig.any;
import static org.ioasis.allocator.core.SetRequirementsTest.refused;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.CustomAllocator;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidLease;
import org.ioasis.api.ioasid.IoasidListener.Delivery;
import org.ioasis.api.ioasid.IoasidListener.Order;
import org.ioasis.api.ioasid.IoasidPublisher;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.testing.NoBlocking;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requirements 24 and 27 to 34: who is told what, when, and what free never waits for. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NotificationRequirementsTest {
  private final Rig rig = new Rig();
  private final List<CountDownLatch> held = new ArrayList<>();

  @AfterEach
  void letGo() {
    held.forEach(CountDownLatch::countDown);
  }

  private static String name(IoasidEvent event) {
    return event.getClass().getSimpleName();
  }

  /** All that can be held up is, while a free frees more from within its listener. */
  private final class HeldUp {
    final IoasidSet set = rig.set(1, 100);
    final IoasidSet frozen = rig.set(2, 10);
    final CountDownLatch never = new CountDownLatch(1);
    final Queue<String> told = new ConcurrentLinkedQueue<>(); // never blocks, either
    final Queue<Runnable> more = new ConcurrentLinkedQueue<>();

    HeldUp() throws InterruptedException {
      held.add(never);
      rig.listen("inner", Order.OBSERVE, Delivery.IMMEDIATE, false, this::inner);
    }

    void holdUp() throws InterruptedException {
      CountDownLatch inside = new CountDownLatch(3);
      CustomAllocator stuck = custom((min, max) -> park(inside, never));
      rig.allocator.customAllocator(stuck);
      Rig.start(() -> set.allocate(any()), e -> {}); // stuck in the chooser
      while (inside.getCount() == 3) {
        Thread.onSpinWait();
      }
      rig.allocator.dropCustomAllocator(stuck);
      rig.allocator.addListener(
          (event, ack) -> park(inside, never),
          new ListenerOptions("stuck", frozen.sid(), null, Order.QUIESCE, Delivery.QUEUED, true));
      Pasid waits = frozen.allocate(any());
      rig.allocator.pump();
      rig.tasks.forEach(task -> Rig.start(task, e -> {})); // one is stuck in the queued listener
      frozen.free(waits); // for its acknowledgement
      Rig.start(
          () -> {
            inside.countDown();
            frozen.freeze(); // stuck, waiting for that acknowledgement
          },
          e -> {});
      assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
      told.clear();
    }

    void inner(IoasidEvent event, Runnable ack) {
      assertThat(rig.allocator.books.lock.isMine()).isFalse();
      if (event instanceof IoasidEvent.Freed freed) {
        told.add(freed.id().toString());
        Runnable next = more.poll();
        if (next != null) {
          next.run();
        }
      }
    }
  }

  @Test
  @Requirement(24)
  void freeNeverBlocksWhateverElseIsStuck() throws Exception {
    HeldUp scene = new HeldUp();
    List<Pasid> own = List.of(scene.set.allocate(any()), scene.set.allocate(any()));
    List<Pasid> pending = List.of(scene.frozen.allocate(any()), scene.frozen.allocate(any()));
    List<Pasid> chosen = List.of(chosenNumber(scene.set, 40), chosenNumber(scene.set, 41));
    scene.holdUp();
    AtomicInteger run = new AtomicInteger();
    NoBlocking.check(
        Duration.ofMillis(1500),
        () -> { // one frees the next from within its listener
          int i = run.getAndIncrement();
          scene.more.add(() -> scene.set.free(chosen.get(i)));
          scene.more.add(() -> scene.frozen.free(pending.get(i)));
          scene.set.free(own.get(i));
        });
    assertThat(rig.client.counters()).containsEntry("listener.failed", 0L);
    assertThat(scene.told)
        .containsExactly(
            "pasid 0x1", "pasid 0x28", "pasid 0x3", "pasid 0x2", "pasid 0x29", "pasid 0x4");
    assertThat(chosen).allMatch(id -> scene.set.stateOf(id) == IoasidState.FREE);
    assertThat(pending).allMatch(id -> scene.frozen.stateOf(id) == IoasidState.FREE_PENDING);
  }

  /** The thread that frees meets no monitor and no park, however many fight for the books. */
  @Test
  @Requirement(24)
  void freeWaitsForNoOtherThread() throws Exception {
    new HeldUp().holdUp();
    IoasidSet crowd = rig.set(3, 4000);
    AtomicBoolean stop = new AtomicBoolean();
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      threads.add(Rig.start(() -> fight(crowd, stop), thrown::add));
    }
    IoasidSet mine = rig.set(4, 4000);
    List<Pasid> ids = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      ids.add(mine.allocate(any()));
    }
    NoBlocking.check(
        Duration.ofSeconds(10),
        () -> {
          for (int i = 0; i < 1000; i++) {
            mine.free(ids.remove(ids.size() - 1));
          }
        });
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(thrown).isEmpty();
    assertThat(mine.inUse()).isZero();
  }

  private static void fight(IoasidSet set, AtomicBoolean stop) {
    while (!stop.get()) {
      Pasid id = set.allocate(any());
      try (IoasidLease lease = set.lease(id, "crowd")) {
        set.free(lease.id());
      }
      set.snapshot();
    }
  }

  /** What a free needs is made before the lock is taken, its RECLAIM included. */
  @Test
  @Requirement(24)
  void freeAllocatesNothingUnderTheLock() {
    IoasidSet set = rig.set(1, 30_000);
    rig.listen("acks", Order.DRAIN, Delivery.QUEUED, true, (event, ack) -> {});
    SetCore core = rig.allocator.books.set(set.sid());
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 3; round++) {
      List<Settlement> ends = new ArrayList<>();
      List<Pasid> ids = new ArrayList<>();
      for (int i = 0; i < 5000; i++) {
        ids.add(set.allocate(any()));
        ends.add(rig.allocator.listeners.prepareEnd(core, "test"));
      }
      rig.allocator.books.lock.lock();
      try {
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 5000; i++) {
          int id = ids.get(i).value();
          long word = rig.allocator.books.table.word(id);
          rig.allocator.endings.begin(core, id, word, ends.get(i), 0);
          ends.get(i).told = true;
          ends.get(i).done(ends.get(i).awaits());
          rig.allocator.listeners.settleIfDone(ends.get(i));
        }
        least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
      } finally {
        rig.allocator.books.lock.unlock();
      }
      assertThat(set.inUse()).isZero();
    }
    assertThat(least).isLessThan(1000); // the measurement's own, not 5000 events
  }

  /** An id that a chooser gave, so that freeing it concerns the chooser. */
  private Pasid chosenNumber(IoasidSet set, int number) {
    CustomAllocator chooser = custom((min, max) -> number);
    rig.allocator.customAllocator(chooser);
    Pasid id = set.allocate(any());
    rig.allocator.dropCustomAllocator(chooser);
    return id;
  }

  private interface Chooser {
    int choose(int min, int max);
  }

  private static CustomAllocator custom(Chooser chooser) {
    return new CustomAllocator() {
      @Override
      public String name() {
        return "chooser";
      }

      @Override
      public OptionalInt allocate(int min, int max) {
        return OptionalInt.of(chooser.choose(min, max));
      }

      @Override
      public void free(int id) {}
    };
  }

  private static int park(CountDownLatch inside, CountDownLatch until) {
    inside.countDown();
    try {
      until.await(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 50;
  }

  @Test
  @Requirement(27)
  void eachTransitionHasItsType() {
    List<IoasidEvent> events = rig.record(Delivery.IMMEDIATE);
    rig.settle();
    IoasidSet set = rig.set(1, 10);
    Pasid id = set.allocate(any().as(9));
    IoasidPublisher publisher = set.publisher("vfio");
    publisher.bound(id, "domain 4");
    publisher.unbound(id, "domain 4 detached");
    set.adjust(8);
    set.free(id);
    set.destroy();
    assertThat(events)
        .extracting(NotificationRequirementsTest::name)
        .containsExactly(
            "Allocated", "Bound", "Unbound", "Adjusted", "Freed", "Reclaimed", "SetFreed");
    assertThat(events.get(1))
        .isEqualTo(new IoasidEvent.Bound(2, 2, "domain 4", id, OptionalInt.of(9), false));
    assertThat(events.get(2))
        .isEqualTo(new IoasidEvent.Unbound(3, 2, "domain 4 detached", id, OptionalInt.of(9)));
    assertThat(events.get(4))
        .isEqualTo(new IoasidEvent.Freed(5, 2, "freed by test", id, OptionalInt.of(9)));
    assertThat(IoasidEvent.class.isSealed()).isTrue();
    assertThat(IoasidEvent.class.getPermittedSubclasses()).hasSize(7);
  }

  @Test
  @Requirement(28)
  void unregisteringLetsTheCallUnderWayEnd() throws Exception {
    IoasidSet set = rig.set(1, 10);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<String> order = new CopyOnWriteArrayList<>();
    Object entry =
        rig.listen(
            "slow",
            Order.OBSERVE,
            Delivery.IMMEDIATE,
            false,
            (event, ack) -> {
              park(inside, go);
              order.add("call ended");
            });
    rig.settle();
    Thread caller = Rig.start(() -> set.allocate(any()), e -> {});
    assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
    Thread remover =
        Rig.start(
            () -> {
              rig.allocator.removeListener(entry);
              order.add("removed");
            },
            e -> {});
    Thread.sleep(100);
    go.countDown();
    caller.join(5000);
    remover.join(5000);
    set.allocate(any());
    assertThat(order).containsExactly("call ended", "removed");
  }

  @Test
  @Requirement(29)
  void onlyWhoeverBoundMayUnbind() {
    List<IoasidEvent> events = rig.record(Delivery.QUEUED);
    IoasidSet set = rig.set(1, 10);
    Pasid id = set.allocate(any());
    IoasidPublisher vfio = set.publisher("vfio");
    IoasidPublisher vdpa = set.publisher("vdpa");
    vfio.bound(id, "a");
    vdpa.unbound(id, "b");
    vfio.unbound(id, "c");
    vfio.unbound(id, "d");
    vfio.bound(id, "e");
    vfio.close();
    refused(Reason.NOT_FOUND, "publisher vfio", () -> vfio.bound(id, "f"));
    rig.settle();
    assertThat(events)
        .extracting(e -> name(e) + " " + e.cause())
        .containsExactly(
            "Allocated allocated by test",
            "Bound a",
            "Unbound c",
            "Bound e",
            "Unbound publisher vfio closed");
  }

  @Test
  @Requirement(30)
  void reclaimWaitsBoundedAndNamesLaggards() {
    IoasidSet set = rig.set(1, 10);
    List<Runnable> acks = new ArrayList<>();
    rig.listen("good", Order.DRAIN, Delivery.QUEUED, true, (event, ack) -> keep(acks, event, ack));
    Pasid a = set.allocate(any());
    set.free(a);
    rig.settle();
    assertThat(set.stateOf(a)).isEqualTo(IoasidState.FREE_PENDING);
    assertThat(set.allocate(any())).isEqualTo(Rig.id(2));
    acks.get(0).run();
    acks.get(0).run();
    assertThat(set.stateOf(a)).isEqualTo(IoasidState.FREE);
    set.free(set.allocate(any()));
    rig.settle();
    rig.time.advance(Rig.TIMEOUT - 1);
    assertThat(set.stateOf(a)).isEqualTo(IoasidState.FREE_PENDING);
    rig.time.advance(1);
    assertThat(set.stateOf(a)).isEqualTo(IoasidState.FREE);
    assertThat(rig.laggards).containsExactly("good");
    acks.get(1).run();
    assertThat(rig.client.counters())
        .containsEntry("acknowledged", 1L)
        .containsEntry("acknowledge.timed.out", 1L)
        .containsEntry("acknowledge.late", 1L);
    rig.check();
  }

  private static void keep(List<Runnable> acks, IoasidEvent event, Runnable ack) {
    if (event instanceof IoasidEvent.Freed) {
      acks.add(ack);
    }
  }

  @Test
  @Requirement(31)
  void aListenerHearsOfItsSetOnly() {
    List<IoasidEvent> all = rig.record(Delivery.IMMEDIATE);
    List<IoasidEvent> bySid = new ArrayList<>();
    List<IoasidEvent> byToken = new ArrayList<>();
    IoasidSet mine = rig.set(1, 10);
    IoasidSet other = rig.set(2, 10);
    rig.allocator.addListener(
        (event, ack) -> bySid.add(event),
        new ListenerOptions("kvm", mine.sid(), null, Order.OBSERVE, Delivery.IMMEDIATE, false));
    rig.allocator.addListener(
        (event, ack) -> byToken.add(event),
        new ListenerOptions("kvm", 0, "vm:0x2", Order.OBSERVE, Delivery.QUEUED, false));
    rig.settle();
    mine.allocate(any());
    other.allocate(any());
    rig.settle();
    assertThat(all).hasSize(2);
    assertThat(bySid).extracting(IoasidEvent::sid).containsExactly(mine.sid());
    assertThat(byToken).extracting(IoasidEvent::sid).containsExactly(other.sid());
  }

  @Test
  @Requirement(32)
  void slowThrowingAndVanishingListenersHarmNobody() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    IoasidSet set = rig.set(1, 10);
    AtomicBoolean left = new AtomicBoolean();
    held.add(never);
    rig.listen(
        "stuck",
        Order.QUIESCE,
        Delivery.QUEUED,
        false,
        (e, ack) -> {
          if (!left.get()) {
            park(inside, never);
            left.set(true);
          }
        });
    rig.listen("bad", Order.QUIESCE, Delivery.QUEUED, false, NotificationRequirementsTest::fail);
    rig.listen("bad", Order.QUIESCE, Delivery.IMMEDIATE, false, NotificationRequirementsTest::fail);
    Object gone = rig.listen("gone", Order.DRAIN, Delivery.QUEUED, true, (e, ack) -> {});
    List<IoasidEvent> events = new CopyOnWriteArrayList<>();
    rig.listen("fine", Order.OBSERVE, Delivery.QUEUED, false, (e, ack) -> events.add(e));
    rig.allocator.pump(); // the one that is IMMEDIATE catches up
    while (!rig.tasks.isEmpty()) {
      rig.tasks.poll().run();
    }
    Pasid id = set.allocate(any());
    set.free(id);
    rig.allocator.removeListener(gone);
    for (int i = 0; i < 10; i++) {
      rig.allocator.pump();
      while (!rig.tasks.isEmpty()) {
        Thread task = Rig.start(rig.tasks.poll(), e -> {});
        task.join(300); // the stuck one stays behind
      }
    }
    assertThat(events)
        .extracting(NotificationRequirementsTest::name)
        .containsExactly("Allocated", "Freed", "Reclaimed");
    assertThat(set.allocate(any())).isEqualTo(id);
    assertThat(rig.client.counters())
        .containsEntry("listener.failed", 7L)
        .containsEntry("listener.vanished", 1L);
    assertThat(rig.failures).contains("bad");
    assertThat(left).as("the stuck one still is").isFalse();
  }

  private static void fail(IoasidEvent event, Runnable ack) {
    throw new AssertionError("of the listener's own");
  }

  @Test
  @Requirement(33)
  void dmaStopsFaultsDrainTranslationsGoThenTheNumberIsReused() {
    IoasidSet set = rig.set(1, 10);
    List<String> steps = new ArrayList<>();
    List<Runnable> acks = new ArrayList<>();
    for (Order order : List.of(Order.INVALIDATE, Order.QUIESCE, Order.DRAIN)) {
      rig.listen(
          order.name(),
          order,
          Delivery.QUEUED,
          true,
          (event, ack) -> {
            if (event instanceof IoasidEvent.Freed) {
              steps.add(order.name());
              acks.add(ack);
            }
          });
      rig.listen(
          order.name(),
          order,
          Delivery.IMMEDIATE,
          false,
          (event, ack) -> steps.add("first " + name(event) + " " + order.name()));
    }
    rig.settle();
    Pasid id = set.allocate(any());
    IoasidLease lease = set.lease(id, "in use");
    steps.clear();
    set.free(id);
    lease.close(); // alone, this does not make the number free
    assertThat(steps)
        .containsExactly("first Freed QUIESCE", "first Freed DRAIN", "first Freed INVALIDATE");
    steps.clear();
    for (Order order : List.of(Order.QUIESCE, Order.DRAIN, Order.INVALIDATE)) {
      rig.settle();
      assertThat(steps).containsExactly(order.name());
      assertThat(set.stateOf(id)).isEqualTo(IoasidState.FREE_PENDING);
      steps.clear();
      acks.remove(0).run();
    }
    assertThat(steps.subList(0, 1)).containsExactly("first Reclaimed QUIESCE");
    assertThat(set.allocate(any())).isEqualTo(id);
  }

  @Test
  @Requirement(34)
  void oneEventPerTransitionAndAReplayForWhoComesLate() {
    List<IoasidEvent> early = new ArrayList<>();
    rig.allocator.addListener(
        (event, ack) -> early.add(event),
        new ListenerOptions("early", 0, "vm:0x1", Order.OBSERVE, Delivery.QUEUED, false));
    IoasidSet set = rig.set(1, 10);
    Pasid a = set.allocate(any().as(4));
    Pasid b = set.allocate(any());
    Pasid c = set.allocate(any());
    IoasidPublisher publisher = set.publisher("vfio");
    publisher.bound(a, "domain");
    try (var lease = set.lease(b, "x")) {
      set.free(b);
      set.free(c);
      for (Delivery delivery : Delivery.values()) {
        List<IoasidEvent> late = rig.record(delivery);
        rig.settle();
        assertThat(late)
            .extracting(NotificationRequirementsTest::name)
            .containsExactly("Allocated", "Bound", "Allocated", "Freed");
        assertThat(late.get(0))
            .isInstanceOfSatisfying(
                IoasidEvent.Allocated.class,
                e -> {
                  assertThat(e.replayed()).isTrue();
                  assertThat(e.id()).isEqualTo(a);
                  assertThat(e.guestId()).hasValue(4);
                });
        publisher.bound(a, "again");
        publisher.unbound(a, "again");
        rig.settle();
        assertThat(late).hasSize(6);
        early.removeIf(e -> e.cause().equals("again"));
      }
      assertThat(lease.id()).isEqualTo(b);
    }
    rig.settle();
    assertThat(early)
        .extracting(NotificationRequirementsTest::name)
        .containsExactly(
            "Allocated",
            "Allocated",
            "Allocated",
            "Bound",
            "Freed",
            "Freed",
            "Reclaimed",
            "Reclaimed");
    assertThat(early).extracting(IoasidEvent::sequence).isSorted().doesNotHaveDuplicates();
  }
}
