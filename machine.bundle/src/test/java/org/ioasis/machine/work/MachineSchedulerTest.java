package org.ioasis.machine.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.ioasis.api.IoasisException;
import org.ioasis.api.machine.Scheduler.Mode;
import org.ioasis.api.machine.Work.Progress;
import org.ioasis.api.machine.WorkQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class MachineSchedulerTest {
  private final AtomicBoolean inBurst = new AtomicBoolean();

  private MachineScheduler scheduler(Mode mode, long seed) {
    return new MachineScheduler("m", mode, seed, inBurst::get);
  }

  private static void join(Thread... threads) throws InterruptedException {
    for (Thread thread : threads) {
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join(30_000);
      assertThat(thread.isAlive()).as(thread.getName()).isFalse();
    }
  }

  @Test
  void inlineTheTurnHasEndedWhenTheKickReturns() {
    try (MachineScheduler scheduler = scheduler(Mode.INLINE, 0)) {
      AtomicInteger turns = new AtomicInteger();
      WorkQueue queue =
          scheduler.queue(
              "q",
              () -> {
                turns.incrementAndGet();
                return Progress.DONE;
              });
      queue.kick();
      assertThat(turns).hasValue(1);
      assertThat(queue.pending()).isFalse();
    }
  }

  @Test
  void inlineAKickInsideTheOwnTurnRunsAfterIt() {
    try (MachineScheduler scheduler = scheduler(Mode.INLINE, 0)) {
      List<String> log = new ArrayList<>();
      WorkQueue[] queue = new WorkQueue[1];
      queue[0] =
          scheduler.queue(
              "q",
              () -> {
                log.add("begin");
                if (log.size() == 1) {
                  queue[0].kick();
                }
                log.add("end");
                return Progress.DONE;
              });
      queue[0].kick();
      assertThat(log).containsExactly("begin", "end", "begin", "end");
    }
  }

  @Test
  void inlineAWaitingTurnComesAgainUntilItIsDone() {
    try (MachineScheduler scheduler = scheduler(Mode.INLINE, 0)) {
      AtomicInteger turns = new AtomicInteger();
      WorkQueue queue =
          scheduler.queue(
              "q", () -> turns.incrementAndGet() < 500 ? Progress.WAITING : Progress.DONE);
      queue.kick();
      assertThat(turns).hasValue(500);
    }
  }

  @Test
  void inlineAWaitForTheOwnBurstThrowsAndTheTurnComesWithTheNextKick() {
    try (MachineScheduler scheduler = scheduler(Mode.INLINE, 0)) {
      AtomicInteger turns = new AtomicInteger();
      WorkQueue queue =
          scheduler.queue(
              "dmar0.invalidation",
              () -> {
                turns.incrementAndGet();
                return inBurst.get() ? Progress.WAITING : Progress.DONE;
              });
      inBurst.set(true);
      assertThatThrownBy(queue::kick)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("dmar0.invalidation")
          .hasMessageContaining("burst");
      assertThat(turns).hasValue(1);
      assertThat(queue.pending()).isTrue();
      inBurst.set(false);
      queue.kick();
      assertThat(turns).hasValue(2);
      assertThat(queue.pending()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"INLINE", "THREADED"})
  void noKickIsLostAndTurnsNeverOverlap(Mode mode) throws InterruptedException {
    int kicks = 20_000;
    try (MachineScheduler scheduler = scheduler(mode, 0)) {
      AtomicInteger produced = new AtomicInteger();
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger overlaps = new AtomicInteger();
      int[] consumed = new int[1]; // guarded by the turns themselves
      WorkQueue queue =
          scheduler.queue(
              "q",
              () -> {
                if (inside.incrementAndGet() != 1) {
                  overlaps.incrementAndGet();
                }
                consumed[0] = produced.get();
                inside.decrementAndGet();
                return Progress.DONE;
              });
      Runnable producer =
          () -> {
            for (int i = 0; i < kicks; i++) {
              produced.incrementAndGet();
              queue.kick();
            }
          };
      join(new Thread(producer, "a"), new Thread(producer, "b"), new Thread(producer, "c"));
      assertThat(scheduler.runUntilIdle(Integer.MAX_VALUE)).isTrue();
      assertThat(consumed[0]).as("the last turn began after the last kick").isEqualTo(3 * kicks);
      assertThat(overlaps).hasValue(0);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void removalWaitsForTheTurnAndNoneBeginsAfter(Mode mode) throws InterruptedException {
    try (MachineScheduler scheduler = scheduler(mode, 0)) {
      CountDownLatch inTurn = new CountDownLatch(1);
      CountDownLatch leave = new CountDownLatch(1);
      AtomicInteger ended = new AtomicInteger();
      WorkQueue queue =
          scheduler.queue(
              "q",
              () -> {
                inTurn.countDown();
                await(leave);
                ended.incrementAndGet();
                return Progress.DONE;
              });
      AtomicReference<Integer> endedAtReturn = new AtomicReference<>();
      Thread kicker =
          new Thread(
              () -> {
                queue.kick();
                if (mode == Mode.STEPS) {
                  scheduler.step();
                }
              });
      kicker.start();
      await(inTurn);
      Thread remover =
          new Thread(
              () -> {
                scheduler.remove(queue);
                endedAtReturn.set(ended.get());
              });
      remover.start();
      remover.join(50);
      assertThat(remover.isAlive()).as("waits for the turn").isTrue();
      leave.countDown();
      remover.join(30_000);
      kicker.join(30_000);
      assertThat(endedAtReturn).hasValue(1);
      queue.kick();
      assertThat(scheduler.runUntilIdle(10)).isTrue();
      assertThat(ended).hasValue(1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void aTurnMayRemoveItsOwnQueue(Mode mode) {
    try (MachineScheduler scheduler = scheduler(mode, 0)) {
      AtomicInteger turns = new AtomicInteger();
      WorkQueue[] queue = new WorkQueue[1];
      queue[0] =
          scheduler.queue(
              "q",
              () -> {
                turns.incrementAndGet();
                scheduler.remove(queue[0]);
                queue[0].kick();
                return Progress.WAITING;
              });
      queue[0].kick();
      assertThat(scheduler.runUntilIdle(100)).isTrue();
      assertThat(turns).hasValue(1);
    }
  }

  /** The order in which five queues take three turns each, as a text. */
  private String order(long seed) {
    StringBuilder log = new StringBuilder();
    try (MachineScheduler scheduler = scheduler(Mode.STEPS, seed)) {
      List<WorkQueue> queues = new ArrayList<>();
      for (char name = 'a'; name < 'f'; name++) {
        char own = name;
        queues.add(
            scheduler.queue(
                String.valueOf(name),
                () -> {
                  log.append(own);
                  return log.chars().filter(c -> c == own).count() < 3
                      ? Progress.WAITING
                      : Progress.DONE;
                }));
      }
      queues.forEach(WorkQueue::kick);
      assertThat(log).as("a kick only asks").isEmpty();
      assertThat(scheduler.runUntilIdle(15)).isTrue();
      assertThat(scheduler.step()).isFalse();
    }
    return log.toString();
  }

  @Test
  void stepsAreDrawnBySeed() {
    assertThat(order(1)).hasSize(15).isEqualTo(order(1));
    assertThat(List.of(order(1), order(2), order(3), order(4)))
        .as("seeds differ")
        .doesNotHaveDuplicates();
  }

  @Test
  void stepsEndAtTheBound() {
    try (MachineScheduler scheduler = scheduler(Mode.STEPS, 0)) {
      AtomicInteger turns = new AtomicInteger();
      WorkQueue queue =
          scheduler.queue(
              "q",
              () -> {
                turns.incrementAndGet();
                return Progress.WAITING;
              });
      queue.kick();
      assertThat(scheduler.runUntilIdle(7)).isFalse();
      assertThat(turns).hasValue(7);
    }
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void aThrowingTurnHarmsNobodyElse(Mode mode) {
    try (MachineScheduler scheduler = scheduler(mode, 0)) {
      AtomicInteger turns = new AtomicInteger();
      WorkQueue queue =
          scheduler.queue(
              "q",
              () -> {
                if (turns.incrementAndGet() == 1) {
                  throw new IllegalArgumentException("a bug, wanted by the test");
                }
                return Progress.DONE;
              });
      queue.kick();
      assertThat(scheduler.runUntilIdle(10)).isTrue();
      queue.kick();
      assertThat(scheduler.runUntilIdle(10)).isTrue();
      assertThat(turns).hasValue(2);
      assertThat(scheduler.failures()).isEqualTo(1);
    }
  }

  @Test
  void threadedWorkThatWaitsForOtherWorkDoesNotStarveIt() throws InterruptedException {
    try (MachineScheduler scheduler = scheduler(Mode.THREADED, 0)) {
      int queues = 12;
      CountDownLatch all = new CountDownLatch(queues);
      for (int i = 0; i < queues; i++) {
        scheduler
            .queue(
                "q" + i,
                () -> {
                  all.countDown();
                  await(all);
                  return Progress.DONE;
                })
            .kick();
      }
      assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void onlyStepsCanBeStepped() {
    try (MachineScheduler scheduler = scheduler(Mode.INLINE, 0)) {
      assertThatThrownBy(scheduler::step).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aClosedSchedulerRefusesAndIgnoresKicks() {
    MachineScheduler scheduler = scheduler(Mode.INLINE, 0);
    AtomicInteger turns = new AtomicInteger();
    WorkQueue queue =
        scheduler.queue(
            "q",
            () -> {
              turns.incrementAndGet();
              return Progress.DONE;
            });
    scheduler.close();
    queue.kick();
    assertThat(turns).hasValue(0);
    assertThatThrownBy(() -> scheduler.queue("r", () -> Progress.DONE))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("machine m is closed");
  }
}
