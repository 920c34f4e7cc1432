package org.ioasis.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Stream table entries against the literal words of the fact sheet, section "STEs" of its worked
 * examples, which agree with the field macros of Linux' arm-smmu-v3.h.
 */
class SteTest {
  /** Stage 1, linear table of 16 CDs at 0x8_1234_0000, SSID 0 for requests without one. */
  private static final long[] STAGE_1 = {
    0x200000081234000BL, 0x00001000000000D6L, 0, 0, 0, 0, 0, 0
  };

  /** Stage 2, VMID 5, 40-bit IPA, 4K, output 48 bits, tables at 0x9_0000_2000. */
  private static final long[] STAGE_2 = {
    0x000000000000000DL, 0x0000100000000000L, 0x044D355800000005L, 0x0000000900002000L, 0, 0, 0, 0
  };

  /** Both, MEV=1, split-stage ATS. */
  private static final long[] NESTED = {
    0x200000081234000FL, 0x00001000200800D6L, 0x044D355800000005L, 0x0000000900002000L, 0, 0, 0, 0
  };

  @Test
  void stage1() {
    assertThat(Ste.V.get(STAGE_1)).isEqualTo(1);
    assertThat(Ste.CONFIG.get(STAGE_1)).isEqualTo(5);
    assertThat(Ste.S1FMT.get(STAGE_1)).isZero();
    assertThat(Ste.S1CONTEXTPTR.inPlace(STAGE_1)).isEqualTo(0x8_1234_0000L);
    assertThat(Ste.S1CDMAX.get(STAGE_1)).isEqualTo(4);
    assertThat(Ste.S1DSS.get(STAGE_1)).isEqualTo(2);
    assertThat(Ste.S1CIR.get(STAGE_1)).isEqualTo(1);
    assertThat(Ste.S1COR.get(STAGE_1)).isEqualTo(1);
    assertThat(Ste.S1CSH.get(STAGE_1)).isEqualTo(3);
    assertThat(Ste.SHCFG.get(STAGE_1)).isEqualTo(1);
    assertThat(Ste.EATS.get(STAGE_1)).isZero();
    assertThat(Ste.STRW.get(STAGE_1)).isZero();
  }

  @Test
  void stage1WithTwoLevelsAndAts() {
    long[] words = {0xA00000081234002BL, 0x00001000100000D6L, 0, 0, 0, 0, 0, 0};
    assertThat(Ste.S1CDMAX.get(words)).isEqualTo(20);
    assertThat(Ste.S1FMT.get(words)).isEqualTo(2);
    assertThat(Ste.EATS.get(words)).isEqualTo(1);
  }

  @Test
  void stage2() {
    assertThat(Ste.CONFIG.get(STAGE_2)).isEqualTo(6);
    assertThat(Ste.S2VMID.get(STAGE_2)).isEqualTo(5);
    assertThat(Ste.S2T0SZ.get(STAGE_2)).isEqualTo(24);
    assertThat(Ste.S2SL0.get(STAGE_2)).isEqualTo(1);
    assertThat(Ste.S2IR0.get(STAGE_2)).isEqualTo(1);
    assertThat(Ste.S2OR0.get(STAGE_2)).isEqualTo(1);
    assertThat(Ste.S2SH0.get(STAGE_2)).isEqualTo(3);
    assertThat(Ste.S2TG.get(STAGE_2)).isZero();
    assertThat(Ste.S2PS.get(STAGE_2)).isEqualTo(5);
    assertThat(Ste.S2AA64.get(STAGE_2)).isEqualTo(1);
    assertThat(Ste.S2ENDI.get(STAGE_2)).isZero();
    assertThat(Ste.S2AFFD.get(STAGE_2)).isZero();
    assertThat(Ste.S2PTW.get(STAGE_2)).isEqualTo(1);
    assertThat(Ste.S2HD.get(STAGE_2)).isZero();
    assertThat(Ste.S2HA.get(STAGE_2)).isZero();
    assertThat(Ste.S2S.get(STAGE_2)).isZero();
    assertThat(Ste.S2R.get(STAGE_2)).isEqualTo(1);
    assertThat(Ste.S2TTB.inPlace(STAGE_2[3])).isEqualTo(0x9_0000_2000L);
  }

  @Test
  void another44BitInputSize() {
    long[] words = {0xD, 0, 0x044C359400000005L, 0, 0, 0, 0, 0};
    assertThat(Ste.S2T0SZ.get(words)).isEqualTo(20);
    assertThat(Ste.S2SL0.get(words)).isEqualTo(2);
    assertThat(Ste.S2PS.get(words)).isEqualTo(4);
  }

  @Test
  void nested() {
    assertThat(Ste.CONFIG.get(NESTED)).isEqualTo(7);
    assertThat(Ste.MEV.get(NESTED)).isEqualTo(1);
    assertThat(Ste.EATS.get(NESTED)).isEqualTo(2);
    assertThat(Ste.LAYOUT.format(NESTED))
        .startsWith("V=1 Config=7 S1Fmt=0 S1ContextPtr=0x812340000 S1CDMax=4 S1DSS=2 ")
        .contains(" S2TTB=0x900002000 ")
        .doesNotContain("RSVD");
  }

  @Test
  void abortAndBypass() {
    assertThat(Ste.CONFIG.get(0x1L)).isEqualTo(0);
    assertThat(Ste.CONFIG.get(0x9L)).isEqualTo(4);
    assertThat(Ste.SHCFG.get(0x0000100000000000L)).isEqualTo(1);
  }

  @Test
  void reservedBitsAreThoseTheTableLeavesOut() {
    assertThat(Ste.LAYOUT.reserved(0)).isEqualTo(0x0700_0000_0000_0000L);
    assertThat(Ste.LAYOUT.reserved(1)).isEqualTo(0x0000_0E00_0000_0000L);
    assertThat(Ste.LAYOUT.reserved(2)).isZero();
    assertThat(Ste.LAYOUT.reserved(3)).isEqualTo(0x9F00_0000_0000_0000L);
    assertThat(Ste.LAYOUT.reserved(4)).isEqualTo(0x0000_3F00_0000_0000L);
    assertThat(Ste.LAYOUT.reserved(5)).isEqualTo(0xFF00_0000_0000_0000L);
    assertThat(Ste.LAYOUT.reserved(6)).isEqualTo(0x9F00_0000_0000_0008L);
    assertThat(Ste.LAYOUT.reserved(7)).isZero();
  }
}
