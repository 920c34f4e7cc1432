package org.ioasis.iopf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultObserver;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets a group, who may answer it, and what happens when they do not. */
class HandlerTest {
  private final Rig rig = new Rig();

  @AfterEach
  void everyGroupWasAnsweredOnce() {
    rig.router.close();
    rig.steps.settle();
    rig.check();
  }

  static Reason reasonOf(Runnable call) {
    return catchThrowableOfType(IoasisException.class, call::run).reason();
  }

  @Test
  @Requirement({45, 46, 47})
  void aDeviceWithTwoPageTablesHasAHandlerForEach() {
    rig.route(0x20, Rig.NO_PASID, 1);
    rig.route(0x20, 3, 2);
    rig.route(0x28, 3, 2);
    List<FaultGroup> one = rig.keeper(1);
    List<FaultGroup> two = rig.keeper(2);
    rig.ask(0x20, Rig.NO_PASID, 1, 0x1000);
    rig.ask(0x20, 3, 1, 0x2000);
    rig.ask(0x28, 3, 1, 0x3000);
    assertThat(one).extracting(g -> g.faults().get(0).address()).containsExactly(0x1000L);
    assertThat(two).extracting(g -> g.faults().get(0).address()).containsExactly(0x2000L, 0x3000L);
    assertThat(two).extracting(FaultGroup::domain).containsOnly(Rig.domain(2));
    assertThat(two)
        .extracting(FaultGroup::device)
        .containsExactly(Rig.device(0x20), Rig.device(0x28));
  }

  @Test
  @Requirement(45)
  void withoutAHandlerTheAnswerIsInvalid() {
    rig.route(0x20, 3, 1);
    rig.ask(0x20, 3, 7, 0x1000);
    assertThat(rig.origin.answers)
        .containsExactly(Rig.answer(0x20, 3, 7, PageResponse.Code.INVALID_REQUEST));
    assertThat(rig.counter("noHandler")).isOne();
  }

  @Test
  @Requirement(45)
  void ofSeveralHandlersTheHighestRankingCounts() {
    rig.route(0x20, 3, 1);
    List<String> called = new ArrayList<>();
    rig.router.addHandler(g -> called.add("old"), 1, "old", 0, 11);
    rig.router.addHandler(g -> called.add("young"), 1, "young", 0, 12);
    rig.router.addHandler(g -> called.add("high"), 1, "high", 5, 13);
    rig.ask(0x20, 3, 1, 0x1000);
    rig.router.removeHandler(13);
    rig.ask(0x20, 3, 2, 0x1000);
    rig.router.removeHandler(11);
    rig.ask(0x20, 3, 3, 0x1000);
    assertThat(called).containsExactly("high", "old", "young");
  }

  @Test
  @Requirement(48)
  void everyFaultCarriesTheLabelOfItsDevice() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.ask(0x20, 3, 1, 0x1000);
    Fault fault = kept.get(0).faults().get(0);
    assertThat(fault.label()).isEqualTo(0xA0020);
    assertThat(fault.route().label()).isEqualTo(0xA0020);
  }

  @Test
  @Requirement(49)
  void aFaultRecordsTheVersionItWasRoutedWith() {
    rig.route(0x20, 3, 1);
    long first = rig.client.routes().version();
    List<FaultGroup> one = rig.keeper(1);
    List<FaultGroup> two = rig.keeper(2);
    rig.sink.recoverable(Rig.request(0x20, 3, 1, 0x1000, true));
    rig.route(0x20, 3, 2); // replaced before the group is delivered
    long second = rig.client.routes().version();
    rig.sink.recoverable(Rig.request(0x20, 3, 2, 0x1000, true));
    rig.steps.settle();
    assertThat(second).isGreaterThan(first);
    assertThat(one.get(0).faults().get(0).route().version()).isEqualTo(first);
    assertThat(two.get(0).faults().get(0).route().version()).isEqualTo(second);
    assertThat(rig.client.route(two.get(0).faults().get(0).route().key()).orElseThrow().domain())
        .isEqualTo(Rig.domain(2));
  }

  @Test
  @Requirement({56, 57})
  void answersComeFromAnyThreadInAnyOrder() throws InterruptedException {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    for (int group = 0; group < 3; group++) {
      rig.ask(0x20, 3, group, 0x1000);
    }
    assertThat(kept).hasSize(3);
    Thread other = new Thread(() -> kept.get(2).complete(FaultResponse.SUCCESS));
    other.start();
    other.join();
    kept.get(0).complete(FaultResponse.FAILURE);
    kept.get(1).complete(FaultResponse.INVALID);
    assertThat(rig.answers())
        .containsExactly("2:SUCCESS", "0:RESPONSE_FAILURE", "1:INVALID_REQUEST");
    assertThat(kept).extracting(FaultGroup::cookie).doesNotHaveDuplicates().allMatch(c -> c > 0);
  }

  @Test
  @Requirement(56)
  void aSecondAnswerIsLate() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = rig.keeper(1);
    rig.ask(0x20, 3, 7, 0x1000);
    kept.get(0).complete(FaultResponse.SUCCESS);
    assertThat(kept.get(0).open()).isFalse();
    assertThatThrownBy(() -> kept.get(0).complete(FaultResponse.SUCCESS))
        .isInstanceOf(IoasisException.class)
        .hasMessage("answer to group 0x7 of 0x20/pasid 0x3 refused: answered by handler1 before");
    assertThat(rig.answers()).hasSize(1);
    assertThat(rig.counter("late")).isOne();
  }

  @Test
  @Requirement(45)
  void aHandlerThatThrowsHasAnsweredFailureForItsGroupAlone() {
    rig.route(0x20, 3, 1);
    List<FaultGroup> kept = new ArrayList<>();
    rig.handler(
        1,
        group -> {
          kept.add(group);
          if (kept.size() == 2) {
            throw new LinkageError("updated away");
          }
        });
    rig.ask(0x20, 3, 1, 0x1000);
    rig.ask(0x20, 3, 2, 0x1000);
    assertThat(rig.answers()).containsExactly("2:RESPONSE_FAILURE");
    assertThat(rig.log).containsExactly("handler1 threw updated away");
    kept.get(0).complete(FaultResponse.SUCCESS);
    assertThat(reasonOf(() -> kept.get(1).complete(FaultResponse.SUCCESS))).isEqualTo(Reason.LATE);
  }

  @Test
  @Requirement(45)
  void aHandlerThatAnswersAndThenThrowsHasAnswered() {
    rig.route(0x20, 3, 1);
    rig.handler(
        1,
        group -> {
          group.complete(FaultResponse.SUCCESS);
          throw new IllegalStateException("afterwards");
        });
    rig.ask(0x20, 3, 1, 0x1000);
    assertThat(rig.answers()).containsExactly("1:SUCCESS");
  }

  @Test
  @Requirement(45)
  void aHandlerThatVanishesLeavesNoGroupUnanswered() {
    rig.route(0x20, 3, 1);
    rig.route(0x28, 3, 1);
    List<FaultGroup> kept = new ArrayList<>();
    long service = rig.handler(1, kept::add);
    rig.ask(0x20, 3, 1, 0x1000);
    rig.ask(0x28, 3, 2, 0x1000);
    kept.get(0).complete(FaultResponse.SUCCESS);
    rig.router.removeHandler(service);
    rig.steps.settle();
    assertThat(rig.answers()).containsExactly("1:SUCCESS", "2:INVALID_REQUEST");
    assertThat(rig.counter("handlerGone")).isOne();
    assertThat(reasonOf(() -> kept.get(1).complete(FaultResponse.SUCCESS))).isEqualTo(Reason.LATE);
  }

  @Test
  @Requirement(45)
  void aHandlerThatVanishesWhileItIsCalledIsNotWaitedFor() {
    rig.route(0x20, 3, 1);
    long[] service = {0};
    service[0] =
        rig.handler(
            1,
            group -> {
              rig.router.removeHandler(service[0]);
              assertThat(group.open()).isFalse();
              assertThat(reasonOf(() -> group.complete(FaultResponse.SUCCESS)))
                  .isEqualTo(Reason.LATE);
            });
    rig.ask(0x20, 3, 1, 0x1000);
    assertThat(rig.answers()).containsExactly("1:INVALID_REQUEST");
    assertThat(rig.log).isEmpty();
  }

  @Test
  @Requirement({45, 58})
  void aHandlerThatStallsHoldsItsThreadAndNothingElse() throws InterruptedException {
    rig.route(0x20, 3, 1);
    rig.route(0x20, 4, 2);
    List<FaultGroup> two = rig.keeper(2);
    Object gate = new Object();
    boolean[] inside = {false, false};
    rig.handler(
        1,
        group -> {
          synchronized (gate) {
            inside[0] = true;
            gate.notifyAll();
            while (!inside[1]) {
              try {
                gate.wait();
              } catch (InterruptedException e) {
                return;
              }
            }
          }
        });
    rig.sink.recoverable(Rig.request(0x20, 3, 1, 0x1000, true));
    Thread stuck = new Thread(rig.steps::step);
    stuck.start();
    synchronized (gate) {
      while (!inside[0]) {
        gate.wait();
      }
    }
    rig.ask(0x20, 4, 2, 0x1000);
    assertThat(two).as("the other page table of the device waits").isEmpty();
    rig.time.advance(100 * Rig.MILLI);
    rig.steps.settle();
    assertThat(rig.log).containsExactly("handler1 stalled");
    assertThat(rig.answers()).as("both met the same time-out").contains("1:INVALID_REQUEST");
    rig.ask(0x20, 4, 3, 0x1000);
    assertThat(two).as("and goes on").hasSize(1);
    rig.ask(0x20, 3, 4, 0x1000);
    assertThat(rig.counter("handlerStalled")).isOne();
    synchronized (gate) {
      inside[1] = true;
      gate.notifyAll();
    }
    stuck.join();
    rig.ask(0x20, 3, 5, 0x1000);
    assertThat(rig.counter("handlerStalled")).as("it has returned").isOne();
    assertThat(rig.counter("delivered")).isEqualTo(3);
  }

  /** Groups of a backlog reach their handler late; it has half a time-out all the same. */
  @ParameterizedTest
  @CsvSource({"1, false", "49, false", "51, true"})
  @Requirement({45, 58})
  void aHandlerThatIsGivenAGroupLateIsNotTakenForStalled(long milliseconds, boolean stalls) {
    rig.route(0x20, 3, 1);
    int[] calls = {0};
    rig.handler(
        1,
        group -> {
          if (calls[0]++ == 0) {
            rig.time.advance(milliseconds * Rig.MILLI);
            assertThat(group.open()).as("its time-out was met meanwhile").isFalse();
          } else {
            group.complete(FaultResponse.SUCCESS);
          }
        });
    rig.sink.recoverable(Rig.request(0x20, 3, 1, 0x1000, true));
    rig.time.advance(100 * Rig.MILLI - 1); // nobody delivers
    rig.steps.settle();
    assertThat(rig.answers()).containsExactly("1:INVALID_REQUEST");
    assertThat(rig.log).isEqualTo(stalls ? List.of("handler1 stalled") : List.of());
    rig.ask(0x20, 3, 2, 0x1000);
    assertThat(rig.answers()).as("it is called again").contains("2:SUCCESS");
    assertThat(rig.counter("handlerStalled")).isZero();
    rig.time.advance(200 * Rig.MILLI);
    assertThat(rig.log).hasSize(stalls ? 1 : 0);
  }

  @Test
  @Requirement(47)
  void observersSeeEverythingInOrderAndAnswerNothing() {
    rig.route(0x20, 3, 1);
    rig.route(0x20, 4, 2);
    List<String> all = new ArrayList<>();
    List<String> one = new ArrayList<>();
    rig.observer(recorder(all), null);
    rig.observer(recorder(one), 1);
    rig.handler(1, group -> group.complete(FaultResponse.SUCCESS));
    rig.ask(0x20, 3, 1, 0x1000);
    rig.ask(0x20, 4, 2, 0x2000);
    assertThat(all)
        .containsExactly(
            "delivered 0x1000", "0x1000 SUCCESS by handler1", "0x2000 INVALID by no handler");
    assertThat(one).containsExactly("delivered 0x1000", "0x1000 SUCCESS by handler1");
  }

  private static FaultObserver recorder(List<String> into) {
    return new FaultObserver() {
      @Override
      public void delivered(Handle<Domain> domain, List<Fault> faults) {
        into.add("delivered 0x" + Long.toHexString(faults.get(0).address()));
      }

      @Override
      public void answered(
          Handle<Domain> domain, List<Fault> faults, FaultResponse response, String by) {
        into.add("0x%x %s by %s".formatted(faults.get(0).address(), response, by));
      }
    };
  }

  @Test
  @Requirement(47)
  void anObserverThatThrowsOrIsSlowHarmsOnlyItself() {
    Rig small =
        new Rig(new Settings(9, 8, 4, 50, 100 * Rig.MILLI, 0, 1, 0, 1, 4)); // four calls are kept
    small.route(0x20, 3, 1);
    small.handler(1, group -> group.complete(FaultResponse.SUCCESS));
    List<String> seen = new ArrayList<>();
    small.observer(recorder(seen), null);
    FaultObserver broken =
        new FaultObserver() {
          @Override
          public void delivered(Handle<Domain> domain, List<Fault> faults) {
            throw new IllegalStateException("observer's bug");
          }

          @Override
          public void answered(
              Handle<Domain> domain, List<Fault> faults, FaultResponse response, String by) {}
        };
    small.observer(broken, null);
    small.ask(0x20, 3, 1, 0x1000);
    assertThat(seen).hasSize(2);
    assertThat(small.counter("observer.threw")).isOne();
    small.router.removeObserver(broken);
    for (int group = 0; group < 3; group++) { // nobody lends the mailbox a thread meanwhile
      small.sink.recoverable(Rig.request(0x20, 3, group, 0x1000L * group, true));
    }
    seen.clear();
    small.steps.settle();
    assertThat(seen.size() + small.counter("observer.lost")).isEqualTo(6);
    assertThat(small.answers()).hasSize(4);
  }

  @Test
  @Requirement(62)
  void aHandlerNeedsNothingButTheGroup() {
    rig.route(0x20, Rig.NO_PASID, 1); // no PASID, no shared address space
    List<FaultGroup> kept = rig.keeper(1);
    rig.sink.recoverable(Rig.stall(0x20, Rig.NO_PASID, 0x55, 0x4000));
    rig.steps.settle();
    FaultGroup group = kept.get(0);
    assertThat(group.device()).isEqualTo(Rig.device(0x20));
    assertThat(group.domain()).isEqualTo(Rig.domain(1));
    assertThat(group.faults().get(0).pasid()).isEqualTo(Rig.NO_PASID);
    group.complete(FaultResponse.SUCCESS);
    assertThat(rig.origin.answers)
        .containsExactly(
            org.ioasis.api.driver.FaultAnswer.to(
                Rig.stall(0x20, Rig.NO_PASID, 0x55, 0x4000), PageResponse.Code.SUCCESS));
  }

  @Test
  @Requirement(61)
  void aFaultOfAnyPasidGoesToTheDomainThatHoldsTheUsersPasidTable() {
    rig.origin.put(Rig.plain(0x20, Rig.NO_PASID, 1, null, true, 0));
    rig.route(0x20, 9, 2);
    List<FaultGroup> nested = rig.keeper(1);
    List<FaultGroup> own = rig.keeper(2);
    rig.ask(0x20, 3, 1, 0x1000);
    rig.ask(0x20, 9, 2, 0x2000);
    rig.ask(0x20, Rig.NO_PASID, 3, 0x3000);
    rig.ask(0x28, 3, 4, 0x4000);
    assertThat(nested).extracting(g -> g.faults().get(0).pasid()).containsExactly(3, Rig.NO_PASID);
    assertThat(own).hasSize(1);
    assertThat(rig.answers()).as("another device").containsExactly("4:INVALID_REQUEST");
    nested.get(0).complete(FaultResponse.SUCCESS);
    assertThat(rig.origin.answers.get(1))
        .as("the answer names the PASID that asked")
        .isEqualTo(Rig.answer(0x20, 3, 1, PageResponse.Code.SUCCESS));
    assertThat(rig.router.open(DrainScope.of(rig.client.routes().routes().get(0).key())))
        .as("the place of the table covers its PASIDs")
        .isOne();
  }
}
