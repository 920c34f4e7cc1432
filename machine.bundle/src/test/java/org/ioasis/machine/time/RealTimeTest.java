package org.ioasis.machine.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.machine.TimeSource.Timer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RealTimeTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void startsNoThreadBeforeTheFirstAction() throws InterruptedException {
    try (RealTime time = new RealTime("lazy-machine", Idler.NONE)) {
      assertThat(threads("lazy-machine.time")).isZero();
      CountDownLatch ran = new CountDownLatch(1);
      AtomicBoolean daemon = new AtomicBoolean();
      time.schedule(
          0,
          () -> {
            daemon.set(Thread.currentThread().isDaemon());
            ran.countDown();
          });
      assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(daemon).isTrue();
    }
  }

  private static long threads(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .count();
  }

  @Test
  void anActionThatHasBegunCannotBeCancelled() throws InterruptedException {
    try (RealTime time = new RealTime("m", Idler.NONE)) {
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch leave = new CountDownLatch(1);
      Timer timer =
          time.schedule(
              0,
              () -> {
                begun.countDown();
                try {
                  leave.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(timer.cancel()).isFalse();
      leave.countDown();
      assertThat(time.schedule(60 * SECOND, () -> {}).cancel()).isTrue();
    }
  }

  @Test
  void aThrowingActionDoesNotStopTheClock() {
    try (RealTime time = new RealTime("m", Idler.NONE)) {
      AtomicInteger ran = new AtomicInteger();
      time.schedule(
          0,
          () -> {
            throw new IllegalStateException("wanted by the test");
          });
      time.schedule(1, ran::incrementAndGet);
      assertThat(time.await(() -> ran.get() == 1, 20 * SECOND)).isTrue();
    }
  }

  @Test
  void awaitEndsByConditionOrByTime() {
    try (RealTime time = new RealTime("m", Idler.NONE)) {
      long before = time.nanoTime();
      assertThat(time.await(() -> false, 2_000_000)).isFalse();
      assertThat(time.nanoTime() - before).isGreaterThanOrEqualTo(2_000_000);
      assertThat(time.await(() -> true, 0)).isTrue();
    }
  }

  @Test
  void awaitRefusesWhatTheIdlerRefuses() {
    Idler inBurst =
        new Idler() {
          @Override
          public boolean progress() {
            return false;
          }

          @Override
          public void checkMayWait() {
            throw new IllegalStateException("burst");
          }
        };
    try (RealTime time = new RealTime("m", inBurst)) {
      assertThat(time.await(() -> true, SECOND)).isTrue();
      assertThatThrownBy(() -> time.await(() -> false, SECOND)).hasMessage("burst");
    }
  }
}
