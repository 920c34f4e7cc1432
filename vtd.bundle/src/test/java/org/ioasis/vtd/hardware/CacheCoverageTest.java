package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.api.machine.DmaRequest.READ;
import static org.ioasis.api.machine.DmaRequest.WRITE;

import org.ioasis.api.explain.Explanation;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What stays cached, and which invalidation removes it, told by translations and by the explainer:
 * the fact sheet&#39;s table "Caches and what invalidates them" and its corner cases "Caching".
 */
class CacheCoverageTest {
  private static final long SECOND = Fixture.SECOND_STAGE_IOVA;
  private static final long FIRST = Fixture.FIRST_STAGE_IOVA;
  private static final long LEAF = 0x20_3C48L;
  private static final long OLD = 0x8_9ABC_DABCL;

  private final TestMemory memory = Fixture.scalable();
  private final Translator translator = Fixture.translator(memory, Fixture.SCALABLE);
  private final TranslationCaches caches = translator.caches();

  @BeforeEach
  void sameDomainForBoth() {
    memory.at(0x13_0D08, 0x80_0042L);
  }

  private Answer second(long iova, int access) {
    DmaRequest request = Fixture.request(iova, access);
    return Fixture.answer(request, translator.translate(request, Fixture.SCALABLE_MODE));
  }

  private long first() {
    DmaRequest request = Fixture.withPasid(FIRST, READ);
    return Translation.address(translator.translate(request, Fixture.SCALABLE_MODE));
  }

  private long second() {
    return second(SECOND, READ).address();
  }

  @Test
  void anUnmappedPageHitsUntilItIsInvalidated() {
    assertThat(second()).isEqualTo(OLD);
    memory.at(LEAF, 0);
    assertThat(second()).as("stale").isEqualTo(OLD);
    caches.invalidateIotlbPages(0x41, SECOND, 0, true);
    caches.invalidateIotlbPages(0x42, SECOND + 0x1000, 0, true);
    caches.invalidatePasidIotlbPages(0x42, 0, SECOND, 0, true);
    caches.invalidatePasidIotlb(0x42, 0x1235);
    assertThat(second(SECOND, WRITE).kind()).as("not covered").isEqualTo(Answer.Kind.FAULT);
  }

  @Test
  void neighboursAndOtherDomainsStay() {
    memory.at(LEAF + 8, 0x1_0000_1003L);
    assertThat(second(SECOND + 0x1000, READ).address()).isEqualTo(0x1_0000_1ABCL);
    assertThat(second()).isEqualTo(OLD);
    memory.at(LEAF, 0x7_0000_0003L, 0x7_0000_1003L);
    caches.invalidateIotlbPages(0x42, SECOND, 0, true);
    assertThat(second()).isEqualTo(0x7_0000_0ABCL);
    assertThat(second(SECOND + 0x1000, READ).address()).isEqualTo(0x1_0000_1ABCL);
    caches.invalidateIotlbPages(0x42, SECOND, 1, true);
    assertThat(second(SECOND + 0x1000, READ).address())
        .as("AM=1 reaches the other page of an aligned pair only")
        .isEqualTo((SECOND >>> 12 & 1) == 0 ? 0x7_0000_1ABCL : 0x1_0000_1ABCL);
  }

  @Test
  void aPermissionUpgradeNeedsNoInvalidation() {
    memory.at(LEAF, 0x8_9ABC_D001L);
    assertThat(second(SECOND, READ).rights()).isEqualTo(READ);
    memory.at(LEAF, 0x8_9ABC_D003L);
    assertThat(second(SECOND, WRITE).rights()).isEqualTo(READ | WRITE);
    assertThat(second(SECOND, READ).rights()).as("refilled").isEqualTo(READ | WRITE);
  }

  @Test
  void notPresentIsNeverCached() {
    memory.at(LEAF, 0);
    assertThat(second(SECOND, READ)).isEqualTo(Answer.fault(0x79));
    memory.at(LEAF, 0x8_9ABC_D003L);
    assertThat(second()).isEqualTo(OLD);
  }

  @Test
  void aLargePageGoesWhenPartOfItIsInvalidated() {
    memory.at(0x20_2598, 0x8_4000_0083L);
    assertThat(second()).isEqualTo(0x8_4018_9ABCL);
    memory.at(0x20_2598, 0x7_4000_0083L);
    caches.invalidateIotlbPages(0x42, SECOND ^ 0x1F_0000, 0, true);
    assertThat(second()).isEqualTo(0x7_4018_9ABCL);
  }

  @Test
  void leafOnlyInvalidationSparesTheWayToTheLeafTable() {
    assertThat(second()).isEqualTo(OLD);
    memory.at(0x20_2598, 0x20_4003L).at(0x20_4C48, 0x7_7777_7003L);
    caches.invalidateIotlbPages(0x42, SECOND, 0, true);
    assertThat(second()).as("IH=1 after a table page was swapped").isEqualTo(OLD);
    caches.invalidateIotlbPages(0x42, SECOND, 0, false);
    assertThat(second()).isEqualTo(0x7_7777_7ABCL);
  }

  @Test
  void secondStagePagesTakeAllFirstStageOfTheDomainAlong() {
    assertThat(first()).isEqualTo(0x5_DEAD_BABCL);
    memory.at(0x30_32B0, 0x7_7777_7067L);
    caches.invalidateIotlbPages(0x41, 0, 0, true);
    assertThat(first()).as("another domain").isEqualTo(0x5_DEAD_BABCL);
    caches.invalidateIotlbPages(0x42, 0, 0, true);
    assertThat(first()).isEqualTo(0x7_7777_7ABCL);
  }

  @Test
  void pasidSelectivePagesLeaveTheSecondStage() {
    first();
    second();
    memory.at(0x30_32B0, 0x7_7777_7067L).at(LEAF, 0x7_7777_7003L);
    caches.invalidatePasidIotlbPages(0x42, Fixture.PASID, FIRST + 0x1000, 0, true);
    caches.invalidatePasidIotlbPages(0x42, 0x1235, FIRST, 0, true);
    assertThat(first()).isEqualTo(0x5_DEAD_BABCL);
    caches.invalidatePasidIotlbPages(0x42, Fixture.PASID, FIRST, 0, true);
    assertThat(first()).isEqualTo(0x7_7777_7ABCL);
    assertThat(second()).isEqualTo(OLD);
    caches.invalidateIotlbDomain(0x42);
    assertThat(second()).isEqualTo(0x7_7777_7ABCL);
  }

  @Test
  void onePasidOfADomain() {
    first();
    memory.at(0x30_32B0, 0x7_7777_7067L);
    caches.invalidatePasidIotlb(0x42, 0x1235);
    assertThat(first()).isEqualTo(0x5_DEAD_BABCL);
    caches.invalidatePasidIotlb(0x42, Fixture.PASID);
    assertThat(first()).isEqualTo(0x7_7777_7ABCL);
  }

  @Test
  void devicesWithOneDomainShareTranslationsEvenOfTwoTables() {
    memory
        .at(0x11_0540, 0x12_1001L, 0, 0, 0)
        .at(0x12_1000, 0x13_2001L)
        .at(0x13_2000, 0x21_0089L, 0x80_0042L, 0, 0, 0, 0, 0, 0);
    assertThat(second()).isEqualTo(OLD);
    DmaRequest other = new DmaRequest().set(0x32A, DmaRequest.NO_PASID, SECOND, 4, READ);
    long packed = translator.translate(other, Fixture.SCALABLE_MODE);
    assertThat(Translation.address(packed)).as("its own table at 210000h is empty").isEqualTo(OLD);
    caches.invalidateIotlbDomain(0x42);
    packed = translator.translate(other, Fixture.SCALABLE_MODE);
    assertThat(Fixture.answer(other, packed)).isEqualTo(Answer.fault(0x79));
  }

  @Test
  void contextAndPasidEntriesHaveTheirOwnCaches() {
    second();
    memory.at(0x11_0520, 0).at(0x13_1000, 0);
    caches.invalidateIotlbGlobal();
    assertThat(second()).as("both entries cached").isEqualTo(OLD);
    caches.invalidatePasid(0x42, 1);
    caches.invalidatePasidDomain(0x41);
    assertThat(second()).isEqualTo(OLD);
    caches.invalidatePasid(0x42, 0);
    assertThat(second(SECOND, READ)).isEqualTo(Answer.fault(0x59));
    memory.at(0x13_1000, 0x20_0089L);
    assertThat(second()).as("the context entry is still cached").isEqualTo(OLD);
    caches.invalidateContextDevice(0x328, 0, 0);
    assertThat(second()).isEqualTo(OLD);
    caches.invalidateContextDevice(0x328, 3, 0);
    assertThat(second(SECOND, READ)).as("FM=3 masks the function").isEqualTo(Answer.fault(0x41));
  }

  @Test
  void pasidDomainAndGlobal() {
    first();
    memory.at(0x13_0D00, 0);
    caches.invalidatePasidDomain(0x42);
    DmaRequest request = Fixture.withPasid(FIRST, READ);
    assertThat(Fixture.answer(request, translator.translate(request, Fixture.SCALABLE_MODE)))
        .isEqualTo(Answer.fault(0x59));
    second();
    memory.at(0x13_1000, 0);
    caches.invalidatePasidGlobal();
    assertThat(second(SECOND, READ)).isEqualTo(Answer.fault(0x59));
  }

  @Test
  void droppingAll() {
    first();
    second();
    memory.at(0x10_0030, 0);
    assertThat(second()).isEqualTo(OLD);
    caches.dropAll();
    assertThat(second(SECOND, READ)).isEqualTo(Answer.fault(0x39));
    assertThat(caches.iotlb.size() + caches.walks.size()).isZero();
  }

  @Test
  void aLargePageAroundTheInterruptRangeServesItsOtherParts() {
    memory.at(0x20_1688, 0xC000_0083L);
    long before = (SECOND & -(1L << 30)) + 0x3ED0_0000L;
    assertThat(second(before, READ)).isEqualTo(Answer.ok(0xFED0_0000L, 12, READ | WRITE));
    assertThat(second(before + 0x10_0000, READ)).isEqualTo(Answer.fault(0x87));
    assertThat(second(before + 0x1F_FFFC, READ)).isEqualTo(Answer.fault(0x87));
    assertThat(second(before + 0x20_0000, READ).address()).isEqualTo(0xFEF0_0000L);
    assertThat(second(before, READ).address()).isEqualTo(0xFED0_0000L);
  }

  // ---- the explainer ----

  private Explanation explain(DmaRequest request) {
    UnitView view =
        new UnitView() {
          @Override
          public Latched latched() {
            return Fixture.SCALABLE_MODE;
          }

          @Override
          public long register(int offset) {
            return 0;
          }

          @Override
          public Translator translator() {
            return translator;
          }
        };
    return new VtdExplainer(memory, Fixture.SCALABLE, view).explain(request);
  }

  @Test
  void staleIotlbEntry() {
    DmaRequest request = Fixture.request(SECOND, READ);
    assertThat(explain(request).cached()).isNull();
    second();
    Explanation before = explain(request);
    assertThat(before.cached()).isEqualTo(before.result());
    assertThat(before.stale()).isEmpty();
    memory.at(LEAF, 0);
    Explanation after = explain(request);
    assertThat(after.result()).isEqualTo(Answer.fault(0x79));
    assertThat(after.check()).isEqualTo("SSS.2: entry not present (R=W=0): SS-PTE[0x189]");
    assertThat(after.faultName()).isEqualTo("SSS.2");
    assertThat(after.cached()).isEqualTo(Answer.ok(OLD, 12, READ | WRITE));
    assertThat(after.stale())
        .isEqualTo(
            "STALE: IOTLB entry (page 0x89abcd000, 2^12 bytes, rights rw), removed by iotlb_inv page"
                + " (type 2, G=3, DID 0x42, ADDR 0x123456789000, AM 0)");
    caches.invalidateIotlbPages(0x42, 0x1234_5678_9000L, 0, true);
    assertThat(explain(request).stale()).isEmpty();
  }

  @Test
  void staleFirstStageAndWalkCacheAndConfiguration() {
    DmaRequest request = Fixture.withPasid(FIRST, READ);
    first();
    memory.at(0x30_32B0, 0x7_7777_7067L);
    assertThat(explain(request).stale())
        .contains(
            "p_iotlb_inv page (type 6, G=3, DID 0x42, PASID 0x1234, ADDR 0x7f8123456000, AM 0)");
    caches.invalidatePasidIotlbPages(0x42, Fixture.PASID, FIRST, 0, true);
    memory.at(0x30_28D0, 0);
    assertThat(explain(request).stale())
        .startsWith("STALE: walk-cache entry for the table at 0x303000")
        .endsWith("ADDR 0x7f8123400000, AM 9, IH=0)");
    caches.invalidatePasidIotlb(0x42, Fixture.PASID);
    memory.at(0x30_28D0, 0x30_3027L).at(0x13_0D00, 0x48L);
    assertThat(explain(request).stale())
        .isEqualTo(
            "STALE: PASID-cache entry, removed by pc_inv (type 7, G=1, DID 0x42, PASID 0x1234)");
    caches.invalidatePasid(0x42, Fixture.PASID);
    memory.at(0x11_0520, 0x12_001CL);
    assertThat(explain(request).stale())
        .startsWith("STALE: context-cache entry of 03:05.1, removed by cc_inv device")
        .contains("SID 0x329");
  }

  @Test
  void explainingChangesNothing() {
    memory.at(0x30_32B0, 0x5_DEAD_B007L);
    var before = memory.snapshot();
    Explanation explanation = explain(Fixture.withPasid(FIRST, WRITE));
    assertThat(explanation.result().kind()).isEqualTo(Answer.Kind.OK);
    assertThat(memory.snapshot()).isEqualTo(before);
    assertThat(caches.contexts.size() + caches.pasids.size() + caches.iotlb.size()).isZero();
  }

  @Test
  void requestsThatAreNotTranslated() {
    Explanation interrupt = explain(Fixture.request(0xFEE0_1000L, WRITE));
    assertThat(interrupt.result().kind()).isEqualTo(Answer.Kind.OK);
    assertThat(interrupt.check()).contains("interrupt request");
    Explanation malformed = explain(Fixture.request(0xFEE0_1000L, READ));
    assertThat(malformed.result()).isEqualTo(Answer.fault(0x29));
  }

  @Test
  void aSuppressedFaultSaysWhy() {
    memory.at(0x13_0D00, 0x4BL).at(0x30_32B0, 0);
    Explanation explanation = explain(Fixture.withPasid(FIRST, READ));
    assertThat(explanation.result()).isEqualTo(Answer.blocked(0x71));
    assertThat(explanation.meaning())
        .isEqualTo("FPD suppresses the record of 0x71 (SFS.2): a first-stage entry is not present");
  }
}
