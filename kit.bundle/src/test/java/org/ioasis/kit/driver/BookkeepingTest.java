package org.ioasis.kit.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Gather, passes, attachments and numbers. */
class BookkeepingTest {
  @Test
  void rangesThatTouchAreOne() {
    Gather gather = new Gather();
    gather.add(0x3000, 0x3FFF, 12);
    gather.add(0x4000, 0x4FFF, 12);
    gather.add(0x2000, 0x2FFF, 12);
    gather.add(0x3000, 0x3FFF, 12);
    assertThat(gather.ranges()).isEqualTo(1);
    assertThat(gather.first(0)).isEqualTo(0x2000);
    assertThat(gather.last(0)).isEqualTo(0x4FFF);
    // 0x2000 to 0x4FFF lies in 32 KiB from 0 on.
    assertThat(gather.blockLg2(0)).isEqualTo(15);
    assertThat(gather.block(0)).isZero();
    gather.add(0x20_0000, 0x3F_FFFF, 21);
    assertThat(gather.ranges()).isEqualTo(2);
    assertThat(gather.blockLg2(1)).isEqualTo(21);
    assertThat(gather.block(1)).isEqualTo(0x20_0000);
    assertThat(gather.leafSizes()).isEqualTo(1L << 12 | 1L << 21);
    assertThat(gather.isStructural()).isFalse();
  }

  @Test
  void tooManyRangesAreEverythingAndFramesComeBackOnce() {
    Gather gather = new Gather();
    for (long i = 0; i <= Gather.MOST_RANGES; i++) {
      gather.add(i << 20, (i << 20) + 0xFFF, 12);
    }
    assertThat(gather.isEverything()).isTrue();
    for (long frame = 0; frame < 100; frame++) {
      gather.addFrame(frame << 12);
    }
    gather.invalidated();
    assertThat(gather.isEmpty()).isFalse();
    List<Long> freed = new ArrayList<>();
    gather.release(freed::add);
    assertThat(freed).hasSize(100).doesNotHaveDuplicates();
    assertThat(gather.isEmpty()).isTrue();
    gather.release(freed::add);
    assertThat(freed).hasSize(100);
  }

  @Test
  void whoAsksDuringAPassGetsAnother() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger passes = new AtomicInteger();
    AtomicReference<Thread> runner = new AtomicReference<>();
    Passes all =
        new Passes(
            () -> {
              if (passes.incrementAndGet() == 1) {
                inside.countDown();
                await(go);
                throw new IllegalStateException("a sink");
              }
              runner.set(Thread.currentThread());
            });
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread first =
        new Thread(
            () -> {
              try {
                all.run();
              } catch (IllegalStateException e) {
                thrown.set(e);
              }
            });
    first.start();
    await(inside);
    all.run(); // returns at once
    all.run();
    assertThat(passes.get()).isEqualTo(1);
    go.countDown();
    first.join(10_000);
    assertThat(passes.get()).isEqualTo(2);
    assertThat(runner.get()).isSameAs(first);
    assertThat(thrown.get()).hasMessage("a sink");
    all.run();
    assertThat(passes.get()).isEqualTo(3);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void placesAreCountedAndClosedOnce() {
    Attachments<String> places = new Attachments<>();
    assertThat(places.add("a")).isTrue();
    assertThat(places.add("a")).isTrue();
    places.add("b");
    List<String> before = places.places();
    places.remove("a");
    assertThat(places.places()).containsExactly("a", "b");
    places.remove("a");
    assertThat(places.places()).containsExactly("b");
    assertThat(before).containsExactly("a", "b");
    assertThat(places.close()).isFalse();
    places.remove("b");
    assertThat(places.close()).isTrue();
    assertThat(places.close()).isFalse();
    assertThat(places.add("c")).isFalse();
    assertThatThrownBy(() -> before.add("d")).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void theLowestNumberIsTakenFirst() {
    NumberPool pool = new NumberPool(2, 5);
    assertThat(pool.take(3)).isTrue();
    assertThat(pool.take(3)).isFalse();
    assertThat(pool.take(5)).isFalse();
    assertThat(List.of(pool.take(), pool.take(), pool.take())).containsExactly(2, 4, -1);
    pool.giveBack(3);
    assertThat(pool.take()).isEqualTo(3);
    assertThat(pool.count()).isEqualTo(3);
  }
}
