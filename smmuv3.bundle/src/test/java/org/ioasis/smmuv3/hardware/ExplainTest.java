package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.explain.Explanation;
import org.ioasis.api.explain.Step;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What explain tells of the worked examples, of faults, and of what is stale. */
class ExplainTest {
  private static Explanation explain(Rig rig, int sid, long iova, int access) {
    return rig.unit
        .explainer()
        .explain(new DmaRequest().set(sid, DmaRequest.NO_PASID, iova, 4, access));
  }

  @Test
  @DisplayName("a translation through stage 1: every structure with its place")
  void stage1() {
    Explanation story = explain(Rig.full(), Rig.SID, Rig.IOVA, DmaRequest.READ);
    assertThat(story.steps())
        .extracting(Step::name)
        .containsExactly(
            "STE[0x1]",
            "CD[0x0]",
            "stage-1 level 0",
            "stage-1 level 1",
            "stage-1 level 2",
            "stage-1 level 3");
    assertThat(story.steps())
        .extracting(Step::address)
        .containsExactly(0x10_0040L, 0x30_0000L, 0x40_0120L, 0x40_1688L, 0x40_2598L, 0x40_3C48L);
    assertThat(story.result()).isEqualTo(Answer.ok(Rig.PA, 12, 7));
    assertThat(story.check()).isEqualTo("stage 1 translates");
    assertThat(story.cached()).isNull();
    assertThat(story.stale()).isEmpty();
  }

  @Test
  @DisplayName("a fault names its event and the check that decided")
  void fault() {
    Rig rig = Rig.full().poke(Rig.LEAF, 0x50_0FC7L);
    Explanation story = explain(rig, Rig.SID, Rig.IOVA, DmaRequest.WRITE);
    assertThat(story.result()).isEqualTo(Answer.fault(0x13));
    assertThat(story.faultName()).isEqualTo("F_PERMISSION");
    assertThat(story.check()).contains("stage 1", "unprivileged write", "AP=3");
    Explanation unrecorded =
        explain(rig.poke(Rig.CD, Rig.CD_Q0 & ~(1L << 45)), Rig.SID, 0, DmaRequest.READ);
    assertThat(unrecorded.result()).isEqualTo(Answer.blocked(0x10));
    assertThat(unrecorded.meaning()).contains("not to be recorded");
    assertThat(explain(rig, 0xFF, 0, 1).check()).isEqualTo("C_BAD_STE: V=0");
    assertThat(explain(rig, 0x100, 0, 1).check()).contains("StreamID 0x100 >= 2^8");
    assertThat(rig.events()).as("no side effects").isEmpty();
  }

  @Test
  @DisplayName("nested: each fetch through stage 2")
  void nested() {
    Explanation story = explain(Rig.full(), Rig.SID_NESTED, Rig.IOVA, DmaRequest.READ);
    assertThat(story.result()).isEqualTo(Answer.ok(Rig.PA, 12, 7));
    assertThat(story.steps()).filteredOn(step -> step.name().startsWith("stage-2")).hasSize(6);
  }

  @Test
  @DisplayName("bypass, abort, SMMUEN=0")
  void withoutTranslation() {
    Rig rig = Rig.full();
    assertThat(explain(rig, Rig.SID_BYPASS, 0x1234, 1).check()).contains("output is the input");
    rig.poke(Rig.STREAMS + 256, 1);
    assertThat(explain(rig, Rig.SID_BYPASS, 0x1234, 1).check()).isEqualTo("STE.Config=0: abort");
    rig.w32(0x20, 0xC);
    assertThat(explain(rig, Rig.SID, 0x1234, 1).check()).startsWith("SMMUEN=0 and GBPA.ABORT=0");
    assertThat(explain(rig, Rig.SID, 1L << 60, 1).check()).contains("leads nowhere");
    rig.w32(0x44, 0x8010_0000L);
    assertThat(explain(rig, Rig.SID, 0x1234, 1).result()).isEqualTo(Answer.blocked(0));
  }

  @Test
  @DisplayName("a stale translation: both answers and the command that removes it")
  void stale() {
    Rig rig = Rig.full();
    rig.read(Rig.SID, Rig.IOVA);
    assertThat(explain(rig, Rig.SID, Rig.IOVA, 1).stale()).isEmpty();
    rig.poke(Rig.LEAF, 0x50_2F47L);
    Explanation story = explain(rig, Rig.SID, Rig.IOVA, 1);
    assertThat(story.result().address()).isEqualTo(0x50_2ABCL);
    assertThat(story.cached().address()).isEqualTo(Rig.PA);
    assertThat(story.stale())
        .isEqualTo(
            "STALE: TLB entry (block 0x500000, 2^12 bytes, rights rwx/rw-), removed by"
                + " CMD_TLBI_NH_VA (VMID 0x0, ASID 0x2a, Addr 0x123456789000, Leaf 1)");
    rig.command(0x002A_0000_0000_0012L, 0x1234_5678_9001L);
    assertThat(explain(rig, Rig.SID, Rig.IOVA, 1).stale()).as("it does").isEmpty();
  }

  @Test
  @DisplayName("a stale STE, CD, leaf table, stage-2 translation")
  void staleOthers() {
    Rig rig = Rig.full();
    rig.read(Rig.SID, Rig.IOVA);
    rig.read(Rig.SID_2, Rig.IPA);
    rig.poke(Rig.CD, 0);
    assertThat(explain(rig, Rig.SID, Rig.IOVA, 1).stale())
        .contains("cached CD, removed by CMD_CFGI_CD (StreamID 0x1, SubstreamID 0x0, Leaf 1)");
    rig.poke(Rig.STREAMS + 64, 1);
    assertThat(explain(rig, Rig.SID, Rig.IOVA, 1).stale())
        .contains("cached STE, removed by CMD_CFGI_STE (StreamID 0x1, Leaf 1)");
    rig.poke(Rig.LEAF_2, 0);
    assertThat(explain(rig, Rig.SID_2, Rig.IPA, 1).stale())
        .contains("CMD_TLBI_S2_IPA (VMID 0x5, Addr 0x9812345000, Leaf 1)");
    Rig other = Rig.full();
    other.read(Rig.SID, Rig.IOVA);
    other.command(0x002A_0000_0000_0012L, 0x1234_5678_9001L).poke(0x40_2598, 0);
    assertThat(explain(other, Rig.SID, Rig.IOVA, 1).stale())
        .contains("walk cache entry for the table at 0x403000", "Leaf 0");
  }

  @Test
  @DisplayName("ATS: the structures, and the unit's answer")
  void ats() {
    Rig rig = Rig.full();
    DmaRequest request =
        new DmaRequest()
            .set(Rig.SID, DmaRequest.NO_PASID, Rig.IOVA, 4, 1)
            .addressType(DmaRequest.AT_TRANSLATION_REQUEST);
    Explanation story = rig.unit.explainer().explain(request);
    assertThat(story.faultName()).isEqualTo("F_BAD_ATS_TREQ");
    assertThat(story.check()).contains("EATS=0", "stage 1 translates");
    assertThat(story.steps()).hasSize(6);
    assertThat(rig.events()).isEmpty();
  }
}
