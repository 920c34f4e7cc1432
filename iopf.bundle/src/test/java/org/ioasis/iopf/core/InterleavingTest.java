package org.ioasis.iopf.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.fault.FaultService;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Answer against time-out against detach, and their relatives, in every order with up to three
 * preemptions. {@link MutationsTest} shows that it catches a planted double answer and a planted
 * lost one.
 */
class InterleavingTest {
  private static final RoutingKey PLACE = new RoutingKey(0x20, 3);
  private static final int HANDLER = 1;

  private final Interleaver interleaver = new Interleaver(3);

  @AfterEach
  void close() {
    interleaver.close();
  }

  /** A router with one device, whose every call out is a point. */
  private abstract static class Stage implements Interleaver.Scene {
    final PointTime time = new PointTime();
    final FakeOrigin origin = new FakeOrigin(time);
    final Deque<Turn> ready = new ArrayDeque<>();
    final List<FaultGroup> kept = new ArrayList<>();
    final Router router =
        new Router(
            new Surroundings(
                turn -> {
                  ready.add(turn);
                  Interleaver.point();
                },
                Watcher.NONE,
                Settings.DEFAULT,
                Interleaver.PointLock::new));
    final Client client = router.client(1);
    final FaultSink sink;

    Stage() {
      router.setOrigin(origin);
      sink = router.sink("unit0");
      origin.driver =
          list -> {
            Interleaver.point();
            return BatchResult.all(list.size());
          };
    }

    void handled() {
      origin.put(Rig.plain(0x20, 3, 1, null, false, 0));
      router.addHandler(kept::add, 1, "handler", 0, HANDLER);
    }

    /** Does what the dispatcher's threads would. */
    void settle() {
      for (Turn turn = ready.poll(); turn != null; turn = ready.poll()) {
        turn.run();
      }
    }

    void ask(int group) {
      sink.recoverable(Rig.request(0x20, 3, group, 0x1000, true));
    }

    void answer(FaultGroup group) {
      try {
        group.complete(FaultResponse.SUCCESS);
      } catch (IoasisException late) {
        assertThat(late.reason()).isEqualTo(Reason.LATE);
      }
    }

    void timeOut() {
      time.advance(FaultService.DEFAULT_TIMEOUT_NANOS);
    }

    void detach() {
      router.drain(DrainScope.of(PLACE));
      origin.remove(PLACE);
    }

    void checkAnswered(Integer... groups) {
      settle();
      timeOut();
      settle();
      assertThat(origin.answers).extracting(a -> a.group()).containsExactlyInAnyOrder(groups);
      assertThat(client.counters().get("open")).isZero();
      assertThat(client.counters().get("sent")).isEqualTo(groups.length);
    }
  }

  @Test
  @Requirement({57, 58, 60})
  void answerAgainstTimeOutAgainstDetach() {
    int orders =
        interleaver.explore(
            () ->
                new Stage() {
                  {
                    handled();
                    ask(1);
                    ask(2);
                    settle();
                  }

                  @Override
                  public List<Runnable> actors() {
                    return List.of(() -> answer(kept.get(0)), this::timeOut, this::detach);
                  }

                  @Override
                  public void check() {
                    checkAnswered(1, 2);
                  }
                });
    assertThat(orders).isGreaterThan(300);
  }

  @Test
  @Requirement({57, 60})
  void twoAnswersAgainstTheThreadThatDelivers() {
    int orders =
        interleaver.explore(
            () ->
                new Stage() {
                  {
                    handled();
                    ask(1);
                    settle();
                    ask(2);
                  }

                  @Override
                  public List<Runnable> actors() {
                    return List.of(
                        () -> answer(kept.get(0)), () -> answer(kept.get(0)), this::settle);
                  }

                  @Override
                  public void check() {
                    checkAnswered(1, 2);
                    assertThat(client.counters().get("late")).isOne();
                  }
                });
    assertThat(orders).isGreaterThan(20);
  }

  @Test
  @Requirement({45, 60})
  void aFaultAgainstItsHandlersEndAgainstTheRoutersEnd() {
    int orders =
        interleaver.explore(
            () ->
                new Stage() {
                  {
                    handled();
                    ask(1);
                  }

                  @Override
                  public List<Runnable> actors() {
                    return List.of(
                        () -> {
                          ask(2);
                          settle();
                        },
                        () -> router.removeHandler(HANDLER),
                        router::close);
                  }

                  @Override
                  public void check() {
                    settle(); // nobody waits for a time-out here
                    assertThat(client.counters().get("open")).isZero();
                    checkAnswered(1, 2);
                  }
                });
    assertThat(orders).isGreaterThan(300);
  }

  @Test
  @Requirement({51, 58})
  void aReaderAgainstTimeOutAgainstDetach() {
    int orders =
        interleaver.explore(
            () ->
                new Stage() {
                  private final FaultQueue queue = client.createQueue(4);

                  {
                    origin.put(Rig.plain(0x20, 3, 1, queue.handle(), false, 0));
                    ask(1);
                    ask(2);
                  }

                  @Override
                  public List<Runnable> actors() {
                    return List.of(
                        () -> {
                          settle();
                          queue.poll().ifPresent(this::answer);
                          queue.poll().ifPresent(this::answer);
                        },
                        this::timeOut,
                        this::detach);
                  }

                  @Override
                  public void check() {
                    checkAnswered(1, 2);
                    assertThat(queue.readable()).isFalse();
                    assertThat(queue.unanswered()).isZero();
                  }
                });
    assertThat(orders).isGreaterThan(300);
  }

  @Test
  @Requirement({58, 60})
  void answerAgainstWithdrawalAgainstTheNextUseOfTheTag() {
    int orders =
        interleaver.explore(
            () ->
                new Stage() {
                  {
                    handled();
                    sink.recoverable(Rig.stall(0x20, 3, 7, 0x1000));
                    settle();
                  }

                  @Override
                  public List<Runnable> actors() {
                    return List.of(
                        () -> answer(kept.get(0)),
                        () -> {
                          sink.withdrawn(Rig.stall(0x20, 3, 7, 0x1000));
                          sink.recoverable(Rig.stall(0x20, 3, 7, 0x2000));
                        },
                        this::settle);
                  }

                  @Override
                  public void check() {
                    settle();
                    timeOut();
                    settle();
                    long groups = client.counters().get("groups");
                    long ended =
                        client.counters().get("answered.success")
                            + client.counters().get("answered.invalid")
                            + client.counters().get("withdrawn");
                    assertThat(groups).isEqualTo(2);
                    assertThat(ended).isEqualTo(2);
                    assertThat(client.counters().get("open")).isZero();
                  }
                });
    assertThat(orders).isGreaterThan(20);
  }

  @Test
  @Requirement({50, 60})
  void theLastOfAGroupAgainstItsExpiryAgainstAStopMarker() {
    int orders =
        interleaver.explore(
            () ->
                new Stage() {
                  {
                    handled();
                    sink.recoverable(Rig.request(0x20, 3, 1, 0x1000, false));
                  }

                  @Override
                  public List<Runnable> actors() {
                    return List.of(
                        () -> ask(1),
                        () -> time.advance(Settings.DEFAULT.partialNanos()),
                        () -> sink.recoverable(Rig.stop(0x20, 3)));
                  }

                  @Override
                  public void check() {
                    checkAnswered(1);
                    assertThat(client.counters().get("partial")).isZero();
                    assertThat(router.wheel().size()).isZero();
                  }
                });
    assertThat(orders).isGreaterThan(20);
  }
}
