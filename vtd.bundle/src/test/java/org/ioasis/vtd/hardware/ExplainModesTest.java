package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.explain.Explanation;
import org.ioasis.api.explain.Step;
import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Explanations of every mode: each check in the fact sheet&#39;s terms, each structure a step. */
class ExplainModesTest {
  private static final int R = DmaRequest.READ, W = DmaRequest.WRITE, X = DmaRequest.EXECUTE;

  private static Rig rig(boolean legacy) {
    Rig rig = Rig.full();
    TestMemory memory = legacy ? Fixture.legacy() : new NestedTables().memory;
    memory.snapshot().forEach((at, word) -> rig.poke(at, word));
    rig.w64(0x20, legacy ? 0x10_0000L : 0x10_0400L);
    rig.w32(0x18, 0xC000_0000L);
    return rig;
  }

  @Test
  void nestedNamesEveryEntryOfBothStages() {
    Explanation story = rig(false).unit.explainer().explain(NestedTables.read());
    assertThat(story.steps())
        .extracting(Step::name)
        .containsSubsequence(
            "pasid-table-entry[0x1234]",
            "FS-PML4E[0x0ff]: SS-PML4E[0x001]",
            "FS-PML4E[0x0ff]: SS-PTE[0x000]",
            "FS-PML4E[0x0ff]",
            "FS-PDPE[0x004]: SS-PML4E[0x002]",
            "FS-PTE[0x056]",
            "output of the first stage: SS-PTE[0x000]");
    assertThat(story.result().address()).isEqualTo(0x9_1234_5ABCL);
    assertThat(story.check()).contains("granted at every level");
  }

  /** A damaged word, a request, the name of the fault, and words of its check. */
  @ParameterizedTest(name = "{4}: {5}")
  @CsvSource({
    // place, word, PASID, access, name, check
    "262000, 0,           true,  1, SSS.2, entry not present",
    "262000, 912345001,   true,  2, SGN.6, needed right missing",
    "222000, 0,           true,  1, SFS.6, no SS read right for the top FS table",
    "242000, 0,           true,  1, SFS.7, no SS read right for the lower FS table",
    "130D10, 4000000000091, true, 1, SFS.5, beyond the SS limit",
    "7032B0, 28000200003, true,  1, SGN.2, U/S=0",
    "703000, 0,           true,  4, SPT.5, ERE=0",
    "131000, 200289,      false, 1, '',    granted at every level",
    "131008, 42,          false, 1, '',    granted at every level",
    "110520, 120019,      false, 1, SCT.4, PRE=1 with DTE=0",
    "203C48, 89ABCD002,   false, 1, SGN.7, R=0",
  })
  void faults(String place, String word, boolean pasid, int access, String name, String check) {
    Rig rig = rig(false);
    rig.poke(Long.parseLong(place, 16), Long.parseUnsignedLong(word, 16));
    rig.poke(0x20_0120L, 0x20_1003L);
    DmaRequest request =
        pasid
            ? Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, access)
            : Fixture.request(Fixture.SECOND_STAGE_IOVA, access);
    Explanation story = rig.unit.explainer().explain(request);
    assertThat(story.faultName()).isEqualTo(name);
    assertThat(story.check()).contains(check);
  }

  @Test
  void updatesWithoutSnoop() {
    Rig rig = rig(false);
    rig.poke(0x13_1000L, 0x20_0289L, 0x42L);
    Explanation story = rig.unit.explainer().explain(Fixture.request(Fixture.SECOND_STAGE_IOVA, R));
    assertThat(story.faultName()).isEqualTo("SSS.5");
    assertThat(story.check()).contains("A/D update needed but walk not coherent");
  }

  @Test
  void deviceTlbRequests() {
    Rig rig = rig(false);
    DmaRequest request =
        Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, R | W)
            .addressType(DmaRequest.AT_TRANSLATION_REQUEST);
    assertThat(rig.unit.explainer().explain(request).check())
        .contains("translation request: rw of rw granted");
    rig.poke(NestedTables.FIRST_ENTRIES[0], 0);
    assertThat(rig.unit.explainer().explain(request).check())
        .contains("success with R=W=0", "SFS.2", "P=0 in FS-PTE[0x056]");
    request.addressType(DmaRequest.AT_TRANSLATED);
    assertThat(rig.unit.explainer().explain(request).check())
        .contains("host physical one, only its range is checked");
  }

  @Test
  void executeAndSupervisor() {
    Rig rig = rig(false);
    rig.poke(0x13_0D00L, 0x49L, 0x80_0001L, 0x30_0073L);
    rig.poke(0x30_3000L + 0x056 * 8, 0x8000_0005_DEAD_B065L);
    DmaRequest request = Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, X);
    assertThat(rig.unit.explainer().explain(request).check()).contains("SGN.3", "NXE=1 and XD=1");
    request.access(W).privileged(true);
    assertThat(rig.unit.explainer().explain(request).check()).contains("SGN.6", "R/W=0");
    rig.poke(0x30_3000L + 0x056 * 8, 0x5_DEAD_B067L);
    request.access(X);
    assertThat(rig.unit.explainer().explain(request).check()).contains("SMEP=1 and a user page");
  }

  /**
   * Cached and from memory differ: STALE, with the invalidation that removes it; nothing changes.
   */
  @Test
  void staleNestedTranslations() {
    Rig rig = rig(false);
    rig.unit.translate(NestedTables.read());
    rig.poke(NestedTables.secondEntry(0, 1), 0x7_7777_7003L);
    Explanation story = rig.unit.explainer().explain(NestedTables.read());
    assertThat(story.result().address()).isEqualTo(0x7_7777_7ABCL);
    assertThat(story.cached().address()).isEqualTo(0x9_1234_5ABCL);
    assertThat(story.stale()).startsWith("STALE").contains("p_iotlb_inv page", "PASID 0x1234");
  }

  @Test
  void legacyMode() {
    Explanation story =
        rig(true).unit.explainer().explain(Fixture.request(Fixture.SECOND_STAGE_IOVA, R));
    assertThat(story.steps())
        .extracting(Step::name)
        .containsExactly(
            "root-entry[03]",
            "context-entry[03:05.1]",
            "SS-PML4E[0x024]",
            "SS-PDPE[0x0d1]",
            "SS-PDE[0x0b3]",
            "SS-PTE[0x189]");
  }
}
