package org.ioasis.allocator.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.allocator.core.Rig.any;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.IoasisException;
import org.ioasis.api.ioasid.IoasidEvent;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.IoasidListener.Delivery;
import org.ioasis.api.ioasid.IoasidListener.Order;
import org.ioasis.api.ioasid.IoasidPublisher;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listeners that are late, slow, or overrun, and what they know in the end. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ListenerQueuesTest {
  /** Knows ids and their bindings from events alone, as an IOMMU driver would. */
  private static final class Mirror implements IoasidListener {
    final Map<Integer, Integer> bindings = new TreeMap<>();
    final Map<Integer, Boolean> freed = new TreeMap<>();
    final List<Runnable> acks = new ArrayList<>();
    long lost;
    int resyncs;

    @Override
    public synchronized void event(IoasidEvent event, Runnable acknowledge) {
      if (event instanceof IoasidEvent.Allocated e) {
        assertThat(bindings.put(e.id().value(), 0)).as("known before: %s", e).isNull();
        freed.put(e.id().value(), false);
      } else if (event instanceof IoasidEvent.Bound e) {
        bindings.merge(e.id().value(), 1, Integer::sum);
      } else if (event instanceof IoasidEvent.Unbound e) {
        bindings.merge(e.id().value(), -1, Integer::sum);
      } else if (event instanceof IoasidEvent.Freed e) {
        assertThat(freed.put(e.id().value(), true)).as("usable before: %s", e).isEqualTo(false);
        acks.add(acknowledge);
      } else if (event instanceof IoasidEvent.Reclaimed e) {
        assertThat(freed.remove(e.id().value())).as("freed before: %s", e).isEqualTo(true);
        bindings.remove(e.id().value());
      }
    }

    @Override
    public synchronized void lost(long events) {
      bindings.clear();
      freed.clear();
      lost += events;
      resyncs++;
    }

    synchronized void check(IoasidSet... sets) {
      Map<Integer, Integer> present = new TreeMap<>();
      Map<Integer, Boolean> ending = new TreeMap<>();
      for (IoasidSet set : sets) {
        set.snapshot()
            .forEach(
                info -> {
                  present.put(info.id().value(), info.bindings());
                  ending.put(info.id().value(), info.state() == IoasidState.FREE_PENDING);
                });
      }
      assertThat(bindings).isEqualTo(present);
      assertThat(freed).isEqualTo(ending);
    }
  }

  @Test
  @Requirement(32)
  void aSlowFirstPhaseListenerIsToldFromAQueueFromThenOn() {
    Rig rig = new Rig(1024, 0, 1024, 5_000_000);
    IoasidSet set = rig.set(1, 10);
    List<String> told = new ArrayList<>();
    long[] takes = {5_000_000};
    rig.listen(
        "slow",
        Order.OBSERVE,
        Delivery.IMMEDIATE,
        false,
        (event, ack) -> {
          told.add(event.getClass().getSimpleName());
          rig.time.advance(takes[0]);
        });
    Pasid id = set.allocate(any());
    assertThat(told).containsExactly("Allocated"); // exactly as long as it may take
    rig.settle();
    takes[0] = 5_000_001;
    set.adjust(9);
    assertThat(told).containsExactly("Allocated", "Adjusted");
    rig.settle();
    set.free(id);
    assertThat(told).hasSize(2); // not in the first phase any more
    rig.settle();
    assertThat(told).containsExactly("Allocated", "Adjusted", "Freed", "Reclaimed");
    set.allocate(any());
    assertThat(told).hasSize(4); // for good, although it has caught up
    rig.settle();
    assertThat(told).hasSize(5);
    assertThat(rig.client.counters()).containsEntry("listener.slow", 1L);
  }

  @Test
  @Requirement(32)
  void aStuckListenerKeepsABoundedQueueAndIsToldThePresentAnew() throws Exception {
    Rig rig = new Rig(1024, 0, 8, Long.MAX_VALUE);
    IoasidSet set = rig.set(1, 500);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Mirror mirror = new Mirror();
    IoasidListener stuck =
        new IoasidListener() {
          @Override
          public void event(IoasidEvent event, Runnable acknowledge) {
            inside.countDown();
            await(go);
            mirror.event(event, acknowledge);
          }

          @Override
          public void lost(long events) {
            mirror.lost(events);
          }
        };
    rig.listen("stuck", Order.OBSERVE, Delivery.QUEUED, false, stuck);
    List<IoasidEvent> fine = rig.record(Delivery.QUEUED);
    IoasidPublisher publisher = set.publisher("p");
    Pasid kept = set.allocate(any());
    publisher.bound(kept, "domain");
    rig.allocator.pump();
    Thread drain = Rig.start(rig.tasks.poll(), e -> {});
    assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
    for (int i = 0; i < 100; i++) {
      Pasid id = set.allocate(any());
      rig.settle();
      set.free(id);
      rig.settle();
    }
    Pasid late = set.allocate(any());
    rig.settle();
    assertThat(fine).hasSize(303).extracting(IoasidEvent::sequence).isSorted(); // nothing lost here
    assertThat(mirror.resyncs).isZero();
    go.countDown();
    drain.join();
    rig.settle();
    mirror.check(set);
    assertThat(mirror.bindings).containsOnlyKeys(kept.value(), late.value());
    assertThat(mirror.resyncs).isOne();
    assertThat(mirror.lost).isEqualTo(302); // all but the first
    assertThat(rig.client.counters())
        .containsEntry("listener.overrun", 1L)
        .containsEntry("events.lost", 302L);
    set.free(kept); // and it goes on as ever
    rig.settle();
    mirror.check(set);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reclaim still waits for one that was overrun, and it can still acknowledge. */
  @Test
  @Requirement({30, 32})
  void anOverrunListenerIsStillWaitedFor() {
    Rig rig = new Rig(1024, 0, 4, Long.MAX_VALUE);
    IoasidSet set = rig.set(1, 500);
    Mirror mirror = new Mirror();
    rig.listen("acks", Order.DRAIN, Delivery.QUEUED, true, mirror);
    Pasid freed = set.allocate(any());
    set.free(freed);
    for (int i = 0; i < 20; i++) {
      set.allocate(any());
    }
    rig.settle();
    assertThat(mirror.resyncs).isOne();
    assertThat(set.stateOf(freed)).isEqualTo(IoasidState.FREE_PENDING);
    assertThat(mirror.acks).hasSize(1);
    mirror.acks.get(0).run();
    assertThat(set.stateOf(freed)).isEqualTo(IoasidState.FREE);
    rig.settle();
    mirror.check(set);
  }

  /** Whenever it comes, and whatever happens between two chunks of what it is told. */
  @Test
  @Requirement(34)
  void aMirrorOfEventsIsEqualToTheBooksHoweverLateItComes() {
    AtomicLong overruns = new AtomicLong();
    for (int seed = 0; seed < 24; seed++) {
      history(seed, overruns);
    }
    assertThat(overruns.get()).isGreaterThan(20); // the histories do run queues over
  }

  private static void history(int seed, AtomicLong overruns) {
    Random random = new Random(20250700 + seed);
    Rig rig = new Rig(4096, 0, 2 << seed % 12, Long.MAX_VALUE);
    IoasidSet[] sets = {rig.set(1, 1500), rig.set(2, 1500)};
    IoasidPublisher[] publishers = {sets[0].publisher("a"), sets[1].publisher("b")};
    Map<Integer, Integer> out = new HashMap<>();
    List<Mirror> mirrors = new ArrayList<>();
    for (int step = 0; step < 400; step++) {
      if (step % 100 == 10) {
        mirrors.add(new Mirror());
        Delivery delivery = random.nextBoolean() ? Delivery.IMMEDIATE : Delivery.QUEUED;
        Order order = List.of(Order.values()).get(random.nextInt(4));
        rig.listen(
            "mirror", order, delivery, random.nextBoolean(), mirrors.get(mirrors.size() - 1));
      }
      act(random, sets, publishers, out);
      if (random.nextInt(20) == 0) {
        rig.allocator.pump(); // drains run one by one, between the others' steps
      }
      if (!rig.tasks.isEmpty() && random.nextInt(3) == 0) {
        rig.tasks.poll().run();
      }
      if (random.nextInt(5) == 0) {
        mirrors.forEach(mirror -> acknowledge(mirror, random));
      }
      if (random.nextInt(50) == 0) {
        rig.time.advance(Rig.TIMEOUT);
      }
    }
    for (int i = 0; i < 9; i++) {
      rig.time.advance(Rig.TIMEOUT);
      rig.settle();
    }
    assertThat(rig.failures).isEmpty();
    for (Mirror mirror : mirrors) {
      mirror.check(sets);
      overruns.addAndGet(mirror.resyncs);
    }
    rig.check();
  }

  private static void acknowledge(Mirror mirror, Random random) {
    if (!mirror.acks.isEmpty()) {
      mirror.acks.remove(random.nextInt(mirror.acks.size())).run();
    }
  }

  private static void act(
      Random random, IoasidSet[] sets, IoasidPublisher[] publishers, Map<Integer, Integer> out) {
    int which = random.nextInt(2);
    int burst = random.nextInt(30) == 0 ? 400 : 1;
    for (int i = 0; i < burst && sets[which].inUse() < 1400; i++) {
      out.put(sets[which].allocate(any()).value(), which);
    }
    for (int i = 0; i < 3 && !out.isEmpty(); i++) {
      List<Integer> ids = new ArrayList<>(out.keySet());
      int id = ids.get(random.nextInt(ids.size()));
      int owner = out.get(id);
      switch (random.nextInt(4)) {
        case 0 -> publishers[owner].bound(new Pasid(id), "x");
        case 1 -> publishers[owner].unbound(new Pasid(id), "x");
        case 2 -> {
          sets[owner].free(new Pasid(id));
          out.remove(id);
        }
        default -> sets[owner].lease(new Pasid(id), "x").close();
      }
    }
    if (random.nextInt(150) == 0) {
      sets[which].clear();
      out.values().removeIf(owner -> owner == which);
    }
  }

  /** Real threads: a mirror comes while four threads allocate and free. */
  @Test
  @Requirement(34)
  void aMirrorThatComesInTheMiddleOfAllIsRightInTheEnd() throws Exception {
    Rig rig = new Rig(1 << 16, 0, 1 << 16, Long.MAX_VALUE);
    IoasidSet set = rig.set(1, 50_000);
    for (int i = 0; i < 3000; i++) {
      set.allocate(any());
    }
    List<Throwable> thrown = new CopyOnWriteArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Random random = new Random(t);
      threads.add(Rig.start(() -> churn(set, random), thrown::add));
    }
    Mirror mirror = new Mirror();
    rig.listen("mirror", Order.OBSERVE, Delivery.QUEUED, false, mirror);
    boolean running = true;
    while (running) {
      rig.allocator.pump();
      for (Runnable task = rig.tasks.poll(); task != null; task = rig.tasks.poll()) {
        task.run();
      }
      running = threads.stream().anyMatch(Thread::isAlive);
    }
    rig.settle();
    rig.settle();
    assertThat(thrown).isEmpty();
    assertThat(rig.failures).isEmpty();
    mirror.check(set);
  }

  private static void churn(IoasidSet set, Random random) {
    List<Pasid> own = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      try {
        own.add(set.allocate(any()));
      } catch (IoasisException full) {
        assertThat(own).isNotEmpty();
      }
      if (random.nextBoolean()) {
        set.free(own.remove(random.nextInt(own.size())));
      }
    }
  }

  /** The time-out of a class is one timer's work, and what nobody answers ends class by class. */
  @Test
  @Requirement(30)
  void aThousandIdsThatNobodyAcknowledgesEndInFourTimeouts() {
    Rig rig = new Rig(4096, 0);
    IoasidSet set = rig.set(1, 2000);
    for (Order order : Order.values()) {
      rig.listen(order.name(), order, Delivery.QUEUED, true, (event, ack) -> {});
    }
    for (int i = 0; i < 1000; i++) {
      set.allocate(any());
    }
    set.clear();
    for (int i = 0; i < 4; i++) {
      assertThat(set.inUse()).isEqualTo(1000);
      rig.settle();
      rig.time.advance(Rig.TIMEOUT);
    }
    assertThat(set.inUse()).isZero();
    assertThat(rig.client.counters()).containsEntry("acknowledge.timed.out", 4000L);
    assertThat(rig.laggards).hasSize(4000);
    rig.check();
  }
}
