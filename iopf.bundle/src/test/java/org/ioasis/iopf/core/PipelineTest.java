package org.ioasis.iopf.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of faults on their way to a handler: one stage of the pipeline after the other. */
class PipelineTest {
  private final Rig rig = new Rig();

  @AfterEach
  void everyGroupWasAnsweredOnce() {
    rig.router.close();
    rig.steps.settle();
    rig.check();
  }

  private static List<Long> addresses(FaultGroup group) {
    return group.faults().stream().map(Fault::address).toList();
  }

  @ParameterizedTest
  @Requirement(50)
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PAGE_REQUEST | 0x100000 |   0 | 1  | true   | pasid of 21 bits
          PAGE_REQUEST | -5       |   0 | 1  | true   | no pasid and not NO_PASID
          PAGE_REQUEST | 1        | 512 | 1  | true   | group of 10 bits
          PAGE_REQUEST | 1        |  -1 | 1  | true   | group below 0
          PAGE_REQUEST | 1        |   0 | 8  | true   | access bit that is not one
          PAGE_REQUEST | 1        |   0 | 0  | false  | no access and not a stop marker
          PAGE_REQUEST | -1       |   0 | 0  | true   | a stop marker without a PASID
          STALL        | 1        | 65536 | 1 | true  | tag of 17 bits
          STALL        | 1        |   5 | 1  | false  | a stall that is not the last
          """)
  void whatNoDeviceCanHaveSentIsNotDelivered(
      FaultKind kind, String pasid, int group, int access, boolean last, String why) {
    int number = Integer.decode(pasid);
    rig.route(0x20, number, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.sink.recoverable(Rig.fault(kind, 0x20, number, group, 0x1000, access, last));
    rig.steps.settle();
    assertThat(kept).as(why).isEmpty();
    assertThat(rig.counter("malformed")).isOne();
    assertThat(rig.answers())
        .as("only the last of a group is answered")
        .isEqualTo(last ? List.of(group + ":INVALID_REQUEST") : List.of());
  }

  @Test
  @Requirement({50, 57})
  void aGroupIsCompleteAndInOrderWhateverComesBetween() {
    rig.route(0x20, 3, 1);
    rig.route(0x20, 4, 1);
    rig.route(0x28, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x1000, false));
    rig.sink.recoverable(Rig.request(0x20, 4, 7, 0x9000, false)); // another PASID
    rig.sink.recoverable(Rig.request(0x28, 3, 7, 0x8000, false)); // another device
    rig.sink.recoverable(Rig.request(0x20, 3, 8, 0x7000, true)); // another group
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x3000, false));
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x2000, true));
    rig.steps.settle();
    assertThat(kept).hasSize(2);
    assertThat(addresses(kept.get(0))).containsExactly(0x7000L);
    assertThat(addresses(kept.get(1))).containsExactly(0x1000L, 0x3000L, 0x2000L);
    assertThat(kept.get(1).faults()).extracting(Fault::last).containsExactly(false, false, true);
    kept.get(1).complete(FaultResponse.SUCCESS);
    kept.get(0).complete(FaultResponse.SUCCESS);
    assertThat(rig.answers()).containsExactly("7:SUCCESS", "8:SUCCESS");
    assertThat(rig.counter("partial")).isEqualTo(2);
  }

  @Test
  @Requirement(50)
  void repeatedFaultsOfAGroupAreMerged() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x1000, false));
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x1000, false));
    rig.sink.recoverable(
        Rig.fault(FaultKind.PAGE_REQUEST, 0x20, 3, 7, 0x1000, DmaRequest.WRITE, false));
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x1000, true));
    rig.steps.settle();
    assertThat(kept.get(0).faults())
        .extracting(Fault::access)
        .containsExactly(DmaRequest.WRITE, DmaRequest.READ);
    assertThat(rig.counter("duplicates")).isEqualTo(2);
    kept.get(0).complete(FaultResponse.SUCCESS);
    assertThat(rig.answers()).containsExactly("7:SUCCESS");
  }

  @Test
  @Requirement(50)
  void aGroupThatIsAskedAgainBeforeItsAnswerIsAnsweredOnce() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.ask(0x20, 3, 7, 0x1000);
    rig.ask(0x20, 3, 7, 0x2000);
    assertThat(kept).hasSize(1);
    kept.get(0).complete(FaultResponse.SUCCESS);
    assertThat(rig.answers()).containsExactly("7:SUCCESS");
    assertThat(rig.counter("duplicateGroups")).isOne();
    rig.ask(0x20, 3, 7, 0x2000); // and the index is free again
    assertThat(kept).hasSize(2);
  }

  @Test
  @Requirement(50)
  void aDeviceMayUseTheIndexAgainFromInsideItsAnswer() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.origin.driver =
        list -> {
          rig.origin.driver = all -> BatchResult.all(all.size());
          rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x2000, true));
          return BatchResult.all(list.size());
        };
    rig.ask(0x20, 3, 7, 0x1000);
    kept.get(0).complete(FaultResponse.SUCCESS);
    rig.steps.settle();
    assertThat(kept).hasSize(2);
    assertThat(rig.counter("duplicateGroups")).isZero();
  }

  @Test
  @Requirement(50)
  void partialGroupsAreBoundedAndTheOldestGoes() {
    Rig small = new Rig(new Settings(9, 8, 4, 50 * Rig.MILLI, 100 * Rig.MILLI, 0, 1, 0, 1, 16));
    small.route(0x20, 3, 1);
    List<FaultGroup> kept = small.keeper(1);
    for (int group = 0; group < 5; group++) {
      small.sink.recoverable(Rig.request(0x20, 3, group, 0x1000, false));
      small.sink.recoverable(Rig.request(0x20, 3, group, 0x2000, false));
    }
    assertThat(small.counter("partial.dropped")).isOne();
    assertThat(small.counter("partial")).isEqualTo(4);
    for (int i = 0; i < 6; i++) {
      small.sink.recoverable(Rig.request(0x20, 3, 4, 0x10000 + (i << 12), false));
    }
    assertThat(small.counter("groupTooLarge")).isEqualTo(4);
    small.ask(0x20, 3, 4, 0x3000);
    assertThat(addresses(kept.get(0)))
        .containsExactly(0x1000L, 0x2000L, 0x10000L, 0x11000L, 0x3000L);
    small.ask(0x20, 3, 0, 0x3000);
    assertThat(addresses(kept.get(1))).as("what had been dropped").containsExactly(0x3000L);
  }

  @Test
  @Requirement(50)
  void partialGroupsExpireAndOweNothing() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x1000, false));
    rig.time.advance(1000 * Rig.MILLI - 1);
    assertThat(rig.counter("partial")).isOne();
    rig.time.advance(1);
    assertThat(rig.counter("partial")).isZero();
    assertThat(rig.counter("partial.expired")).isOne();
    assertThat(rig.answers()).isEmpty();
    rig.ask(0x20, 3, 7, 0x2000);
    assertThat(addresses(kept.get(0))).containsExactly(0x2000L);
  }

  @Test
  @Requirement(50)
  void aStopMarkerEndsWhatItsPasidHasBegunAndIsNotAnswered() {
    rig.route(0x20, 3, 1);
    rig.route(0x20, 4, 1);
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x1000, false));
    rig.sink.recoverable(Rig.request(0x20, 4, 7, 0x1000, false));
    rig.sink.recoverable(Rig.stop(0x20, 3));
    rig.steps.settle();
    assertThat(rig.counter("stopMarkers")).isOne();
    assertThat(rig.counter("partial.ended")).isOne();
    assertThat(rig.counter("partial")).isOne();
    assertThat(rig.answers()).isEmpty();
  }

  @Test
  @Requirement(50)
  void aUnitThatLosesRecordsLosesItsPartialGroups() {
    rig.route(0x20, 3, 1);
    rig.route(0x28, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x1000, false));
    rig.router.sink("unit1").recoverable(Rig.request(0x28, 3, 7, 0x1000, false));
    rig.sink.lost(true, 5);
    rig.sink.lost(false, 2);
    assertThat(rig.counter("lost.recoverable")).isEqualTo(5);
    assertThat(rig.counter("lost.unrecoverable")).isEqualTo(2);
    assertThat(rig.counter("partial.lost")).isOne();
    assertThat(rig.log).containsExactly("lost unit0 true 5", "lost unit0 false 2");
    rig.ask(0x28, 3, 7, 0x2000);
    assertThat(addresses(kept.get(0))).as("the other unit's").containsExactly(0x1000L, 0x2000L);
    rig.ask(0x20, 3, 7, 0x2000);
    assertThat(addresses(kept.get(1))).containsExactly(0x2000L);
  }

  @Test
  @Requirement(50)
  void aDriverThatIsExchangedCompletesTheGroupsBegunBefore() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x1000, false));
    assertThat(rig.router.sink("unit0")).isSameAs(rig.sink);
    rig.router.sink("unit0").recoverable(Rig.request(0x20, 3, 7, 0x2000, true));
    rig.steps.settle();
    assertThat(addresses(kept.get(0))).containsExactly(0x1000L, 0x2000L);
  }

  @Test
  @Requirement(50)
  void aDeviceThatFloodsIsLimitedAndDelaysNobody() {
    Rig small = new Rig(Settings.DEFAULT.limiting(2, 0, 1));
    small.route(0x20, 3, 1);
    small.route(0x28, 3, 2);
    List<FaultGroup> flooder = small.keeper(1);
    List<FaultGroup> other = small.keeper(2);
    for (int group = 0; group < 10; group++) {
      small.sink.recoverable(Rig.request(0x20, 3, group, 0x1000, true));
    }
    small.ask(0x28, 3, 1, 0x1000);
    assertThat(other).hasSize(1);
    assertThat(flooder).hasSize(4);
    assertThat(small.counter("flooded")).isEqualTo(6);
    assertThat(small.answers()).hasSize(6).allMatch(a -> a.endsWith(":INVALID_REQUEST"));
    flooder.get(0).complete(FaultResponse.SUCCESS);
    small.ask(0x20, 3, 10, 0x1000);
    assertThat(flooder).as("room again").hasSize(5);
  }

  @Test
  @Requirement(50)
  void aDeviceThatAsksTooFastIsLimitedByTheClock() {
    Rig small = new Rig(Settings.DEFAULT.limiting(9, 1000, 3));
    small.route(0x20, 3, 1);
    small.handler(1, group -> group.complete(FaultResponse.SUCCESS));
    for (int group = 0; group < 5; group++) {
      small.ask(0x20, 3, group, 0x1000);
    }
    small.time.advance(2 * Rig.MILLI);
    for (int group = 5; group < 8; group++) {
      small.ask(0x20, 3, group, 0x1000);
    }
    assertThat(small.answers())
        .containsExactly(
            "0:SUCCESS",
            "1:SUCCESS",
            "2:SUCCESS",
            "3:INVALID_REQUEST",
            "4:INVALID_REQUEST",
            "5:SUCCESS",
            "6:SUCCESS",
            "7:INVALID_REQUEST");
    assertThat(small.counter("rateLimited")).isEqualTo(3);
  }

  @Test
  @Requirement(50)
  void aDeviceThatNeverWaitsForAnAnswerEndsInOneResponseFailure() {
    int groups = Outbox.MOST_OWED + 5;
    for (int i = 0; i < groups; i++) { // no route: each last request is owed an INVALID
      rig.sink.recoverable(Rig.request(0x30, i >> 9, i & 511, 0x1000, true));
    }
    rig.sink.recoverable(Rig.stall(0x38, 1, 9, 0x1000));
    rig.steps.settle();
    assertThat(rig.counter("collapsed")).isEqualTo(Outbox.MOST_OWED);
    assertThat(rig.answers()).hasSize(6).startsWith("0:RESPONSE_FAILURE", "1:INVALID_REQUEST");
    assertThat(rig.answers()).as("stalls are never folded").contains("9:INVALID_REQUEST");
  }

  @Test
  @Requirement({45, 50})
  void withoutARouteTheLastOfAGroupIsAnsweredInvalid() {
    rig.sink.recoverable(Rig.request(0x20, 3, 7, 0x1000, false));
    rig.ask(0x20, 3, 7, 0x2000);
    assertThat(rig.answers()).containsExactly("7:INVALID_REQUEST");
    assertThat(rig.counter("unrouted")).isEqualTo(2);
  }

  @Test
  @Requirement(56)
  void answersOfADeviceGoInBatchesAndTroubleStopsNone() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    for (int group = 0; group < 4; group++) {
      rig.sink.recoverable(Rig.request(0x20, 3, group, 0x1000, true));
    }
    rig.steps.settle();
    List<Integer> asked = new ArrayList<>();
    rig.origin.driver =
        list -> {
          asked.add(list.size());
          int gone = list.stream().map(a -> a.group()).toList().indexOf(1);
          return gone < 0
              ? BatchResult.all(list.size())
              : new BatchResult(gone, Reason.GONE, "nobody serves it", 0);
        };
    rig.router.drain(org.ioasis.api.fault.DrainScope.ALL);
    assertThat(asked.get(0)).as("one batch").isEqualTo(4);
    assertThat(rig.origin.answers).hasSize(3);
    assertThat(rig.counter("undeliverable")).isOne();
    assertThat(rig.counter("sent")).isEqualTo(3);
    assertThat(kept).noneMatch(FaultGroup::open);
  }

  @Test
  @Requirement(56)
  void anAnswerThatADriverRefusesIsTriedAgainAndThenGivenUp() {
    rig.route(0x20, 3, 1);
    rig.handler(1, group -> group.complete(FaultResponse.SUCCESS));
    int[] calls = {0};
    rig.origin.driver =
        list -> {
          if (++calls[0] == 1) {
            throw new IllegalStateException("a driver's bug");
          }
          return calls[0] == 2
              ? new BatchResult(0, Reason.TIMED_OUT, "CMD_SYNC", 0)
              : BatchResult.all(list.size());
        };
    rig.ask(0x20, 3, 1, 0x1000);
    assertThat(rig.answers()).containsExactly("1:SUCCESS");
    rig.origin.driver = list -> new BatchResult(0, Reason.TIMED_OUT, "CMD_SYNC", 0);
    rig.ask(0x20, 3, 2, 0x1000);
    assertThat(rig.log).containsExactly("unsent 2 TIMED_OUT");
    assertThat(rig.counter("unsent")).isOne();
  }

  @Test
  @Requirement(58)
  void whatTheHardwareHasEndedIsNotAnsweredAndLaterAnswersAreLate() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.sink.recoverable(Rig.stall(0x20, 3, 0x1234, 0x1000));
    rig.steps.settle();
    rig.sink.withdrawn(Rig.stall(0x20, 3, 0x1234, 0x1000));
    rig.steps.settle();
    assertThat(rig.answers()).isEmpty();
    assertThat(rig.counter("withdrawn")).isOne();
    assertThat(HandlerTest.reasonOf(() -> kept.get(0).complete(FaultResponse.SUCCESS)))
        .isEqualTo(Reason.LATE);
    assertThat(rig.answers()).isEmpty();
  }
}
