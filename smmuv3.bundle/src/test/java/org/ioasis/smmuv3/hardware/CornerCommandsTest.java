package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Corner cases 15 to 34 of the fact sheet: commands. */
class CornerCommandsTest {
  private static final long PAGE = Rig.IOVA & -0x1000L;
  private static final String OLD = "ok 500abc", NEW = "ok 502abc";

  private static void assertIllegal(Rig rig, long lo, long hi) {
    long before = rig.r32(0x9C) & 0xFFFFF;
    long errors = rig.r32(0x60) & 1;
    rig.command(lo, hi);
    assertThat(rig.r32(0x9C)).as("%x %x", lo, hi).isEqualTo(0x100_0000 | before);
    assertThat(rig.r32(0x60) & 1).isEqualTo(errors ^ 1);
    rig.poke(Rig.COMMANDS + (before & 63) * 16, 0x46, 0).acknowledge();
    assertThat(rig.r32(0x9C) & 0xFFFFF).isEqualTo((before + 1) & 127);
  }

  /** Caches IOVA, then changes its leaf behind the unit. */
  private static Rig stale() {
    Rig rig = Rig.full();
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OLD);
    rig.poke(Rig.LEAF, 0x50_2F47L);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("cached").isEqualTo(OLD);
    return rig;
  }

  @Test
  @DisplayName("15: unknown opcodes")
  void case15() {
    Rig rig = Rig.full();
    for (int opcode : new int[] {0, 0x07, 0x08, 0x18, 0x1A, 0x29, 0x50, 0x60, 0x70, 0x80, 0xFF}) {
      assertIllegal(rig, opcode, 0);
    }
  }

  @Test
  @DisplayName("16: SSec")
  void case16() {
    Rig rig = Rig.full();
    for (int opcode : new int[] {0x01, 0x03, 0x04, 0x40, 0x44, 0x45}) {
      assertIllegal(rig, opcode | 0x400, 31);
    }
  }

  @Test
  @DisplayName("17: a command mended in place goes on after the acknowledgement")
  void case17() {
    Rig rig = Rig.full().command(0x46, 0).command(0xFF, 0).command(0x46, 0);
    assertThat(rig.r32(0x9C)).isEqualTo(0x100_0001);
    rig.poke(Rig.COMMANDS + 16, 0x46, 0);
    assertThat(rig.w32(0x98, 3).r32(0x9C)).as("a doorbell alone").isEqualTo(0x100_0001);
    assertThat(rig.acknowledge().r32(0x9C) & 0xFFFFF).isEqualTo(3);
  }

  @Test
  @DisplayName("18: acknowledged and not mended: the same error again")
  void case18() {
    Rig rig = Rig.full().command(0xFF, 0).acknowledge();
    assertThat(rig.r32(0x9C)).isEqualTo(0x100_0000);
    assertThat(rig.r32(0x60) ^ rig.r32(0x64)).isEqualTo(1);
  }

  @Test
  @DisplayName("19: commands of features that are not there")
  void case19() {
    Rig plain = Rig.emulated();
    for (int opcode : new int[] {0x20, 0x21, 0x22, 0x23, 0x40, 0x41, 0x44, 0x45}) {
      assertIllegal(plain, opcode, 0);
    }
    Rig second = Rig.of(0x0D44_1019L, 0x0273_0010L, 0x1414L, 0x74L);
    for (int opcode : new int[] {0x05, 0x06, 0x10, 0x11, 0x12, 0x13}) {
      assertIllegal(second, opcode, 0);
    }
    Rig first = Rig.of(0x0D44_101AL, 0x0273_0010L, 0x1404L, 0x74L);
    assertIllegal(first, 0x28, 0);
    assertIllegal(first, 0x2A, 0);
    assertThat(first.command(0x30, 0).r32(0x60) ^ first.r32(0x64)).isZero();
  }

  @Test
  @DisplayName("20: RESUME and STALL_TERM with STALL_MODEL=1")
  void case20() {
    Rig rig = Rig.of(SmmuProfiles.FULL_IDR0 | 1 << 24, SmmuProfiles.FULL_IDR1, 0x734, 0x75);
    assertIllegal(rig, 0x1_0000_1044L, 0);
    assertIllegal(rig, 0x1_0000_0045L, 0);
  }

  @Test
  @DisplayName("21: SYNC with CS=3")
  void case21() {
    assertIllegal(Rig.full(), 0x3046, 0);
  }

  @Test
  @DisplayName("22: SYNC messages: none, address 0, one that meets nothing")
  void case22() {
    Rig rig = Rig.full().command(0x0046, 0x9000).command(0x77_0000_1046L, 0);
    assertThat(rig.messages).isEmpty();
    rig.command(0x77_0000_1046L, 0x9000);
    assertThat(rig.messages).containsExactly("9000=77");
    rig.noMessagesTo(0x9100);
    rig.command(0x77_0000_1046L, 0x9100);
    assertThat(rig.r32(0x60)).as("MSI_CMDQ_ABT_ERR").isEqualTo(0x10);
    assertThat(rig.r32(0x9C)).as("the queue goes on").isEqualTo(4);
    assertThat(rig.command(0x2046, 0).r32(0x9C)).as("SEV completes").isEqualTo(5);
  }

  @Test
  @DisplayName("23: a message into the slot of its own SYNC")
  void case23() {
    Rig rig = Rig.full().command(0x0FC0_1046L, Rig.COMMANDS);
    assertThat(rig.peek(Rig.COMMANDS)).isZero();
    assertThat(rig.r32(0x9C)).isEqualTo(1);
  }

  @Test
  @DisplayName("24: ranges at their ends")
  void case24() {
    assertIllegal(Rig.full(), 0x12, PAGE | 0x400);
    assertIllegal(Rig.full(), 0x2A, 0x400);
    Rig whole = stale().command(0x002A_0000_01F1_F012L, 0x400); // NUM and SCALE 31
    assertThat(whole.read(Rig.SID, Rig.IOVA)).isEqualTo(NEW);
    Rig top = stale().command(0x002A_0000_01F1_F012L, 0xFFFF_FFFF_FFFF_F400L);
    assertThat(top.read(Rig.SID, Rig.IOVA)).as("no wrap past the top").isEqualTo(OLD);
    Rig before = stale().command(0x002A_0000_0000_0012L | 1 << 12, PAGE - 0x2000 | 0x400);
    assertThat(before.read(Rig.SID, Rig.IOVA)).as("two pages below").isEqualTo(OLD);
    Rig misaligned = stale().command(0x002A_0000_0020_0012L, PAGE - 0x1000 | 0x701);
    assertThat(misaligned.read(Rig.SID, Rig.IOVA)).isEqualTo(NEW);
    Rig sixteen = Rig.of(SmmuProfiles.FULL_IDR0, SmmuProfiles.FULL_IDR1, 0x734, 0x75);
    assertIllegal(sixteen, 0x12, 0x900); // TG=2, TTL=1, no DS: as TTL=0
    Rig withDs = Rig.full().command(0x12, 0x900);
    assertThat(withDs.r32(0x9C)).as("with DS it is legal").isEqualTo(1);
    Rig noRanges = Rig.of(SmmuProfiles.FULL_IDR0, SmmuProfiles.FULL_IDR1, 0x334, 0x75);
    assertThat(noRanges.command(0x12, 0x400).r32(0x9C)).as("fields without RIL").isEqualTo(1);
  }

  @Test
  @DisplayName("25: Leaf=1 keeps the walk cache, Leaf=0 does not")
  void case25() {
    Rig rig = stale().command(0x002A_0000_0000_0012L, PAGE | 1);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(NEW);
    rig.poke(0x40_2598, 0x40_4003L).poke(0x40_4C48, 0x50_3F47L);
    rig.command(0x002A_0000_0000_0012L, PAGE | 1);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("the old leaf table").isEqualTo(NEW);
    rig.command(0x002A_0000_0000_0012L, PAGE);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("ok 503abc");
  }

  @Test
  @DisplayName("26: NH_VA removes global translations, NH_ASID does not")
  void case26() {
    Rig rig = Rig.full().poke(Rig.LEAF, 0x50_0747L);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OLD);
    rig.poke(Rig.LEAF, 0x50_2747L).command(0x002A_0000_0000_0011L, 0);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OLD);
    rig.command(0x0099_0000_0000_0012L, PAGE | 1);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("whatever the ASID").isEqualTo(NEW);
  }

  @Test
  @DisplayName("27: VMIDs are told apart, VMW joins them")
  void case27() {
    Rig rig = Rig.full();
    rig.read(Rig.SID_2, Rig.IPA);
    rig.poke(Rig.LEAF_2, 0x50_27FFL).command(0x4_0000_0028L, 0).command(0x7_0000_0028L, 0);
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).isEqualTo("ok 501678");
    rig.w32(0x20, 0xF | 1 << 6).command(0x4_0000_0028L, 0);
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).as("VMID 4 and 5").isEqualTo("ok 502678");
  }

  @Test
  @DisplayName("28: S2_IPA leaves combined translations")
  void case28() {
    Rig rig = nested();
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).isEqualTo(OLD);
    rig.poke(Rig.IDENTITY, 0x7FDL | 0x4000_0000L).command(0x5_0000_002AL, Rig.PAGE);
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).isEqualTo(OLD);
    rig.poke(Rig.IDENTITY, 0x7FDL).poke(Rig.LEAF, 0x50_2F47L).command(0x5_0000_0010L, 0);
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).as("NH_ALL removes them").isEqualTo(NEW);
  }

  private static Rig nested() {
    return Rig.full();
  }

  @Test
  @DisplayName("29: CFGI_STE takes the CDs along, CFGI_CD takes one")
  void case29() {
    Rig rig = Rig.full();
    rig.read(Rig.SID, Rig.IOVA);
    rig.poke(Rig.CD, 0).command(0x1_0000_1005L, 1);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("CFGI_CD of SubstreamID 1").isEqualTo(OLD);
    rig.command(0x1_0000_0003L, 1);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("FAULT a");
    rig.poke(Rig.CD, Rig.CD_Q0);
    rig.read(Rig.SID, Rig.IOVA);
    rig.poke(Rig.CD, 0).command(0x1_0000_0005L, 1);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("FAULT a");
  }

  @Test
  @DisplayName("30: CFGI_STE_RANGE with an unaligned StreamID")
  void case30() {
    Rig rig = Rig.full();
    rig.read(Rig.SID, Rig.IOVA);
    rig.read(Rig.SID_BYPASS, 0x1000);
    rig.poke(Rig.STREAMS + 64, 1).poke(Rig.STREAMS + 256, 1).command(0x2_0000_0004L, 1);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("0 to 3").isEqualTo("ABORTED");
    assertThat(rig.read(Rig.SID_BYPASS, 0x1000)).as("4 stays").isEqualTo("ok 1000");
  }

  @Test
  @DisplayName("31: TLBI does not refresh an STE")
  void case31() {
    Rig rig = Rig.full();
    rig.read(Rig.SID, Rig.IOVA);
    rig.poke(Rig.STREAMS + 64, 1).command(0x30, 0).command(0x46, 0);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OLD);
  }

  @Test
  @DisplayName("32: a command that cannot be fetched")
  void case32() {
    Rig rig = Rig.full().w32(0x20, 5).w64(0x90, 0x7000_0006L).w32(0x20, 0xD).w32(0x98, 1);
    assertThat(rig.r32(0x9C)).isEqualTo(0x200_0000);
    assertThat(rig.r32(0x60)).isEqualTo(1);
  }

  @Test
  @DisplayName("33: a device that does not answer ATC_INV")
  void case33() {
    Rig rig = Rig.full();
    rig.device.silent = true;
    rig.command(0x1_0000_3840L, 0x34).command(0x46, 0);
    assertThat(rig.device.take()).containsExactly("atc 0+2^64 pasid 3");
    assertThat(rig.r32(0x9C)).as("the SYNC waits").isEqualTo(1);
    rig.advance(499);
    assertThat(rig.r32(0x9C)).isEqualTo(1);
    rig.advance(1);
    assertThat(rig.r32(0x9C)).isEqualTo(0x300_0001);
    assertThat(rig.r32(0x60)).isEqualTo(1);
    rig.acknowledge();
    assertThat(rig.r32(0x9C) & 0xFFFFF).as("the SYNC again").isEqualTo(2);
    rig.command(0x1_0000_0040L, 0x1000).command(0x46, 0);
    rig.device.unanswered.get(1).run();
    assertThat(rig.r32(0x9C) & 0xFFFFF).as("answered in time").isEqualTo(4);
    rig.command(0x99_0000_0040L, 0x1000).command(0x46, 0);
    assertThat(rig.r32(0x9C) & 0xFFFFF).as("nobody there").isEqualTo(6);
  }

  @Test
  @DisplayName("34: CMDQEN cleared in the middle of a batch")
  void case34() {
    Rig rig = Rig.full();
    rig.openBurst();
    rig.command(0x46, 0).command(0x30, 0);
    rig.drain();
    assertThat(rig.r32(0x9C)).as("waits for the burst").isZero();
    rig.w32(0x20, 7);
    rig.drain();
    assertThat(rig.r32(0x24) & 8).as("acknowledged").isZero();
    assertThat(rig.r32(0x9C)).as("the SYNC is not consumed").isZero();
    rig.closeBurst();
    rig.w32(0x20, 0xF);
    rig.drain();
    assertThat(rig.r32(0x9C)).isEqualTo(2);
  }
}
