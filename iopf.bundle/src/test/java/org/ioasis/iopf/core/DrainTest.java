package org.ioasis.iopf.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.fault.DrainReport;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What ends takes its faults with it: attachments, PASIDs, page tables, owners, the router. */
class DrainTest {
  private final Rig rig = new Rig();
  private List<FaultGroup> one;
  private List<FaultGroup> two;

  /** Two devices, three places, a group open in each, and one begun. */
  @BeforeEach
  void open() {
    rig.route(0x20, 3, 1);
    rig.route(0x20, 4, 2);
    rig.route(0x28, 3, 1);
    one = rig.keeper(1);
    two = rig.keeper(2);
    rig.ask(0x20, 3, 1, 0x1000);
    rig.ask(0x20, 4, 2, 0x1000);
    rig.ask(0x28, 3, 3, 0x1000);
    rig.sink.recoverable(Rig.request(0x20, 3, 9, 0x1000, false));
  }

  @Test
  @Requirement(60)
  void aPlaceThatEndsTakesItsGroups() {
    assertThat(rig.router.drain(DrainScope.of(new RoutingKey(0x20, 3))))
        .isEqualTo(new DrainReport(0, 1, 0, 1));
    assertThat(rig.answers()).as("when it returns").containsExactly("1:INVALID_REQUEST");
    assertThat(one.get(0).open()).isFalse();
    assertThat(two.get(0).open()).isTrue();
    assertThat(one.get(1).open()).isTrue();
  }

  @Test
  @Requirement(60)
  void aDeviceThatEndsTakesAllItsPlaces() {
    assertThat(rig.router.drain(DrainScope.ofDevice(0x20))).isEqualTo(new DrainReport(0, 2, 0, 1));
    assertThat(rig.answers()).containsExactlyInAnyOrder("1:INVALID_REQUEST", "2:INVALID_REQUEST");
  }

  @Test
  @Requirement(60)
  void aPageTableThatEndsTakesItsGroupsOnEveryDevice() {
    assertThat(rig.router.drain(DrainScope.of(Rig.domain(1))))
        .isEqualTo(new DrainReport(0, 2, 0, 1));
    assertThat(rig.answers()).containsExactlyInAnyOrder("1:INVALID_REQUEST", "3:INVALID_REQUEST");
    assertThat(rig.router.drain(DrainScope.of(Rig.domain(1))))
        .as("a second drain finds nothing")
        .isEqualTo(new DrainReport(0, 0, 0, 0));
  }

  @Test
  @Requirement(60)
  void aUsersDrainEmptiesTheHardwaresQueuesFirst() {
    rig.origin.onDrain =
        key -> {
          if (key.equals(new RoutingKey(0x20, 4))) {
            rig.sink.recoverable(Rig.request(0x20, 4, 5, 0x5000, true)); // was still queued there
          }
        };
    DrainReport report = rig.client.drain(DrainScope.of(Rig.domain(2)));
    assertThat(rig.origin.drains).containsExactly(new RoutingKey(0x20, 4));
    assertThat(report.closed()).isEqualTo(2);
    assertThat(rig.answers()).containsExactlyInAnyOrder("2:INVALID_REQUEST", "5:INVALID_REQUEST");
    rig.steps.settle();
    assertThat(two).as("what was drained before its delivery is not delivered").hasSize(1);
    rig.client.drain(DrainScope.ofDevice(0x28));
    assertThat(rig.origin.drains).endsWith(new RoutingKey(0x28, 3));
  }

  @Test
  @Requirement(60)
  void aUsersDrainOfADeviceThatNoUnitServesClosesWhatIsOpen() {
    rig.origin.onDrain =
        key -> {
          throw new IoasisException(Reason.GONE, "no unit serves it");
        };
    assertThat(rig.client.drain(DrainScope.ofDevice(0x28)).closed()).isOne();
  }

  @Test
  @Requirement({60, 61})
  void aUsersPasidTableIsDrainedForAllPasids() {
    rig.origin.put(Rig.plain(0x30, Rig.NO_PASID, 3, null, true, 0));
    List<FaultGroup> nested = rig.keeper(3);
    rig.ask(0x30, 7, 1, 0x1000);
    rig.client.drain(DrainScope.of(Rig.domain(3)));
    assertThat(rig.origin.drains).containsExactly(new RoutingKey(0x30, IommuDriver.ALL_PASIDS));
    assertThat(nested.get(0).open()).isFalse();
    rig.ask(0x30, 7, 2, 0x1000);
    rig.router.drain(DrainScope.of(RoutingKey.of(0x30)));
    assertThat(nested.get(1).open()).as("by the place of its route").isFalse();
  }

  @Test
  @Requirement(60)
  void aSwapCarriesGroupsWithTheirCookies() {
    int cookie = one.get(0).cookie();
    assertThat(rig.router.open(DrainScope.ofDevice(0x20))).isEqualTo(2);
    assertThat(rig.router.open(DrainScope.ALL)).isEqualTo(3);
    rig.sink.lost(true, 1); // the old unit's queue goes
    rig.route(0x20, 3, 1); // the place comes in anew, behind another unit
    rig.router.sink("unit1").recoverable(Rig.request(0x20, 3, 8, 0x8000, true));
    rig.steps.settle();
    assertThat(one.get(0).open()).isTrue();
    assertThat(one.get(0).cookie()).isEqualTo(cookie);
    one.get(0).complete(FaultResponse.SUCCESS);
    one.get(2).complete(FaultResponse.SUCCESS);
    assertThat(rig.answers()).containsExactly("1:SUCCESS", "8:SUCCESS");
  }

  @Test
  @Requirement({58, 60})
  void stallsDieWithTheirUnitAndTheirHandlersAreLate() {
    rig.sink.recoverable(Rig.stall(0x20, 3, 0x40, 0x4000));
    rig.steps.settle();
    FaultGroup stall = one.get(2);
    rig.sink.withdrawn(Rig.stall(0x20, 3, 0x40, 0x4000));
    rig.steps.settle();
    assertThat(HandlerTest.reasonOf(() -> stall.complete(FaultResponse.SUCCESS)))
        .isEqualTo(Reason.LATE);
    assertThat(rig.router.open(DrainScope.ofDevice(0x20))).isEqualTo(2);
    assertThat(rig.answers()).isEmpty();
  }

  @Test
  @Requirement(60)
  void aRouterThatStopsClosesWhatIsOpenAndAnswersWhatStillComes() {
    assertThat(rig.router.close().closed()).isEqualTo(3);
    assertThat(rig.answers()).hasSize(3).allMatch(a -> a.endsWith("INVALID_REQUEST"));
    rig.ask(0x20, 3, 5, 0x1000);
    assertThat(rig.answers()).contains("5:INVALID_REQUEST");
    assertThat(one).hasSize(2);
    assertThat(HandlerTest.reasonOf(() -> rig.client.createQueue(1))).isEqualTo(Reason.GONE);
    rig.check();
  }

  @Test
  @Requirement(60)
  void anOwnerOfDriversThatGoesIsAnsweredThroughAsLongAsItLives() {
    rig.router.unsetOrigin(rig.origin);
    assertThat(rig.answers()).hasSize(3);
    rig.check();
    rig.ask(0x20, 3, 5, 0x1000);
    assertThat(rig.counter("undeliverable")).isOne();
    assertThat(rig.client.routes().routes()).isEmpty();
    rig.time.advance(1000 * Rig.MILLI);
    FakeOrigin next = new FakeOrigin(rig.time);
    rig.router.setOrigin(next);
    next.put(Rig.plain(0x20, 3, 1, null, false, 0));
    rig.ask(0x20, 3, 6, 0x1000);
    assertThat(one).hasSize(3);
    one.get(2).complete(FaultResponse.SUCCESS);
    assertThat(next.answers).hasSize(1);
  }

  @Test
  @Requirement(60)
  void aDrainWaitsForADriverThatIsJustSending() throws InterruptedException {
    Object gate = new Object();
    boolean[] state = {false, false}; // sending, may go on
    rig.origin.driver =
        list -> {
          synchronized (gate) {
            state[0] = true;
            gate.notifyAll();
            while (!state[1]) {
              try {
                gate.wait();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            }
          }
          return org.ioasis.api.driver.BatchResult.all(list.size());
        };
    Thread answerer = new Thread(() -> one.get(0).complete(FaultResponse.SUCCESS));
    answerer.start();
    synchronized (gate) {
      while (!state[0]) {
        gate.wait();
      }
    }
    Thread drain = new Thread(() -> rig.router.drain(DrainScope.ofDevice(0x20)));
    rig.time.schedule(
        500 * Rig.MILLI,
        () -> {
          synchronized (gate) {
            state[1] = true;
            gate.notifyAll();
          }
          try {
            answerer.join();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    drain.start();
    drain.join();
    assertThat(rig.time.nanoTime()).isEqualTo(500 * Rig.MILLI);
    assertThat(rig.answers()).containsExactly("1:SUCCESS", "2:INVALID_REQUEST");
  }
}
