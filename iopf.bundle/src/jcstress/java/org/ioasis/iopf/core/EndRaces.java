package org.ioasis.iopf.core;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** The ends of a group against each other, and against its way to the handler. */
public final class EndRaces {
  private EndRaces() {}

  /**
   * Answer against time-out: r1 answered by the handler, r2 closed by a drain, r3 answers sent, r4
   * groups open.
   */
  @JCStressTest
  @Outcome(id = "1, 0, 1, 0", expect = ACCEPTABLE, desc = "the handler answered")
  @Outcome(id = "0, 0, 1, 0", expect = ACCEPTABLE, desc = "the time-out answered")
  @Outcome(expect = FORBIDDEN, desc = "answered twice, or not at all")
  @State
  public static class AnswerTimeOut {
    private final Stage stage = new Stage();

    public AnswerTimeOut() {
      stage.ask();
      stage.settle();
    }

    @Actor
    public void answer(IIII_Result r) {
      r.r1 = stage.answer();
    }

    @Actor
    public void timeOut() {
      stage.timeOut();
      stage.settle();
    }

    @Arbiter
    public void after(IIII_Result r) {
      r.r3 = stage.sent();
      r.r4 = stage.open();
    }
  }

  /** Answer against drain, the same. */
  @JCStressTest
  @Outcome(id = "1, 0, 1, 0", expect = ACCEPTABLE, desc = "the handler answered")
  @Outcome(id = "0, 1, 1, 0", expect = ACCEPTABLE, desc = "the drain answered")
  @Outcome(expect = FORBIDDEN, desc = "answered twice, or not at all")
  @State
  public static class AnswerDrain {
    private final Stage stage = new Stage();

    public AnswerDrain() {
      stage.ask();
      stage.settle();
    }

    @Actor
    public void answer(IIII_Result r) {
      r.r1 = stage.answer();
    }

    @Actor
    public void drain(IIII_Result r) {
      r.r2 = stage.drain();
    }

    @Arbiter
    public void after(IIII_Result r) {
      r.r3 = stage.sent();
      r.r4 = stage.open();
    }
  }

  /** Time-out against drain, the same. */
  @JCStressTest
  @Outcome(id = "0, 1, 1, 0", expect = ACCEPTABLE, desc = "the drain answered")
  @Outcome(id = "0, 0, 1, 0", expect = ACCEPTABLE, desc = "the time-out answered")
  @Outcome(expect = FORBIDDEN, desc = "answered twice, or not at all")
  @State
  public static class TimeOutDrain {
    private final Stage stage = new Stage();

    public TimeOutDrain() {
      stage.ask();
      stage.settle();
    }

    @Actor
    public void timeOut() {
      stage.timeOut();
      stage.settle();
    }

    @Actor
    public void drain(IIII_Result r) {
      r.r2 = stage.drain();
    }

    @Arbiter
    public void after(IIII_Result r) {
      r.r3 = stage.sent();
      r.r4 = stage.open();
    }
  }

  /** A group that is just being delivered against the end of its handler. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "answered for the handler that went")
  @Outcome(expect = FORBIDDEN, desc = "left with a handler that is gone, or answered twice")
  @State
  public static class DeliveryHandlerGone {
    private final Stage stage = new Stage();

    public DeliveryHandlerGone() {
      stage.ask();
    }

    @Actor
    public void deliver() {
      stage.settle();
    }

    @Actor
    public void gone() {
      stage.router.removeHandler(1);
    }

    @Arbiter
    public void after(II_Result r) {
      r.r1 = stage.sent();
      r.r2 = stage.open();
    }
  }

  /** A fault that arrives while the router stops. */
  @JCStressTest
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "answered once")
  @Outcome(expect = FORBIDDEN, desc = "left open, or answered twice")
  @State
  public static class ArrivalStop {
    private final Stage stage = new Stage();

    @Actor
    public void arrive() {
      stage.ask();
    }

    @Actor
    public void stop() {
      stage.router.close();
    }

    @Arbiter
    public void after(II_Result r) {
      r.r1 = stage.sent();
      r.r2 = stage.open();
    }
  }
}
