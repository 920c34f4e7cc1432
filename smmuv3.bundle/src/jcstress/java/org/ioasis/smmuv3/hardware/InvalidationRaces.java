package org.ioasis.smmuv3.hardware;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressMeta;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * Two threads translate; one of them, between two translations, changes what both translate with
 * and invalidates it. Results: what the first thread found (0 old, 1 anything else), what the
 * second found before its change and after its invalidation, and what is found when both have
 * ended: the last two must not be old. Two threads, since that is what a machine of two processors
 * can race.
 */
public final class InvalidationRaces {
  private static final CacheGeometry SMALL = new CacheGeometry(4, 4, 4, 4, 8, 24, 0);
  private static final Capabilities CAN = Capabilities.of(SmmuProfiles.FULL);
  private static final Latched RUNNING = Latched.of(CAN, 1, 2, Rig.STREAMS, 8, 0);
  private static final long OLD = Rig.PAGE, NEW = 0x60_0000L;
  private static final long PAGE_BYTES = 0x1000, SPACE = 1L << 39;

  private InvalidationRaces() {}

  /** What is right in every race; actors are found in the test's own class alone. */
  @Outcome(id = "[01], 0, 1, 1", expect = ACCEPTABLE, desc = "new after the invalidation")
  @Outcome(expect = FORBIDDEN, desc = "something stale")
  public static final class Rule {
    private Rule() {}
  }

  /** What is changed and how it is invalidated. */
  private enum Kind {
    NH_VA(Rig.SID) {
      @Override
      void changeAndInvalidate(RaceMemory memory, TranslationCaches caches) {
        memory.at(Rig.LEAF, NEW | 0xF47);
        long page = Rig.IOVA & -PAGE_BYTES;
        caches.invalidateAddresses(0, Rig.ASID, page, page + PAGE_BYTES - 1, true);
      }
    },
    NH_ASID(Rig.SID) {
      @Override
      void changeAndInvalidate(RaceMemory memory, TranslationCaches caches) {
        memory.at(Rig.LEAF, NEW | 0xF47);
        caches.invalidateAsid(0, Rig.ASID);
      }
    },
    S2_IPA(Rig.SID_2) {
      @Override
      void changeAndInvalidate(RaceMemory memory, TranslationCaches caches) {
        memory.at(Rig.LEAF_2, NEW | 0x7FF);
        long page = Rig.IPA & -PAGE_BYTES;
        caches.invalidateIpas(Rig.VMID, page, page + PAGE_BYTES - 1, true);
      }
    },
    S12_VMALL(Rig.SID_NESTED) {
      @Override
      void changeAndInvalidate(RaceMemory memory, TranslationCaches caches) {
        memory.at(Rig.LEAF, NEW | 0xF47);
        caches.invalidateVmid(Rig.VMID);
      }
    },
    S2_IPA_THEN_NH_ALL(Rig.SID_NESTED) {
      @Override
      void changeAndInvalidate(RaceMemory memory, TranslationCaches caches) {
        memory.at(Rig.IDENTITY, 0);
        caches.invalidateIpas(Rig.VMID, 0, SPACE - 1, false);
        caches.invalidateStage1(Rig.VMID);
      }
    },
    CFGI_CD(Rig.SID) {
      @Override
      void changeAndInvalidate(RaceMemory memory, TranslationCaches caches) {
        memory.at(Rig.CD, 0);
        caches.invalidateContext(Rig.SID, 0);
        caches.invalidateAsid(0, Rig.ASID);
      }
    },
    CFGI_STE(Rig.SID) {
      @Override
      void changeAndInvalidate(RaceMemory memory, TranslationCaches caches) {
        memory.at(Rig.STREAMS + 64, 0);
        caches.invalidateStreams(Rig.SID, 0);
      }
    };

    final int sid;

    Kind(int sid) {
      this.sid = sid;
    }

    abstract void changeAndInvalidate(RaceMemory memory, TranslationCaches caches);
  }

  /** Tables and a translator with small caches that hold what is there. */
  private static final class Race {
    private final Kind kind;
    private final RaceMemory memory = RaceMemory.programmed();
    private final Translator translator = new Translator(memory, CAN, SMALL);

    Race(Kind kind) {
      this.kind = kind;
      look();
    }

    int look() {
      boolean second = kind.sid == Rig.SID_2;
      long address = second ? Rig.IPA : Rig.IOVA;
      long old = second ? OLD + PAGE_BYTES : OLD;
      DmaRequest request =
          new DmaRequest().set(kind.sid, DmaRequest.NO_PASID, address, 4, DmaRequest.READ);
      long answer = translator.translate(request, RUNNING);
      boolean present = Translation.isPresent(answer);
      return present && (Translation.address(answer) & -PAGE_BYTES) == old ? 0 : 1;
    }

    void software(IIII_Result r) {
      r.r2 = look();
      kind.changeAndInvalidate(memory, translator.caches());
      r.r3 = look();
    }
  }

  /** TLBI_NH_VA of a page, leaf entries only. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class Page {
    private final Race race = new Race(Kind.NH_VA);

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

  /** TLBI_NH_ASID: the tag dies. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class Asid {
    private final Race race = new Race(Kind.NH_ASID);

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

  /** TLBI_S2_IPA of a page, stage 2 alone. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class Ipa {
    private final Race race = new Race(Kind.S2_IPA);

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

  /** TLBI_S12_VMALL in a nested set-up. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class Vmid {
    private final Race race = new Race(Kind.S12_VMALL);

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

  /** TLBI_S2_IPA, then TLBI_NH_ALL in a nested set-up: the stage 2 that combined entries used. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class StageTwoBelow {
    private final Race race = new Race(Kind.S2_IPA_THEN_NH_ALL);

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

  /** CFGI_CD, then TLBI_NH_ASID. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class ContextDescriptor {
    private final Race race = new Race(Kind.CFGI_CD);

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

  /** CFGI_STE alone: an STE that is gone translates nothing, whatever the TLB holds. */
  @JCStressTest
  @JCStressMeta(Rule.class)
  @State
  public static class StreamTableEntry {
    private final Race race = new Race(Kind.CFGI_STE);

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
