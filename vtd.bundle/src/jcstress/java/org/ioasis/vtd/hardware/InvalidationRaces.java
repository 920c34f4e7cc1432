package org.ioasis.vtd.hardware;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.kit.cache.TagTree;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * Two threads translate; one of them, between two translations, changes what both translate with
 * and invalidates it. Results: what the first thread found (0 old, 1 new), what the second found
 * before its change and after its invalidation, and what is found when both have ended: the last
 * two must be the new one. Two threads, since that is what a machine of two processors can race.
 */
public final class InvalidationRaces {
  private static final CacheGeometry SMALL = new CacheGeometry(4, 4, 4, 4, 4, 24, 0);
  private static final long SECOND_LEAF = 0x20_3C48L, FIRST_LEAF = 0x30_3000L + 0x056 * 8;
  private static final long OLD = 0x1_0000_0000L, NEW = 0x2_0000_0000L;

  private InvalidationRaces() {}

  /** What is right in every race; actors are found in the test's own class alone. */
  @Outcome(id = "[01], 0, 1, 1", expect = ACCEPTABLE, desc = "new after the invalidation")
  @Outcome(expect = FORBIDDEN, desc = "something stale")
  public static final class Rule {
    private Rule() {}
  }

  /** Tables, a translator with small caches, and what a kind of invalidation needs. */
  private abstract static class Race {
    final TestMemory memory;
    final Translator translator;
    final TranslationCaches caches;
    private final boolean scalable;

    Race(boolean scalable) {
      this.scalable = scalable;
      memory = scalable ? Fixture.scalable() : Fixture.legacy();
      memory.at(SECOND_LEAF, OLD | 3).at(FIRST_LEAF, OLD | 0x67);
      translator = new Translator(memory, Walkers.FULL, SMALL);
      caches = translator.caches();
      look(); // what is there is cached
    }

    abstract DmaRequest request();

    abstract void changeAndInvalidate();

    int look() {
      long answer =
          translator.translate(request(), scalable ? Fixture.SCALABLE_MODE : Fixture.LEGACY_MODE);
      return Translation.isPresent(answer) && (Translation.address(answer) & -0x1000L) == OLD
          ? 0
          : 1;
    }

    void software(IIII_Result r) {
      r.r2 = look();
      changeAndInvalidate();
      r.r3 = look();
    }
  }

  private static final class SecondStage extends Race {
    private final int how;

    SecondStage(int how) {
      super(false);
      this.how = how;
    }

    @Override
    DmaRequest request() {
      return Fixture.request(Fixture.SECOND_STAGE_IOVA, DmaRequest.READ);
    }

    @Override
    void changeAndInvalidate() {
      memory.at(SECOND_LEAF, NEW | 3);
      switch (how) {
        case 0 -> caches.invalidateIotlbPages(0x42, Fixture.SECOND_STAGE_IOVA, 0, true);
        case 1 -> caches.invalidateIotlbDomain(0x42);
        default -> caches.invalidateIotlbGlobal();
      }
    }
  }

  private static final class FirstStage extends Race {
    private final int how;

    FirstStage(int how) {
      super(true);
      this.how = how;
    }

    @Override
    DmaRequest request() {
      return Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, DmaRequest.READ);
    }

    @Override
    void changeAndInvalidate() {
      memory.at(FIRST_LEAF, NEW | 0x67);
      switch (how) {
        case 0 ->
            caches.invalidatePasidIotlbPages(1, Fixture.PASID, Fixture.FIRST_STAGE_IOVA, 0, true);
        case 1 -> caches.invalidatePasidIotlb(1, Fixture.PASID);
        default -> caches.dropPage(TagTree.key(1, Fixture.PASID), Fixture.FIRST_STAGE_IOVA);
      }
    }
  }

  private static final class ContextEntryGone extends Race {
    ContextEntryGone() {
      super(false);
    }

    @Override
    DmaRequest request() {
      return Fixture.request(Fixture.SECOND_STAGE_IOVA, DmaRequest.READ);
    }

    @Override
    void changeAndInvalidate() {
      memory.at(0x10_1290L, 0);
      caches.invalidateContextDevice(Fixture.SID, 0, 0x42);
      caches.invalidateIotlbDomain(0x42);
    }
  }

  private static final class PasidEntryGone extends Race {
    PasidEntryGone() {
      super(true);
    }

    @Override
    DmaRequest request() {
      return Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, DmaRequest.READ);
    }

    @Override
    void changeAndInvalidate() {
      memory.at(0x13_0D00L, 0x48L);
      caches.invalidatePasid(1, Fixture.PASID);
      caches.invalidatePasidIotlb(1, Fixture.PASID);
    }
  }

  /** iotlb_inv, page. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class Page {
    private final Race race = new SecondStage(0);

    @Actor
    public void one(IIII_Result r) {
      r.r1 = race.look();
    }

    @Actor
    public void two(IIII_Result r) {
      race.software(r);
    }

    @Arbiter
    public void end(IIII_Result r) {
      r.r4 = race.look();
    }
  }

  /** iotlb_inv, domain. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class Domain {
    private final Race race = new SecondStage(1);

    @Actor
    public void one(IIII_Result r) {
      r.r1 = race.look();
    }

    @Actor
    public void two(IIII_Result r) {
      race.software(r);
    }

    @Arbiter
    public void end(IIII_Result r) {
      r.r4 = race.look();
    }
  }

  /** iotlb_inv, global. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class Global {
    private final Race race = new SecondStage(2);

    @Actor
    public void one(IIII_Result r) {
      r.r1 = race.look();
    }

    @Actor
    public void two(IIII_Result r) {
      race.software(r);
    }

    @Arbiter
    public void end(IIII_Result r) {
      r.r4 = race.look();
    }
  }

  /** p_iotlb_inv, page. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class PasidPage {
    private final Race race = new FirstStage(0);

    @Actor
    public void one(IIII_Result r) {
      r.r1 = race.look();
    }

    @Actor
    public void two(IIII_Result r) {
      race.software(r);
    }

    @Arbiter
    public void end(IIII_Result r) {
      r.r4 = race.look();
    }
  }

  /** p_iotlb_inv, all of a PASID. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class PasidAll {
    private final Race race = new FirstStage(1);

    @Actor
    public void one(IIII_Result r) {
      r.r1 = race.look();
    }

    @Actor
    public void two(IIII_Result r) {
      race.software(r);
    }

    @Arbiter
    public void end(IIII_Result r) {
      r.r4 = race.look();
    }
  }

  /** What a page request drops. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class PageRequested {
    private final Race race = new FirstStage(2);

    @Actor
    public void one(IIII_Result r) {
      r.r1 = race.look();
    }

    @Actor
    public void two(IIII_Result r) {
      race.software(r);
    }

    @Arbiter
    public void end(IIII_Result r) {
      r.r4 = race.look();
    }
  }

  /** cc_inv device, then iotlb_inv domain. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class ContextEntry {
    private final Race race = new ContextEntryGone();

    @Actor
    public void one(IIII_Result r) {
      r.r1 = race.look();
    }

    @Actor
    public void two(IIII_Result r) {
      race.software(r);
    }

    @Arbiter
    public void end(IIII_Result r) {
      r.r4 = race.look();
    }
  }

  /** pc_inv of a PASID, then p_iotlb_inv. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class PasidEntry {
    private final Race race = new PasidEntryGone();

    @Actor
    public void one(IIII_Result r) {
      r.r1 = race.look();
    }

    @Actor
    public void two(IIII_Result r) {
      race.software(r);
    }

    @Arbiter
    public void end(IIII_Result r) {
      r.r4 = race.look();
    }
  }
}
