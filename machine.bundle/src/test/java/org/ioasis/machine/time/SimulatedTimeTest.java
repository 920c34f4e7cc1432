package org.ioasis.machine.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.ioasis.api.machine.TimeSource.Timer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SimulatedTimeTest {
  private final SimulatedTime time = new SimulatedTime(Idler.NONE);
  private final List<String> log = new ArrayList<>();

  private Timer at(long delay, String name) {
    return time.schedule(delay, () -> log.add(name + "@" + time.nanoTime()));
  }

  @Test
  void actionsRunInOrderOfTimeThenOfScheduling() {
    at(30, "c");
    at(10, "a");
    at(30, "d");
    at(20, "b");
    at(-5, "soon");
    assertThat(time.pending()).isEqualTo(5);
    assertThat(log).isEmpty();
    time.advance(30);
    assertThat(log).containsExactly("soon@0", "a@10", "b@20", "c@30", "d@30");
    assertThat(time.nanoTime()).isEqualTo(30);
    assertThat(time.pending()).isZero();
  }

  @Test
  void anActionMayScheduleAnotherThatFallsDueInTheSameMove() {
    time.schedule(10, () -> at(5, "child"));
    at(20, "later");
    time.advance(15);
    assertThat(log).containsExactly("child@15");
    time.advance(5);
    assertThat(log).containsExactly("child@15", "later@20");
  }

  @Test
  void aCancelledActionNeverRuns() {
    Timer timer = at(10, "a");
    assertThat(timer.cancel()).isTrue();
    assertThat(timer.cancel()).isFalse();
    Timer ran = at(10, "b");
    time.advance(10);
    assertThat(ran.cancel()).isFalse();
    assertThat(log).containsExactly("b@10");
  }

  @Test
  void timeNeverGoesBack() {
    time.advance(10);
    assertThatThrownBy(() -> time.advance(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(time.nanoTime()).isEqualTo(10);
  }

  @Test
  void awaitJumpsFromActionToActionAndStopsWhenTheConditionHolds() {
    at(1_000_000_000L, "a");
    at(2_000_000_000L, "b");
    at(3_000_000_000L, "c");
    assertThat(time.await(() -> log.size() == 2, 10_000_000_000L)).isTrue();
    assertThat(time.nanoTime()).isEqualTo(2_000_000_000L);
    assertThat(log).containsExactly("a@1000000000", "b@2000000000");
  }

  @Test
  void awaitEndsAtTheDeadline() {
    at(500, "late");
    assertThat(time.await(() -> false, 400)).isFalse();
    assertThat(time.nanoTime()).isEqualTo(400);
    assertThat(log).isEmpty();
    assertThat(time.await(() -> true, 0)).isTrue();
  }

  @Test
  void awaitLetsWorkRunBeforeTimeMoves() {
    AtomicInteger work = new AtomicInteger(50);
    SimulatedTime busy = new SimulatedTime(() -> work.getAndDecrement() > 0);
    busy.schedule(10, () -> log.add("timer"));
    assertThat(busy.await(() -> work.get() <= 20, 1000)).isTrue();
    assertThat(log).isEmpty();
    assertThat(busy.nanoTime()).isZero();
  }

  @Test
  void aThrowingActionLeavesTheClockUsable() {
    time.schedule(
        5,
        () -> {
          throw new IllegalStateException("wanted");
        });
    at(6, "next");
    assertThatThrownBy(() -> time.advance(10)).hasMessage("wanted");
    assertThat(time.nanoTime()).isEqualTo(5);
    time.advance(1);
    assertThat(log).containsExactly("next@6");
  }
}
