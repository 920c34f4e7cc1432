package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Corner cases 83 to 90 of the fact sheet: ATS and PRI. */
class CornerAtsTest {
  private static final int R = DmaRequest.READ, W = DmaRequest.WRITE, X = DmaRequest.EXECUTE;
  private static final int NO = DmaRequest.NO_PASID;
  private static final String OK = "ok 500abc rights 3";

  /** EATS of the three translating streams, ATSCHK. */
  private static Rig ats(int eats) {
    Rig rig = Rig.full();
    for (int sid = 1; sid <= 3; sid++) {
      rig.poke(Rig.STREAMS + 64L * sid + 8, (long) eats << 28);
    }
    return rig.w32(0x20, 0x1F);
  }

  /** A translation request: the outcome and, if there is one, the rights. */
  private static String request(Rig rig, int sid, long iova, int access) {
    rig.request.set(sid, NO, iova, 4, access).addressType(DmaRequest.AT_TRANSLATION_REQUEST);
    String outcome = rig.ask(rig.request);
    return outcome.startsWith("ok") ? outcome + " rights " + rig.request.rights() : outcome;
  }

  private static String translated(Rig rig, int sid, long address) {
    return rig.ask(rig.request.set(sid, NO, address, 4, W).addressType(DmaRequest.AT_TRANSLATED));
  }

  @Test
  @DisplayName("83: unsupported: no EATS, bypass, abort, split stage without ATSCHK")
  void case83Unsupported() {
    Rig rig = ats(0);
    assertThat(request(rig, Rig.SID, Rig.IOVA, R)).isEqualTo("UNSUPPORTED 5");
    assertThat(rig.events()).containsExactly("100000005 c0000000 123456789000 0");
    assertThat(request(rig, Rig.SID_BYPASS, 0x1000, R)).isEqualTo("UNSUPPORTED 5");
    rig.poke(Rig.STREAMS + 64, 1).forget().events();
    assertThat(request(rig, Rig.SID, Rig.IOVA, R)).isEqualTo("UNSUPPORTED");
    assertThat(rig.events()).isEmpty();
    Rig split = Rig.full().poke(Rig.STREAMS + 192 + 8, 2L << 28);
    assertThat(request(split, Rig.SID_NESTED, Rig.IOVA, R)).isEqualTo("UNSUPPORTED 5");
  }

  @Test
  @DisplayName("83: configuration errors are recorded on demand")
  void case83Configuration() {
    Rig rig = ats(1);
    assertThat(request(rig, 0x100, 0, R)).isEqualTo("ABORTED 2");
    rig.poke(Rig.CD, 0);
    assertThat(request(rig, Rig.SID, 0, R)).isEqualTo("ABORTED a");
    rig.poke(Rig.STREAMS + 64, 0).forget();
    assertThat(request(rig, Rig.SID, 0, R)).isEqualTo("ABORTED 4");
    assertThat(rig.events()).isEmpty();
    rig.w32(0x20, 0x1E).w32(0x2C, 0xA).w32(0x20, 0x1F);
    assertThat(request(rig, Rig.SID, 0, R)).isEqualTo("FAULT 4");
    assertThat(rig.events()).containsExactly("100000004 0 0 0");
  }

  @Test
  @DisplayName("83: translation faults complete without rights, permissions with what there is")
  void case83Faults() {
    Rig rig = ats(1).poke(Rig.CD, Rig.CD_Q0 | 1L << 44);
    assertThat(request(rig, Rig.SID, 0, R)).as("no stall").isEqualTo("ok 0 rights 0");
    assertThat(request(rig, Rig.SID, Rig.IOVA, R | W)).isEqualTo(OK);
    rig.poke(Rig.LEAF, 0x50_0FC7L).forget();
    assertThat(request(rig, Rig.SID, Rig.IOVA, R | W)).isEqualTo("ok 500abc rights 1");
    assertThat(request(rig, Rig.SID, Rig.IOVA, R | X)).isEqualTo("ok 500abc rights 5");
    rig.poke(Rig.LEAF, 0x50_0F07L).forget();
    assertThat(request(rig, Rig.SID, Rig.IOVA, R | X)).as("execute-only").endsWith("rights 0");
    rig.poke(Rig.LEAF, 0x50_0B47L).forget();
    assertThat(request(rig, Rig.SID, Rig.IOVA, R)).as("F_ACCESS").isEqualTo("ok 0 rights 0");
    assertThat(request(rig, Rig.SID_2, Rig.IPA, R | W)).isEqualTo("ok 501678 rights 3");
    assertThat(rig.events()).isEmpty();
    rig.poke(0x40_1688, 0x7000_0003L).forget();
    assertThat(request(rig, Rig.SID, Rig.IOVA, R)).as("F_WALK_EABT").isEqualTo("ABORTED b");
  }

  @Test
  @DisplayName("83: stage 1 passed by: identity")
  void case83Identity() {
    Rig rig = ats(1).poke(Rig.STREAMS + 64, 0x2000_0000_0000_000BL | Rig.CD, 1L << 28 | 1);
    assertThat(request(rig, Rig.SID, 0x5000, R | W)).isEqualTo("ok 5000 rights 3");
  }

  @Test
  @DisplayName("84: translated transactions: ATSCHK, EATS, Config")
  void case84() {
    Rig unchecked = Rig.full();
    assertThat(unchecked.unit.checksTranslatedRequests()).isFalse();
    assertThat(translated(unchecked, Rig.SID, 0x5000)).isEqualTo("ok 5000");
    Rig rig = ats(1);
    assertThat(rig.unit.checksTranslatedRequests()).isTrue();
    assertThat(translated(rig, Rig.SID, 0x5000)).isEqualTo("ok 5000");
    assertThat(translated(rig, Rig.SID, 1L << 52)).isEqualTo("ABORTED");
    assertThat(translated(rig, Rig.SID_BYPASS, 0x5000)).isEqualTo("FAULT 7");
    assertThat(rig.events()).containsExactly("400000007 0 5000 0");
    assertThat(translated(ats(0), Rig.SID, 0x5000)).isEqualTo("FAULT 7");
    rig.poke(Rig.STREAMS + 64, 1).poke(Rig.STREAMS + 128, 0).forget();
    assertThat(translated(rig, Rig.SID, 0x5000)).isEqualTo("ABORTED");
    assertThat(translated(rig, Rig.SID_2, 0x5000)).isEqualTo("ABORTED 4");
  }

  @Test
  @DisplayName("85: the split stage gives an IPA, and stage 2 checks what comes with it")
  void case85() {
    Rig rig = Rig.full().poke(Rig.STREAMS + 192 + 8, 2L << 28).w32(0x20, 0x1F);
    rig.poke(Rig.IDENTITY, 0x4000_07FDL).poke(Rig.IDENTITY + 8, 0x7FDL);
    rig.poke(Rig.STREAMS + 192, 0xFL | 0x4000_0000 | Rig.CD);
    rig.poke(Rig.CD, Rig.CD_Q0, 0x4000_0000 | Rig.TTB).poke(Rig.TTB + 0x120, 0x4040_1003L);
    rig.poke(0x40_1688, 0x4040_2003L).poke(0x40_2598, 0x4040_3003L).poke(Rig.LEAF, 0x4050_0F47L);
    assertThat(request(rig, Rig.SID_NESTED, Rig.IOVA, R | W)).isEqualTo("ok 40500abc rights 3");
    assertThat(translated(rig, Rig.SID_NESTED, 0x4050_0ABCL)).isEqualTo("ok 500abc");
    assertThat(translated(rig, Rig.SID_NESTED, 0x8000_0000L)).isEqualTo("FAULT 10");
    assertThat(rig.events()).containsExactly("300000010 28000000000 80000000 80000000");
    rig.poke(Rig.IDENTITY + 8, 0x77DL).forget();
    assertThat(request(rig, Rig.SID_NESTED, Rig.IOVA, R | W)).isEqualTo("ok 40500abc rights 1");
  }

  @Test
  @DisplayName("86: NW and dirty state")
  void case86() {
    long clean = 0x50_0FC7L | 1L << 51;
    Rig rig = ats(1).poke(Rig.CD, Rig.CD_Q0 | 3L << 42).poke(Rig.LEAF, clean);
    rig.request.set(1, NO, Rig.IOVA, 4, R).addressType(1).noWrite(true);
    assertThat(rig.ask(rig.request)).isEqualTo("ok 500abc");
    assertThat(rig.request.rights()).isEqualTo(R);
    assertThat(rig.peek(Rig.LEAF)).isEqualTo(clean);
    assertThat(request(rig, Rig.SID, Rig.IOVA, R | W)).isEqualTo(OK);
    assertThat(rig.peek(Rig.LEAF)).isEqualTo(clean & ~0x80L);
  }

  private static PageRequest page(int group, int pasid, int access, boolean last) {
    return new PageRequest(Rig.SID, pasid, 0x1234_5678_9000L, access, false, group, last);
  }

  @Test
  @DisplayName("87: a full PRI queue: silence, success, stop marker, PASID by PPS and PPAR")
  @Requirement(66)
  void case87() {
    Rig rig = Rig.full().w64(0xD0, 0x9000).w32(0xD8, 7).w32(0x50, 2);
    assertThat(rig.unit.pageRequest(page(0x55, 3, R | W, true))).isTrue();
    assertThat(rig.peek(Rig.PAGES)).isEqualTo(0xF000_0003_0000_0001L);
    assertThat(rig.peek(Rig.PAGES + 8)).isEqualTo(0x1234_5678_9055L);
    assertThat(rig.messages).containsExactly("9000=7");
    for (int i = 1; i < 8; i++) {
      rig.unit.pageRequest(page(i, NO, R, false));
    }
    assertThat(rig.r32(0x1_00C8)).isEqualTo(8);
    rig.unit.pageRequest(page(9, 3, R, false));
    assertThat(rig.r32(0x1_00C8)).as("OVFLG").isEqualTo(0x8000_0008L);
    assertThat(rig.device.take()).isEmpty();
    rig.w32(0x1_00CC, 8);
    rig.unit.pageRequest(page(9, 3, R, true));
    rig.unit.pageRequest(page(10, 3, 0, true));
    assertThat(rig.device.take()).containsExactly("SUCCESS group 9 pasid 3");
    assertThat(rig.r32(0x1_00C8)).as("still, until acknowledged").isEqualTo(0x8000_0008L);
    rig.w32(0x1_00CC, 0x8000_0008L);
    rig.unit.pageRequest(page(11, NO, W, true));
    assertThat(rig.r32(0x1_00C8)).isEqualTo(0x8000_0009L);
    assertThat(rig.messages).as("empty again, and not on the others").hasSize(2);
    Rig plain = Rig.of(SmmuProfiles.FULL_IDR0, SmmuProfiles.FULL_IDR1, 0x714, 0x75);
    plain.w32(0x1_00CC, 8);
    plain.unit.pageRequest(page(1, 3, R, true));
    plain.poke(Rig.STREAMS + 64 + 8, 1 << 18);
    plain.unit.pageRequest(page(2, 3, R, true));
    plain.poke(Rig.STREAMS + 64, 0);
    plain.unit.pageRequest(page(3, 3, R, true));
    assertThat(plain.device.take())
        .containsExactly(
            "SUCCESS group 1 pasid -1",
            "SUCCESS group 2 pasid 3",
            "RESPONSE_FAILURE group 3 pasid -1");
  }

  @Test
  @DisplayName("88: PRI while it is off, and when a record cannot be written")
  void case88() {
    Rig rig = Rig.full().w32(0x20, 0xD);
    rig.unit.pageRequest(page(1, 3, R, true));
    rig.unit.pageRequest(page(1, 3, R, false));
    assertThat(rig.device.take()).containsExactly("RESPONSE_FAILURE group 1 pasid -1");
    rig.w64(0xC0, 0x7000_0003L).w32(0x20, 0xF);
    rig.unit.pageRequest(page(2, 3, R, true));
    assertThat(rig.r32(0x60)).as("PRIQ_ABT_ERR").isEqualTo(8);
    rig.unit.pageRequest(page(3, 3, R, true));
    assertThat(rig.device.take())
        .containsExactly("RESPONSE_FAILURE group 2 pasid -1", "RESPONSE_FAILURE group 3 pasid -1");
    assertThat(Rig.emulated().unit.pageRequest(page(1, NO, R, true))).isFalse();
  }

  @Test
  @DisplayName("88: LO: an interrupt on the last of a group, dropped or not")
  void case88Interrupt() {
    Rig rig = Rig.full().w64(0xD0, 0x9000).w32(0xDC, 0x8000_0000L).w32(0x50, 2);
    rig.unit.pageRequest(page(1, NO, R, false));
    assertThat(rig.messages).isEmpty();
    rig.unit.pageRequest(page(1, NO, R, true));
    rig.w32(0x1_00CC, 0xA);
    rig.unit.pageRequest(page(2, NO, R, true));
    assertThat(rig.r32(0x1_00C8)).as("dropped").isEqualTo(0x8000_0002L);
    assertThat(rig.messages).hasSize(2);
  }

  @Test
  @DisplayName("89: responses by software, and the reserved one")
  void case89() {
    Rig rig = Rig.full().command(0x1_0000_3841L, 0x2055).command(0x1_0000_0041L, 0x1001);
    rig.command(0x1_0000_3841L, 0x0002);
    assertThat(rig.device.take())
        .containsExactly(
            "SUCCESS group 85 pasid 3",
            "INVALID_REQUEST group 1 pasid -1",
            "RESPONSE_FAILURE group 2 pasid 3");
    rig.command(0x1_0000_0041L, 0x3001);
    assertThat(rig.r32(0x9C)).isEqualTo(0x100_0003);
  }

  @Test
  @DisplayName("90: SMMUEN=0")
  void case90() {
    Rig rig = Rig.full().w32(0x20, 0xE);
    assertThat(request(rig, Rig.SID, Rig.IOVA, R)).isEqualTo("UNSUPPORTED 5");
    assertThat(translated(rig, Rig.SID, 0x5000)).isEqualTo("FAULT 7");
    assertThat(rig.events())
        .containsExactly("100000005 c0000000 123456789000 0", "100000007 0 5000 0");
    assertThat(rig.unit.checksTranslatedRequests()).isTrue();
    rig.unit.pageRequest(page(1, 3, R, true));
    assertThat(rig.device.take()).containsExactly("RESPONSE_FAILURE group 1 pasid -1");
    assertThat(rig.ask(rig.request.set(1, 5, Rig.IOVA, 4, R))).isEqualTo("ok 123456789abc");
    rig.command(0x1_0000_0040L, 0).command(0x1_0000_0041L, 0);
    assertThat(rig.device.take()).as("ATC_INV and PRI_RESP are ignored").isEmpty();
    assertThat(rig.r32(0x9C)).isEqualTo(2);
    rig.w32(0x44, 0x8010_0000L);
    assertThat(rig.read(Rig.SID, 0)).isEqualTo("ABORTED");
    assertThat(rig.events()).isEmpty();
  }
}
