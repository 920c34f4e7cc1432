package org.ioasis.iopf.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.ioasis.api.Reason;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.machine.time.Idler;
import org.ioasis.machine.time.SimulatedTime;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;

/** Groups that nobody answers, and the wheel that notices. */
class TimeoutTest {
  private final Rig rig = new Rig();

  @Test
  @Requirement(58)
  void aGroupThatNobodyAnswersIsAnsweredInvalidAfter100Milliseconds() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.time.advance(12_345);
    rig.ask(0x20, 3, 7, 0x1000);
    assertThat(kept.get(0).deadlineNanos()).isEqualTo(100 * Rig.MILLI + 12_345);
    rig.time.advance(100 * Rig.MILLI - 1);
    rig.steps.settle();
    assertThat(rig.answers()).isEmpty();
    rig.time.advance(1);
    rig.steps.settle();
    assertThat(rig.answers()).containsExactly("7:INVALID_REQUEST");
    assertThat(rig.counter("timedOut")).isOne();
    assertThat(HandlerTest.reasonOf(() -> kept.get(0).complete(FaultResponse.SUCCESS)))
        .isEqualTo(Reason.LATE);
    assertThat(rig.counter("late")).isOne();
    rig.check();
  }

  @Test
  @Requirement(58)
  void theNarrowestRuleWins() {
    DrainScope place = DrainScope.of(new RoutingKey(0x20, 3));
    DrainScope device = DrainScope.ofDevice(0x20);
    DrainScope domain = DrainScope.of(Rig.domain(1));
    rig.route(0x20, 3, 1);
    rig.keeper(1);
    assertThat(timeout()).isEqualTo(100 * Rig.MILLI);
    rig.client.timeout(DrainScope.ALL, 90);
    assertThat(timeout()).isEqualTo(90);
    rig.client.timeout(domain, 80);
    assertThat(timeout()).isEqualTo(80);
    rig.origin.put(Rig.plain(0x20, 3, 1, null, false, 70));
    assertThat(timeout()).as("the device's policy").isEqualTo(70);
    rig.client.timeout(device, 60);
    assertThat(timeout()).isEqualTo(60);
    rig.client.timeout(place, 50);
    assertThat(timeout()).isEqualTo(50);
    rig.client.timeout(DrainScope.of(new RoutingKey(0x20, 4)), 1);
    rig.client.timeout(DrainScope.of(new RoutingKey(0x20, Rig.NO_PASID)), 1);
    assertThat(timeout()).as("other places").isEqualTo(50);
    rig.client.timeout(place, 0);
    assertThat(timeout()).isEqualTo(60);
    rig.client.timeout(device, 0);
    assertThat(timeout()).isEqualTo(70);
    assertThat(HandlerTest.reasonOf(() -> rig.client.timeout(device, -1)))
        .isEqualTo(Reason.INVALID);
    DrainScope both = new DrainScope(Rig.domain(1), new RoutingKey(0x20, 3));
    assertThat(HandlerTest.reasonOf(() -> rig.client.timeout(both, 1))).isEqualTo(Reason.INVALID);
  }

  /** How long the next group has; it is answered by a drain. */
  private long timeout() {
    rig.ask(0x20, 3, 1, 0x1000);
    OpenGroup open = rig.client.openGroups().get(0);
    rig.router.drain(DrainScope.ALL);
    return open.leftNanos();
  }

  @Test
  @Requirement(59)
  void anyNumberOfTimeoutsIsOneScheduledAction() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    for (int group = 0; group < 400; group++) {
      rig.ask(0x20, 3, group, 0x1000);
      rig.time.advance(1000);
    }
    assertThat(rig.time.pending()).isOne();
    assertThat(rig.router.wheel().size()).isEqualTo(400);
    kept.forEach(group -> group.complete(FaultResponse.SUCCESS));
    assertThat(rig.router.wheel().size()).as("cancelled on the answer").isZero();
    rig.time.advance(200 * Rig.MILLI);
    assertThat(rig.time.pending()).as("an idle router schedules nothing").isZero();
    assertThat(rig.counter("timedOut")).isZero();
  }

  /** A deadline that says when it was met. */
  private static final class Alarm extends TimeWheel.Due {
    final long deadline;
    final SimulatedTime time;
    long rangAt = -1;

    Alarm(SimulatedTime time, long deadline) {
      this.time = time;
      this.deadline = deadline;
    }

    @Override
    void expire() {
      assertThat(rangAt).isEqualTo(-1);
      rangAt = time.nanoTime();
    }
  }

  @Test
  @Requirement(59)
  void theWheelMeetsEveryDeadlineToTheNanosecond() {
    SimulatedTime time = new SimulatedTime(Idler.NONE);
    TimeWheel wheel = new TimeWheel(time);
    Random random = new Random(59);
    List<Alarm> alarms = new ArrayList<>();
    List<Alarm> cancelled = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      long delay = 1 + (long) (random.nextDouble() * (1L << (10 + random.nextInt(24))));
      Alarm alarm = new Alarm(time, time.nanoTime() + delay);
      alarms.add(alarm);
      wheel.add(alarm, alarm.deadline);
      if (random.nextInt(3) == 0) {
        Alarm some = alarms.get(random.nextInt(alarms.size()));
        if (some.rangAt < 0) {
          wheel.cancel(some);
          cancelled.add(some);
        }
      }
      if (random.nextInt(4) == 0) {
        time.advance(random.nextInt(3_000_000));
      }
      assertThat(time.pending()).isLessThanOrEqualTo(1);
    }
    time.advance(1L << 36);
    for (Alarm alarm : alarms) {
      assertThat(alarm.rangAt).isEqualTo(cancelled.contains(alarm) ? -1 : alarm.deadline);
    }
    assertThat(wheel.size()).isZero();
    assertThat(wheel.isScheduled()).isFalse();
  }

  @Test
  @Requirement(59)
  void aCancelBeforeTheAddWins() {
    SimulatedTime time = new SimulatedTime(Idler.NONE);
    TimeWheel wheel = new TimeWheel(time);
    Alarm alarm = new Alarm(time, 5);
    wheel.cancel(alarm);
    wheel.add(alarm, 5);
    assertThat(wheel.size()).isZero();
    assertThat(time.pending()).isZero();
  }
}
