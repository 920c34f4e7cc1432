package org.ioasis.smmuv3.hardware;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Held transactions against what ends them, and the doorbell against what stops the queue. */
public final class UnitRaces {
  private UnitRaces() {}

  /**
   * Software maps the page, invalidates, and resumes what is held, while the device faults on the
   * same page. Results: the device's DMA, retries of the first, transactions held when both have
   * ended, and a DMA then.
   */
  @JCStressTest
  @Outcome(id = "1, 1, 0, 1", expect = ACCEPTABLE, desc = "the DMA met the new page")
  @Outcome(id = "0, 1, 1, 1", expect = ACCEPTABLE, desc = "the DMA came first and is held")
  @Outcome(expect = FORBIDDEN, desc = "lost, resumed twice, or stale")
  @State
  public static class ResumeAgainstFault {
    private final Stage stage = new Stage();

    /** One transaction is held, under STAG 0. */
    public ResumeAgainstFault() {
      stage.dma();
    }

    @Actor
    public void software() {
      stage.memory.at(Rig.LEAF, Rig.PAGE | 0xF47);
      stage.put(Stage.NH_VA, Rig.IOVA & -0x1000L | 1).put(Stage.SYNC, 0);
      stage.put(Stage.RESUME_RETRY | Stage.OF_SID, 0).put(Stage.SYNC, 0).ringAndWait();
    }

    @Actor
    public void device(IIII_Result r) {
      r.r1 = stage.dma();
    }

    @Arbiter
    public void end(IIII_Result r) {
      r.r2 = stage.retried.get();
      r.r3 = stage.held();
      r.r4 = stage.dma();
    }
  }

  /** CMD_RESUME against SMMUEN=0: what is held ends once. Results: retries, aborts. */
  @JCStressTest
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = ACCEPTABLE,
      desc = "ended once")
  @Outcome(expect = FORBIDDEN, desc = "never, or twice")
  @State
  public static class ResumeAgainstDisable {
    private final Stage stage = new Stage();

    /** One transaction is held, under STAG 0. */
    public ResumeAgainstDisable() {
      stage.dma();
    }

    @Actor
    public void software() {
      stage.put(Stage.RESUME_RETRY | Stage.OF_SID, 0).put(Stage.SYNC, 0).ringAndWait();
    }

    @Actor
    public void other() {
      stage.enable(Stage.CMDQEN | Stage.EVENTQEN);
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = stage.retried.get();
      r.r2 = stage.aborted.get();
    }
  }

  /**
   * A detach, as "CMD_STALL_TERM" orders it, against a DMA that faults. Results: the DMA,
   * transactions held when both have ended, aborts, and a DMA then.
   */
  @JCStressTest
  @Outcome(id = "0, 0, 1, 2", expect = ACCEPTABLE, desc = "held, then terminated")
  @Outcome(id = "2, 0, 0, 2", expect = ACCEPTABLE, desc = "the detach came first")
  @Outcome(expect = FORBIDDEN, desc = "something is held for ever")
  @State
  public static class DetachAgainstFault {
    private final Stage stage = new Stage();

    @Actor
    public void software() {
      stage.memory.at(Rig.STREAMS + 64, 1);
      stage.put(Stage.CFGI_STE | Stage.OF_SID, 1).put(Stage.SYNC, 0);
      stage.put(Stage.STALL_TERM | Stage.OF_SID, 0).put(Stage.SYNC, 0).ringAndWait();
    }

    @Actor
    public void device(IIII_Result r) {
      r.r1 = stage.dma();
    }

    @Arbiter
    public void end(IIII_Result r) {
      r.r2 = stage.held();
      r.r3 = stage.aborted.get();
      r.r4 = stage.dma();
    }
  }

  /**
   * The queue stands at an illegal command that software has mended: one processor acknowledges,
   * the other rings for one more. Results: commands consumed, errors active.
   */
  @JCStressTest
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "everything executed")
  @Outcome(expect = FORBIDDEN, desc = "a doorbell was lost")
  @State
  public static class DoorbellAgainstAcknowledge {
    private final Stage stage = new Stage();

    /** The queue stands at its first command. */
    public DoorbellAgainstAcknowledge() {
      stage.put(0xFF, 0).ring();
      stage.memory.at(Rig.COMMANDS, Stage.SYNC, 0);
      stage.put(Stage.SYNC, 0);
    }

    @Actor
    public void one() {
      stage.acknowledgeErrors();
    }

    @Actor
    public void two() {
      stage.ring();
    }

    @Arbiter
    public void end(II_Result r) {
      r.r1 = stage.consumed();
      r.r2 = stage.errors();
    }
  }

  /** Nothing is executed after CR0ACK.CMDQEN=0. Results: consumed at once, and at the end. */
  @JCStressTest
  @Outcome(
      id = {"0, 0", "1, 1", "2, 2"},
      expect = ACCEPTABLE,
      desc = "stopped between two commands")
  @Outcome(expect = FORBIDDEN, desc = "went on after it had stopped")
  @State
  public static class DoorbellAgainstDisable {
    private final Stage stage = new Stage();

    @Actor
    public void one() {
      stage.put(Stage.NH_VA, Rig.IOVA & -0x1000L | 1).put(Stage.SYNC, 0).ring();
    }

    @Actor
    public void two(II_Result r) {
      stage.enable(Stage.EVENTQEN | Stage.SMMUEN);
      r.r1 = stage.consumed();
    }

    @Arbiter
    public void end(II_Result r) {
      r.r2 = stage.consumed();
    }
  }
}
