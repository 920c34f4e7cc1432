package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Corner cases 1 to 14 of the fact sheet: registers and queues. */
class CornerRegistersTest {
  @Test
  @DisplayName("1: read-only registers, other sizes, unaligned accesses")
  void case1() {
    Rig rig = Rig.reset();
    for (int offset = 0; offset < 0x20; offset += 4) {
      long before = rig.r32(offset);
      assertThat(rig.w32(offset, ~before).r32(offset)).as("0x%x", offset).isEqualTo(before);
    }
    rig.w32(0x60, -1).w32(0x24, -1).w32(0x54, -1).w32(0x40, -1).w32(0xFE0, 0);
    assertThat(rig.r32(0x60) | rig.r32(0x24) | rig.r32(0x54) | rig.r32(0x40)).isZero();
    assertThat(rig.r32(0xFE0)).isEqualTo(0x84);
    assertThat(rig.unit.mmio().read32(0x82)).isZero();
    assertThat(rig.unit.mmio().read64(0x84)).isZero();
    rig.unit.mmio().write64(0x84, -1);
    rig.unit.mmio().write32(0x82, -1);
    assertThat(rig.r64(0x80)).isZero();
  }

  @Test
  @DisplayName("2: a 64-bit register in two halves, in both orders")
  void case2() {
    Rig rig = Rig.reset();
    rig.w32(0x80, 0x8A00_0040L).w32(0x84, 0x4000_0008L);
    assertThat(rig.r64(0x80)).isEqualTo(0x4000_0008_8A00_0040L);
    rig.w32(0x94, 0x8).w32(0x90, 0xB000_0008L);
    assertThat(rig.r64(0x90)).isEqualTo(0x8_B000_0008L);
    assertThat(rig.r32(0x94)).isEqualTo(8);
  }

  @Test
  @DisplayName("3: reserved bits of CR0 are not in CR0ACK")
  void case3() {
    Rig rig = Rig.reset().w32(0x20, 0xFFFF_FFFEL);
    assertThat(rig.r32(0x24)).isEqualTo(0x1DE);
    assertThat(rig.w32(0x20, 0).r32(0x24)).isZero();
  }

  @Test
  @DisplayName("4: STRTAB_BASE, STRTAB_BASE_CFG, CR2 and the tables' part of CR1 while SMMUEN=1")
  void case4() {
    Rig rig = Rig.full();
    rig.w64(0x80, 0x1234_0000).w32(0x88, 3).w32(0x2C, 0).w32(0x28, 0);
    assertThat(rig.r64(0x80)).isEqualTo(Rig.STREAMS);
    assertThat(rig.r32(0x88)).isEqualTo(8);
    assertThat(rig.r32(0x2C)).isEqualTo(2);
    assertThat(rig.r32(0x28)).isEqualTo(0xD75);
    rig.w32(0x20, 0xE);
    assertThat(rig.w32(0x28, 0).r32(0x28)).as("the queues' part stays").isEqualTo(0x35);
    rig.openBurst();
    rig.w32(0x20, 0xF);
    rig.drain();
    rig.w32(0x20, 0xE);
    assertThat(rig.r32(0x20)).as("a second change before the acknowledgement").isEqualTo(0xF);
    assertThat(rig.r32(0x24)).isEqualTo(0xE);
    rig.closeBurst();
    rig.drain();
    assertThat(rig.r32(0x24)).isEqualTo(0xF);
  }

  @Test
  @DisplayName("5: CMDQ_CONS and CMDQ_BASE while CMDQEN=1 and 0")
  void case5() {
    Rig rig = Rig.full().w32(0x9C, 5).w64(0x90, 0);
    assertThat(rig.r32(0x9C)).isZero();
    assertThat(rig.r64(0x90)).isEqualTo(Rig.COMMANDS | 6);
    rig.w32(0x20, 7).w32(0x9C, 5).w32(0x98, 5);
    assertThat(rig.r32(0x9C)).isEqualTo(5);
  }

  @Test
  @DisplayName("6: GBPA without Update")
  void case6() {
    Rig rig = Rig.reset().w32(0x44, 0x10_0000);
    assertThat(rig.r32(0x44)).isEqualTo(0x1000);
    rig.w32(0x44, 0x8010_0000L);
    assertThat(rig.r32(0x44)).isEqualTo(0x10_1000);
    assertThat(rig.read(1, 0x1000)).isEqualTo("ABORTED");
  }

  @Test
  @DisplayName("7: GBPA while an update is under way")
  void case7() {
    Rig rig = Rig.reset();
    rig.openBurst();
    rig.w32(0x44, 0x8010_0000L).w32(0x44, 0x8000_0000L);
    assertThat(rig.r32(0x44)).isEqualTo(0x8010_1000L);
    rig.closeBurst();
    rig.drain();
    assertThat(rig.r32(0x44)).isEqualTo(0x10_1000);
  }

  @Test
  @DisplayName("8: LOG2SIZE beyond the limit is capped, 0 is one entry")
  void case8() {
    Rig rig = Rig.full().w32(0x20, 5);
    rig.w64(0x90, Rig.COMMANDS | 0).w32(0x98, 0).w32(0x9C, 0);
    rig.poke(Rig.COMMANDS, 0x46, 0).w32(0x20, 0xD).w32(0x98, 1);
    assertThat(rig.r32(0x9C)).isEqualTo(1);
    assertThat(rig.w32(0x98, 0).r32(0x9C)).isZero();
    rig.w32(0x20, 5).w64(0x90, Rig.COMMANDS | 31).w32(0x20, 0xD);
    assertThat(rig.w32(0x98, 1).r32(0x9C)).isEqualTo(1);
    assertThat(rig.w32(0x98, 0x2001).r32(0x9C)).as("bits above the wrap").isEqualTo(1);
  }

  @Test
  @DisplayName("9: low bits of bases are dropped")
  void case9() {
    Rig rig = Rig.full().w32(0x20, 0xC);
    rig.w64(0x80, Rig.STREAMS | 0x3FC0).w32(0x20, 0xD);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("ok 500abc");
    rig.w32(0x20, 8).w64(0xA0, Rig.EVENTS | 0x1E4).w32(0x20, 0xD);
    rig.read(Rig.SID, 0);
    assertThat(rig.peek(Rig.EVENTS)).isEqualTo(0x1_0000_0010L);
  }

  @Test
  @DisplayName("10: page 0 has the registers of page 1 too")
  void case10() {
    Rig rig = Rig.full().w32(0xAC, 3);
    assertThat(rig.r32(0x1_00AC)).isEqualTo(3);
    assertThat(rig.w32(0x1_00CC, 2).r32(0xCC)).isEqualTo(2);
    assertThat(rig.r32(0x1_0020)).as("nothing else of page 0").isZero();
  }

  @Test
  @DisplayName("11: twice through the ring")
  void case11() {
    Rig rig = Rig.full();
    for (int i = 1; i <= 260; i++) {
      rig.command(0x46, 0);
      assertThat(rig.r32(0x9C)).isEqualTo(i & 127);
    }
    for (int i = 0; i < 70; i++) {
      rig.read(Rig.SID, 0);
      assertThat(rig.events()).hasSize(1);
    }
    assertThat(rig.r32(0x1_00A8)).isEqualTo(70 & 31);
  }

  @Test
  @DisplayName("12: EVENTQ_PROD only while the queue is off, EVENTQ_CONS always")
  void case12() {
    Rig rig = Rig.full().w32(0x1_00A8, 7).w32(0x1_00AC, 9);
    assertThat(rig.r32(0x1_00A8)).isZero();
    assertThat(rig.r32(0x1_00AC)).isEqualTo(9);
    rig.w32(0x20, 9).w32(0x1_00A8, 0x8000_0007L).w64(0xA0, 0x4321_0000);
    assertThat(rig.r32(0x1_00A8)).isEqualTo(0x8000_0007L);
    assertThat(rig.r64(0xA0)).isEqualTo(0x4321_0000);
  }

  @Test
  @DisplayName("13: GERRORN of an inactive error raises no interrupt")
  void case13() {
    Rig rig = Rig.full().w64(0x68, 0x9000).w32(0x70, 0x77).w32(0x50, 1);
    rig.w32(0x64, 1).w32(0x64, 0);
    assertThat(rig.messages).isEmpty();
    assertThat(rig.r32(0x60)).isZero();
    assertThat(rig.w64(0x68, 0).r64(0x68)).as("guarded by GERROR_IRQEN").isEqualTo(0x9000);
  }

  @Test
  @DisplayName("14: an active error toggles once")
  void case14() {
    Rig rig = Rig.full().w64(0x68, 0x9000).w32(0x70, 0x77).w32(0x50, 1);
    rig.command(0, 0);
    assertThat(rig.r32(0x60)).isEqualTo(1);
    rig.w32(0x98, 2).w32(0x98, 1);
    assertThat(rig.r32(0x60)).isEqualTo(1);
    assertThat(rig.messages).containsExactly("9000=77");
    rig.poke(Rig.COMMANDS, 0x46, 0).acknowledge().command(0, 0);
    assertThat(rig.r32(0x60)).as("the next error").isZero();
    assertThat(rig.messages).hasSize(2);
  }
}
