package org.ioasis.allocator.core;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.ioasis.api.IoasisException;
import org.ioasis.api.ioasid.IoasidLease;
import org.ioasis.api.ioasid.Pasid;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.ZII_Result;

/** Allocate, free, get, put and find against each other. */
public final class Races {
  private Races() {}

  /** Two allocations never get one number. */
  @JCStressTest
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "two numbers")
  @Outcome(expect = FORBIDDEN, desc = "one number twice, or a gap")
  @State
  public static class AllocateAllocate {
    private final Stage stage = new Stage();

    @Actor
    public void one(II_Result r) {
      r.r1 = stage.set.allocate(Stage.with(null)).value();
    }

    @Actor
    public void two(II_Result r) {
      r.r2 = stage.set.allocate(Stage.with(null)).value();
    }
  }

  /** The last of a quota goes to one of two; never above it. */
  @JCStressTest
  @Outcome(
      id = {"2, 0", "0, 2"},
      expect = ACCEPTABLE,
      desc = "one got the last id")
  @Outcome(expect = FORBIDDEN, desc = "quota exceeded, or nobody got it")
  @State
  public static class LastOfTheQuota {
    private final Stage stage = new Stage();

    public LastOfTheQuota() {
      stage.set.allocate(Stage.with(null));
    }

    @Actor
    public void one(II_Result r) {
      r.r1 = allocate();
    }

    @Actor
    public void two(II_Result r) {
      r.r2 = allocate();
    }

    private int allocate() {
      try {
        return stage.set.allocate(Stage.with(null)).value();
      } catch (IoasisException exhausted) {
        return 0;
      }
    }
  }

  /** Find sees an id's own data or nothing, also while its number becomes another id. */
  @JCStressTest
  @Outcome(
      id = {"0", "1", "2"},
      expect = ACCEPTABLE,
      desc = "nothing, the old, or the new")
  @Outcome(expect = FORBIDDEN, desc = "something else")
  @State
  public static class FindWhileReused {
    private final Stage stage = new Stage();

    public FindWhileReused() {
      stage.set.allocate(Stage.with(1));
    }

    @Actor
    public void reuse() {
      stage.set.free(new Pasid(1));
      stage.set.allocate(Stage.with(2));
    }

    @Actor
    public void find(I_Result r) {
      Object data = stage.set.find(1);
      r.r1 = data == null ? 0 : (Integer) data;
    }
  }

  /** Another set's data is never seen, also while the number changes its set. */
  @JCStressTest
  @Outcome(
      id = {"0", "1"},
      expect = ACCEPTABLE,
      desc = "nothing, or its own")
  @Outcome(expect = FORBIDDEN, desc = "the other set's")
  @State
  public static class FindAcrossSets {
    private final Stage stage = new Stage();

    public FindAcrossSets() {
      stage.set.allocate(Stage.with(1));
    }

    @Actor
    public void change() {
      stage.set.free(new Pasid(1));
      stage.client.systemSet().allocate(Stage.with(2));
    }

    @Actor
    public void find(I_Result r) {
      Object data = stage.set.find(1);
      r.r1 = data == null ? 0 : (Integer) data;
    }
  }

  /** A get either comes before the free and keeps the number, or is refused. */
  @JCStressTest
  @Outcome(id = "true, 2, 1", expect = ACCEPTABLE, desc = "got it: reused only after the put")
  @Outcome(id = "false, 1, 2", expect = ACCEPTABLE, desc = "too late: reused at once")
  @Outcome(expect = FORBIDDEN, desc = "reused while held, or lost")
  @State
  public static class GetAgainstFree {
    private final Stage stage = new Stage();
    private IoasidLease lease;

    public GetAgainstFree() {
      stage.set.allocate(Stage.with(null));
    }

    @Actor
    public void get(ZII_Result r) {
      try {
        lease = stage.set.lease(new Pasid(1), "stress");
        r.r1 = true;
      } catch (IoasisException freed) {
        r.r1 = false;
      }
    }

    @Actor
    public void free() {
      stage.set.free(new Pasid(1));
    }

    @Arbiter
    public void after(ZII_Result r) {
      r.r2 = stage.set.allocate(Stage.with(null)).value();
      if (lease != null) {
        lease.close();
      }
      r.r3 = stage.client.systemSet().allocate(Stage.with(null)).value();
    }
  }

  /** Free and the last put reclaim once, whichever is last. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "freed and reclaimed once")
  @Outcome(expect = FORBIDDEN, desc = "lost or twice")
  @State
  public static class PutAgainstFree {
    private final Stage stage = new Stage();
    private final IoasidLease lease;

    public PutAgainstFree() {
      stage.set.allocate(Stage.with(null));
      lease = stage.set.lease(new Pasid(1), "stress");
    }

    @Actor
    public void put() {
      lease.close();
    }

    @Actor
    public void free() {
      stage.set.free(new Pasid(1));
    }

    @Arbiter
    public void after(II_Result r) {
      r.r1 = stage.client.counters().get("reclaimed").intValue();
      r.r2 = stage.set.inUse() + 1;
    }
  }

  /** Two frees of one id count once. */
  @JCStressTest
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "one freed it, the other did nothing")
  @Outcome(expect = FORBIDDEN, desc = "freed twice")
  @State
  public static class FreeFree {
    private final Stage stage = new Stage();

    public FreeFree() {
      stage.set.allocate(Stage.with(null));
    }

    @Actor
    public void one() {
      stage.set.free(new Pasid(1));
    }

    @Actor
    public void two() {
      stage.set.free(new Pasid(1));
    }

    @Arbiter
    public void after(II_Result r) {
      r.r1 = stage.client.counters().get("freed").intValue();
      r.r2 = stage.client.counters().get("reclaimed").intValue();
    }
  }
}
