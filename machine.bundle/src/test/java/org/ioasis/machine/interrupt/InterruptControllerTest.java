package org.ioasis.machine.interrupt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.InterruptSource.Vector;
import org.ioasis.api.machine.Scheduler.Mode;
import org.ioasis.machine.work.MachineScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InterruptControllerTest {
  private final List<MachineScheduler> schedulers = new ArrayList<>();

  private InterruptController controller(Mode mode, long base, long last) {
    MachineScheduler scheduler = new MachineScheduler("m", mode, 0, () -> false);
    schedulers.add(scheduler);
    return new InterruptController(scheduler, base, last);
  }

  private InterruptController pc(Mode mode) {
    return controller(mode, 0xFEE0_0000L, 0xFEEF_FFFFL);
  }

  @AfterEach
  void close() {
    schedulers.forEach(MachineScheduler::close);
  }

  @Test
  void aMessageCallsItsVectorAndNoOther() {
    InterruptController controller = pc(Mode.INLINE);
    AtomicInteger one = new AtomicInteger();
    AtomicInteger two = new AtomicInteger();
    Vector first = controller.allocate("one", one::incrementAndGet);
    Vector second = controller.allocate("two", two::incrementAndGet);
    assertThat(first.address()).isEqualTo(0xFEE0_0000L);
    assertThat(first.data()).isEqualTo(0x20);
    assertThat(second.data()).isEqualTo(0x21);
    controller.deliver(0xFEE0_0000L, 0x21);
    assertThat(one).hasValue(0);
    assertThat(two).hasValue(1);
    assertThat(controller.unclaimed()).isZero();
    controller.deliver(0xFEE0_0000L, 0x22);
    controller.deliver(0xFEE0_1000L, 0x21);
    assertThat(controller.unclaimed()).isEqualTo(2);
  }

  @Test
  void vectorsOfAPcAreDistinctAndStayInTheWindow() {
    InterruptController controller = pc(Mode.INLINE);
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 500; i++) {
      Vector vector = controller.allocate("v" + i, () -> {});
      assertThat(controller.isInterruptWindow(vector.address())).isTrue();
      assertThat(vector.data()).isBetween(0x20, 0xEF);
      assertThat(seen.add(vector.address() << 16 | vector.data())).isTrue();
    }
  }

  @Test
  void anArmWindowOfOneRegisterHasOneAddress() {
    InterruptController controller = controller(Mode.INLINE, 0x0809_0040L, 0x0809_0043L);
    for (int i = 0; i < 300; i++) {
      Vector vector = controller.allocate("v" + i, () -> {});
      assertThat(vector.address()).isEqualTo(0x0809_0040L);
      assertThat(vector.data()).isEqualTo(0x20 + i);
    }
    assertThat(controller.isInterruptWindow(0xFEE0_0000L)).isFalse();
  }

  @Test
  void saysWhenNoVectorIsLeftAndReusesFreedOnes() {
    InterruptController controller = controller(Mode.INLINE, 0x1000, 0x2FFF);
    List<Vector> all = new ArrayList<>();
    for (int i = 0; i < 2 * 0xD0; i++) {
      all.add(controller.allocate("v" + i, () -> {}));
    }
    assertThatThrownBy(() -> controller.allocate("more", () -> {}))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.EXHAUSTED));
    all.get(7).close();
    Vector again = controller.allocate("more", () -> {});
    assertThat(again.data()).isEqualTo(all.get(7).data());
    assertThat(again.address()).isEqualTo(all.get(7).address());
  }

  @Test
  void sinksSeeEverythingAndAThrowingOneHarmsNobody() throws Exception {
    InterruptController controller = pc(Mode.INLINE);
    List<String> log = new ArrayList<>();
    controller.addSink(
        (address, data) -> {
          throw new IllegalStateException("wanted by the test");
        });
    AutoCloseable sink = controller.addSink((address, data) -> log.add(address + ":" + data));
    AtomicInteger handled = new AtomicInteger();
    Vector vector = controller.allocate("v", handled::incrementAndGet);
    controller.deliver(vector.address(), vector.data());
    controller.deliver(0xFEE0_5000L, 1);
    assertThat(log).containsExactly(0xFEE0_0000L + ":32", 0xFEE0_5000L + ":1");
    sink.close();
    controller.deliver(0xFEE0_5000L, 1);
    assertThat(log).hasSize(2);
    assertThat(handled).hasValue(1);
  }

  @Test
  void retargetingLosesNothing() {
    InterruptController controller = pc(Mode.STEPS);
    AtomicInteger before = new AtomicInteger();
    AtomicInteger after = new AtomicInteger();
    Vector vector = controller.allocate("v", before::incrementAndGet);
    controller.deliver(vector.address(), vector.data());
    vector.retarget(after::incrementAndGet);
    assertThat(schedulers.get(0).step()).isTrue();
    assertThat(before).hasValue(0);
    assertThat(after).hasValue(1);
    vector.post();
    assertThat(schedulers.get(0).step()).isTrue();
    assertThat(after).hasValue(2);
  }

  @Test
  void closeWaitsForARunningHandlerAndNoneFollows() throws InterruptedException {
    InterruptController controller = pc(Mode.THREADED);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    AtomicInteger done = new AtomicInteger();
    Vector vector =
        controller.allocate(
            "v",
            () -> {
              inside.countDown();
              try {
                leave.await(30, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              done.incrementAndGet();
            });
    vector.post();
    assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
    Thread closer = new Thread(vector::close);
    closer.start();
    closer.join(50);
    assertThat(closer.isAlive()).isTrue();
    leave.countDown();
    closer.join(30_000);
    assertThat(done).hasValue(1);
    vector.post();
    controller.deliver(vector.address(), vector.data());
    assertThat(controller.unclaimed()).isEqualTo(1);
    assertThat(done).hasValue(1);
  }

  @Test
  void messagesFromManyThreadsAreNeverLostAndTheHandlerNeverOverlaps() throws Exception {
    InterruptController controller = pc(Mode.THREADED);
    AtomicInteger raised = new AtomicInteger();
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger overlaps = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    Vector vector =
        controller.allocate(
            "v",
            () -> {
              overlaps.addAndGet(inside.getAndIncrement());
              seen.set(raised.get());
              inside.getAndDecrement();
            });
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int k = 0; k < 5_000; k++) {
                  raised.incrementAndGet();
                  controller.deliver(vector.address(), vector.data());
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join(30_000);
    }
    assertThat(schedulers.get(0).runUntilIdle(Integer.MAX_VALUE)).isTrue();
    assertThat(seen).hasValue(15_000);
    assertThat(overlaps).hasValue(0);
  }
}
