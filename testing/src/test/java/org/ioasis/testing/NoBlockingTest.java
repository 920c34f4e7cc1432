package org.ioasis.testing;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class NoBlockingTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Test
  void passesWhatOnlyWorks() {
    AtomicLong count = new AtomicLong();
    assertThatCode(() -> NoBlocking.check(LIMIT, count::incrementAndGet))
        .doesNotThrowAnyException();
  }

  @Test
  void noticesAParkedThread() {
    assertThatThrownBy(() -> NoBlocking.check(LIMIT, () -> LockSupport.parkNanos(1_000_000)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("waited");
  }

  @Test
  void noticesAMonitorThatIsTaken() throws Exception {
    Object monitor = new Object();
    AtomicLong runs = new AtomicLong();
    Thread[] holder = new Thread[1];
    assertThatThrownBy(
            () ->
                NoBlocking.check(
                    LIMIT,
                    () -> {
                      if (runs.incrementAndGet() == 2) {
                        holder[0] = hold(monitor);
                      }
                      synchronized (monitor) {
                        runs.get();
                      }
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("blocked");
    holder[0].join();
  }

  /** Another thread has the monitor on return, found without waiting for it. */
  private static Thread hold(Object monitor) {
    AtomicBoolean taken = new AtomicBoolean();
    Thread thread =
        new Thread(
            () -> {
              synchronized (monitor) {
                taken.set(true);
                LockSupport.parkNanos(100_000_000);
              }
            });
    thread.start();
    while (!taken.get()) {
      Thread.onSpinWait();
    }
    return thread;
  }

  @Test
  void noticesWhatDoesNotEnd() {
    CountDownLatch never = new CountDownLatch(1);
    assertThatThrownBy(
            () ->
                NoBlocking.check(
                    Duration.ofMillis(50),
                    () -> {
                      try {
                        never.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("still running");
    never.countDown();
  }

  @Test
  void handsOnWhatIsThrown() {
    assertThatThrownBy(
            () ->
                NoBlocking.check(
                    LIMIT,
                    () -> {
                      throw new IllegalStateException("mine");
                    }))
        .hasRootCauseMessage("mine");
  }
}
