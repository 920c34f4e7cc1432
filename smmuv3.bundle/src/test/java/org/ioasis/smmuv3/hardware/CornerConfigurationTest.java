package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Corner cases 35 to 50 of the fact sheet: stream tables, STEs, CDs. */
class CornerConfigurationTest {
  private static final String BAD_STREAM = "FAULT 2", BAD_STE = "FAULT 4", BAD_CD = "FAULT a";
  private static final String BAD_SUBSTREAM = "FAULT 8", OK = "ok 500abc";

  private static Rig twoLevel(int split, int log2size) {
    Rig rig = Rig.full().w32(0x20, 0xC).w64(0x80, 0x13_0000);
    rig.w32(0x88, 0x1_0000 | split << 6 | log2size);
    return rig.poke(0x14_0000 + 64, 0xBL | Rig.CD, 0, 0, 0).w32(0x20, 0xD);
  }

  @Test
  @DisplayName("35: StreamIDs out of range, spans, second-level indexes")
  void case35() {
    Rig linear = Rig.full();
    assertThat(linear.read(0x100, 0)).isEqualTo(BAD_STREAM);
    assertThat(linear.read(0xFF, 0)).isEqualTo(BAD_STE);
    assertThat(linear.read(0x1_0001, 0)).isEqualTo(BAD_STREAM);
    Rig rig = twoLevel(8, 10);
    for (int span : new int[] {0, 10, 11, 12, 31}) {
      rig.poke(0x13_0000, 0x14_0000 | span).forget();
      assertThat(rig.read(1, Rig.IOVA)).as("span %d", span).isEqualTo(BAD_STREAM);
    }
    rig.poke(0x13_0000, 0x14_0000 | 1).forget();
    assertThat(rig.read(1, Rig.IOVA)).as("one STE").isEqualTo(BAD_STREAM);
    rig.poke(0x13_0000, 0x14_0000 | 2).forget();
    assertThat(rig.read(1, Rig.IOVA)).as("the last of two").isEqualTo(OK);
    assertThat(rig.read(2, Rig.IOVA)).as("one beyond").isEqualTo(BAD_STREAM);
    rig.poke(0x13_0000, 0x14_3FC0 | 9).forget();
    assertThat(rig.read(1, Rig.IOVA)).as("256 STEs, low bits of L2Ptr dropped").isEqualTo(OK);
    assertThat(rig.read(0x400, 0)).isEqualTo(BAD_STREAM);
    rig.poke(0x13_0000, 0x7000_0000 | 9).forget().events();
    assertThat(rig.read(1, 0)).isEqualTo("FAULT 3");
    assertThat(rig.events()).containsExactly("100000003 0 0 70000040");
  }

  @Test
  @DisplayName("36: RECINVSID")
  void case36() {
    Rig rig = Rig.full();
    rig.read(0x100, 0);
    assertThat(rig.events()).containsExactly("10000000002 0 0 0");
    rig.w32(0x20, 0xC).w32(0x2C, 0).w32(0x20, 0xD);
    assertThat(rig.read(0x100, 0)).isEqualTo("ABORTED 2");
    assertThat(rig.events()).isEmpty();
  }

  @Test
  @DisplayName("37: Config=0 with rubbish elsewhere is silent")
  void case37() {
    Rig rig = Rig.full().poke(Rig.STREAMS + 64, 0xFFFF_FFFF_FFFF_FFF7L, -1, -1, -1, -1, -1, -1, -1);
    assertThat(rig.read(Rig.SID, 0)).isEqualTo("ABORTED");
    assertThat(rig.events()).isEmpty();
  }

  @Test
  @DisplayName("38: V=0 made valid: seen without an invalidation, since nothing invalid is cached")
  void case38() {
    Rig rig = Rig.full().poke(Rig.STREAMS + 64, 0);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(BAD_STE);
    rig.poke(Rig.STREAMS + 64, 0xBL | Rig.CD);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OK);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // what, word, xor, legal neighbour's xor
    "stage 1 with S1CDMax 21 and 20,      1, 0, A800000000000000, A000000000000000",
    "EATS 2 without stage 2 and EATS 1,   1, 1, 20000000, 10000000",
    "EATS 3 and 0,                        1, 1, 30000000, 0",
    "STRW 1 and 2,                        1, 1, 40000000, 80000000",
    "STRW 3 and 0,                        1, 1, C0000000, 0",
    "S1ContextPtr beyond OAS and below,   1, 0, 0010000000000000, 0",
    "EATS 1 with S2S and without,         2, 12, 0200000010000000, 0",
    "S2AA64 0 and 1,                      2, 2, 0008000000000000, 0",
    "S2T0SZ 11 and 24,                    2, 2, 0000001300000000, 0",
    "S2T0SZ 49 and 24,                    2, 2, 0000002900000000, 0",
    "S2T0SZ 20 and 21 with S2SL0 1,       2, 2, 0000000C00000000, 0000000D00000000",
    "S2T0SZ 34 and 33 with S2SL0 1,       2, 2, 0000003A00000000, 0000003900000000",
    "S2TG 3 and 0,                        2, 2, 0000C00000000000, 0",
    "S2SL0 0 and 1,                       2, 2, 0000004000000000, 0",
    "S2TTB beyond S2PS and below,         2, 3, 0001000000000000, 0",
  })
  @DisplayName("39: every rule of an STE with a legal neighbour")
  void case39(String rule, int sid, int word, String illegal, String legal) {
    Rig rig = Rig.full();
    long at = Rig.STREAMS + sid * 64L;
    if (word == 12) {
      rig.poke(at + 8, 0x1000_0000L).poke(at + 16, Rig.STE_Q2 | 1L << 57);
      assertThat(rig.read(sid, Rig.IPA)).isEqualTo(BAD_STE);
      rig.poke(at + 16, Rig.STE_Q2);
      assertThat(rig.read(sid, Rig.IPA)).isNotEqualTo(BAD_STE);
      return;
    }
    long before = rig.peek(at + 8L * word);
    rig.poke(at + 8L * word, before ^ Long.parseUnsignedLong(illegal, 16));
    assertThat(rig.read(sid, Rig.IPA)).as(rule).isEqualTo(BAD_STE);
    assertThat(rig.events()).containsExactly("%x00000004 0 0 0".formatted(sid));
    rig.poke(at + 8L * word, before ^ Long.parseUnsignedLong(legal, 16));
    assertThat(rig.read(sid, Rig.IPA)).as("the neighbour of " + rule).isNotEqualTo(BAD_STE);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "V 0 and 1,                       0, 0000000080000000, 0",
    "AA64 0 and 1,                    0, 0000020000000000, 0",
    "T0SZ 15 and 16,                  0, 000000000000001F, 0",
    "T0SZ 49 and 48,                  0, 0000000000000021, 0000000000000020",
    "TG0 3 and 0,                     0, 00000000000000C0, 0",
    "T1SZ 0 enabled and disabled,     0, 0000000040000000, 0",
    "TG1 0 enabled,                   0, 0000000040100000, 0",
    "IPS 32 bits and 48,              1, 0000000100000000, 0",
  })
  @DisplayName("39: every rule of a CD with a legal neighbour")
  void case39Cd(String rule, int word, String illegal, String legal) {
    Rig rig = Rig.full();
    long before = rig.peek(Rig.CD + 8L * word);
    if (rule.startsWith("IPS")) {
      rig.poke(Rig.CD, Rig.CD_Q0 & ~(7L << 32)).poke(Rig.CD + 8, 0x1_0040_0000L);
    } else {
      rig.poke(Rig.CD + 8L * word, before ^ Long.parseUnsignedLong(illegal, 16));
    }
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as(rule).isEqualTo(BAD_CD);
    assertThat(rig.events()).containsExactly("10000000a 0 0 0");
    rig.poke(Rig.CD, Rig.CD_Q0, Rig.TTB);
    rig.poke(Rig.CD + 8L * word, before ^ Long.parseUnsignedLong(legal, 16));
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isNotEqualTo(BAD_CD);
  }

  @Test
  @DisplayName("39: what a smaller machine refuses: HTTU, S, A, ASID, VMID, TxSZ, DS, stage")
  void case39Machine() {
    Rig rig = Rig.emulated();
    long[] refused = {1L << 43, 1L << 42, 1L << 44, 1L << 46, 1L << 15, 0x1F ^ 15, 40 ^ 16};
    for (long bits : refused) {
      rig.poke(Rig.CD, Rig.CD_Q0 ^ bits);
      assertThat(rig.read(Rig.SID, Rig.IOVA)).as("CD %x", bits).isEqualTo(BAD_CD);
    }
    long[] stage2 = {1L << 56, 1L << 55, 1L << 57, 1L << 52, (40L ^ 24) << 32};
    for (long bits : stage2) {
      rig.poke(Rig.STREAMS + 128 + 16, Rig.STE_Q2 ^ bits);
      assertThat(rig.read(Rig.SID_2, Rig.IPA)).as("STE %x", bits).isEqualTo(BAD_STE);
    }
    Rig narrow = Rig.of(0x0D40_001BL, 0x0273_0010L, 0x1414L, 0x74L);
    assertThat(narrow.read(Rig.SID, Rig.IOVA)).isEqualTo(OK);
    narrow.poke(Rig.CD, Rig.CD_Q0 | 1L << 56).forget();
    assertThat(narrow.read(Rig.SID, Rig.IOVA)).as("ASID16=0").isEqualTo(BAD_CD);
    Rig first = Rig.of(0x0D44_101AL, 0x0273_0010L, 0x1404L, 0x74L);
    assertThat(first.read(Rig.SID_2, 0)).as("S2P=0").isEqualTo(BAD_STE);
    Rig second = Rig.of(0x0D44_1019L, 0x0273_0010L, 0x1414L, 0x74L);
    assertThat(second.read(Rig.SID, 0)).as("S1P=0").isEqualTo(BAD_STE);
  }

  @ParameterizedTest(name = "S1DSS={0}, SubstreamID {1}: {2}")
  @CsvSource({
    "0, -1, FAULT 6",
    "1, -1, ok 123456789abc",
    "2, -1, ok 500abc",
    "3, -1, FAULT 6",
    "0, 0, ok 500abc",
    "1, 0, ok 500abc",
    "2, 0, FAULT 8",
    "2, 1, ok 500abc",
    "0, 15, FAULT a",
    "0, 16, FAULT 8",
    "2, 1048575, FAULT 8",
  })
  @DisplayName("40: S1DSS with and without a SubstreamID")
  void case40(int s1dss, int ssid, String outcome) {
    Rig rig = Rig.full();
    rig.poke(Rig.STREAMS + 64, 0x2000_0000_0000_000BL | Rig.CD, s1dss);
    rig.poke(Rig.CD + 64, Rig.CD_Q0, Rig.TTB);
    assertThat(rig.ask(rig.request.set(1, ssid, Rig.IOVA, 4, 1))).isEqualTo(outcome);
    if (outcome.equals(BAD_SUBSTREAM)) {
      assertThat(rig.events())
          .as("no SSV")
          .containsExactly("%x 0 0 0".formatted(1L << 32 | (long) ssid << 12 | 8));
    }
  }

  @Test
  @DisplayName("41: a SubstreamID with S1CDMax=0")
  void case41() {
    Rig rig = Rig.full();
    assertThat(rig.ask(rig.request.set(1, 0, Rig.IOVA, 4, 1))).isEqualTo(BAD_SUBSTREAM);
  }

  @Test
  @DisplayName("42: CD tables of two levels at their borders")
  void case42() {
    Rig rig = Rig.full();
    for (int format = 1; format <= 2; format++) {
      int split = format == 1 ? 6 : 10;
      int first = (1 << split) - 1;
      rig.poke(Rig.STREAMS + 64, 12L << 59 | 0xB | format << 4 | 0x31_0000);
      rig.poke(0x31_0000, 0x32_0001, format == 1 ? 0x33_0001 : 0x33_F001);
      rig.poke(0x32_0000 + first * 64L, Rig.CD_Q0, Rig.TTB);
      rig.poke(0x33_0000, Rig.CD_Q0 ^ 1L << 60, Rig.TTB).forget();
      assertThat(rig.ask(rig.request.set(1, first, Rig.IOVA, 4, 1))).isEqualTo(OK);
      assertThat(rig.ask(rig.request.set(1, first + 1, Rig.IOVA, 4, 1))).isEqualTo(OK);
    }
  }

  @Test
  @DisplayName("43: L1CD invalid, or leading nowhere")
  void case43() {
    Rig rig = Rig.full().poke(Rig.STREAMS + 64, 12L << 59 | 0x1B | 0x31_0000);
    assertThat(rig.ask(rig.request.set(1, 0, Rig.IOVA, 4, 1))).isEqualTo(BAD_SUBSTREAM);
    rig.poke(0x31_0000, 0x7000_0001L).events();
    assertThat(rig.ask(rig.request.set(1, 2, Rig.IOVA, 4, 1))).isEqualTo("FAULT 9");
    assertThat(rig.events()).containsExactly("100002809 0 0 70000080");
  }

  @Test
  @DisplayName("44: EL2 has one range and no ASID, E2H two and ASIDs")
  void case44() {
    Rig rig = Rig.full().poke(Rig.STREAMS + 64 + 8, 2L << 30);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OK);
    assertThat(rig.read(Rig.SID, Rig.IOVA | -1L << 48)).isEqualTo("FAULT 10");
    rig.poke(Rig.LEAF, 0x50_2F47L).command(0x0099_0000_0000_0021L, 0).command(0x30, 0);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("no ASID, not NSNH").isEqualTo(OK);
    rig.command(0x20, 0);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("EL2_ALL").isEqualTo("ok 502abc");
    rig.w32(0x20, 0xC).w32(0x2C, 3).w32(0x20, 0xD).forget();
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("ok 502abc");
    rig.poke(Rig.LEAF, 0x50_3F47L).command(0x002A_0000_0000_0021L, 0);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("EL2_ASID").isEqualTo("ok 503abc");
    rig.poke(Rig.LEAF, 0x50_4F47L).command(0x002A_0000_0000_0022L, (Rig.IOVA & -0x1000L) | 1);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("EL2_VA").isEqualTo("ok 504abc");
    rig.poke(Rig.LEAF, 0x50_5F47L).command(0x23, (Rig.IOVA & -0x1000L) | 1);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("EL2_VAA").isEqualTo("ok 505abc");
  }

  @Test
  @DisplayName("45: EATS 2 nested is legal, without a split stage not")
  void case45() {
    Rig rig = Rig.full().poke(Rig.STREAMS + 192 + 8, 2L << 28);
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).isEqualTo(OK);
    Rig none =
        Rig.of(SmmuProfiles.FULL_IDR0 | 1 << 11, SmmuProfiles.FULL_IDR1, 0x734, 0x75)
            .poke(Rig.STREAMS + 192 + 8, 2L << 28);
    assertThat(none.read(Rig.SID_NESTED, Rig.IOVA)).isEqualTo(BAD_STE);
  }

  @Test
  @DisplayName("46: S2VMID of 16 bits with VMID16=0")
  void case46() {
    Rig rig = Rig.of(SmmuProfiles.FULL_IDR0 & ~(1L << 18), SmmuProfiles.FULL_IDR1, 0x734, 0x75);
    rig.poke(Rig.STREAMS + 128 + 16, Rig.STE_Q2 | 0x100).poke(Rig.STREAMS + 64 + 16, 0x100);
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).isEqualTo(BAD_STE);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("it tags stage 1 too").isEqualTo(BAD_STE);
    rig.poke(Rig.STREAMS + 256 + 16, 0x100);
    assertThat(rig.read(Rig.SID_BYPASS, 0x1000)).isEqualTo("ok 1000");
  }

  @Test
  @DisplayName("47: bypass and stage 2 with a SubstreamID")
  void case47() {
    Rig rig = Rig.full();
    for (int sid : new int[] {Rig.SID_BYPASS, Rig.SID_2}) {
      assertThat(rig.ask(rig.request.set(sid, 5, 0x1000, 4, 1))).isEqualTo(BAD_SUBSTREAM);
      assertThat(rig.events()).containsExactly("%x00005008 0 0 0".formatted(sid));
    }
  }

  @Test
  @DisplayName("48: TTB and S2TTB at the border of their size")
  void case48() {
    Rig rig = Rig.full().poke(Rig.CD, Rig.CD_Q0 & ~(7L << 32), 0xFFFF_F000L);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("FAULT b");
    rig.poke(Rig.CD, Rig.CD_Q0 & ~(7L << 32), 0x1_0000_0000L).forget();
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(BAD_CD);
    rig.poke(Rig.STREAMS + 128 + 24, 0xFFFF_FFFF_E000L);
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).isEqualTo("FAULT b");
  }

  @Test
  @DisplayName("49: MEV: never merged")
  void case49() {
    Rig rig = Rig.full().poke(Rig.STREAMS + 64 + 8, 1 << 19);
    rig.read(Rig.SID, 0x1000);
    rig.read(Rig.SID, 0x1000);
    assertThat(rig.events()).hasSize(2);
  }

  @Test
  @DisplayName("50: word 0 switches an STE while the others stay")
  void case50() {
    Rig rig = Rig.full();
    rig.read(Rig.SID_2, Rig.IPA);
    rig.poke(Rig.STREAMS + 128, 0x9).command(0x2_0000_0003L, 1);
    assertThat(rig.read(Rig.SID_2, 0x1000)).isEqualTo("ok 1000");
    rig.poke(Rig.STREAMS + 128, 0xD).command(0x2_0000_0003L, 1);
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).isEqualTo("ok 501678");
    assertThat(rig.ask(Rig.SID_2, Rig.IPA, DmaRequest.WRITE)).isEqualTo("ok 501678");
  }
}
