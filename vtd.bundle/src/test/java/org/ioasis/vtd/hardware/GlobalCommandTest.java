package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** GCMD and GSTS: level and one-shot bits, latching, draining. */
class GlobalCommandTest {
  private static final long CAP = 0x80D2_008C_222F_0606L;
  private static final long ECAP_WITH_IR = 0x00F0_0F4AL;

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          TE                        | 80000000                   | 80000000
          SRTP stays set            | 40000000, 0                | 40000000
          SRTP and TE in one        | C0000000                   | C0000000
          TE on and off             | 80000000, 0                | 0
          two level bits in one     | 80000000, 06000000         | 06000000
          levels are kept if written| 80000000, 84000000         | 84000000
          SIRTP                     | 01000000, 02000000         | 03000000
          CFI                       | 02800000, 02000000         | 02000000
          SFL and EAFL without AFL  | 30000000                   | 0
          WBF without RWBF          | 08000000                   | 0
          the running machine       | 40000000, 80000000, 84000000, 85000000, 86000000 | C7000000
          reserved bits             | 007FFFFF                   | 0
          """)
  void statusFollowsCommands(String name, String commands, String status) {
    Rig rig = Rig.of(0x10, CAP, ECAP_WITH_IR);
    for (String command : commands.split(",", -1)) {
      rig.w32(0x18, Long.parseLong(command.trim(), 16));
      assertThat(rig.r32(0x18)).as("GCMD reads 0").isZero();
    }
    assertThat(rig.r32(0x1C)).as(name).isEqualTo(Long.parseLong(status, 16));
  }

  @Test
  void bitsWithoutTheirCapabilityDoNothing() {
    Rig rig = Rig.of(0x10, CAP, 0xF40);
    rig.w32(0x18, 0xFFFF_FFFFL);
    assertThat(rig.r32(0x1C)).isEqualTo(0xC000_0000L);
  }

  @Test
  void writeBufferFlushIsSetWhileItRuns() {
    Rig rig =
        new Rig(
            Rig.profile(0x10, CAP | 1 << 4, ECAP_WITH_IR),
            org.ioasis.api.machine.Scheduler.Mode.STEPS);
    rig.w32(0x18, 0x0800_0000L);
    assertThat(rig.r32(0x1C)).isEqualTo(0x0800_0000L);
    rig.drain();
    assertThat(rig.r32(0x1C)).isZero();
  }

  @Test
  void rootTableIsTakenBySrtpAlone() {
    Rig rig = Rig.of(0x10, CAP, 0x0000_4800_80F0_0F4AL);
    rig.w64(0x20, 0x10_0400L);
    rig.w32(0x18, 0x4000_0000L);
    rig.w64(0x20, 0x77_0000L);
    assertThat(rig.r64(0x20)).as("reads back what was written").isEqualTo(0x77_0000L);
    assertThat(rig.unit.latched().rootTable()).isEqualTo(0x10_0000L);
    assertThat(rig.unit.latched().ttm()).isEqualTo(1);
    rig.w32(0x18, 0x4000_0000L);
    assertThat(rig.unit.latched().rootTable()).isEqualTo(0x77_0000L);
    assertThat(rig.unit.latched().ttm()).isZero();
  }

  @Test
  void interruptTableIsTakenBySirtpAlone() {
    Rig rig = Rig.of(0x10, CAP, ECAP_WITH_IR);
    rig.w64(0xB8, 0x16_000FL);
    assertThat(rig.unit.latched().interruptTable()).isZero();
    rig.w32(0x18, 0x0100_0000L);
    rig.w64(0xB8, 0x99_0001L);
    assertThat(rig.unit.latched().interruptTable()).isEqualTo(0x16_000FL);
    assertThat(rig.r64(0xB8)).isEqualTo(0x99_0001L);
  }

  @Test
  void statusWaitsForOpenBursts() {
    Rig rig = Rig.full();
    rig.openBurst();
    rig.w32(0x18, 0xC000_0000L);
    rig.drain();
    assertThat(rig.r32(0x1C)).as("a burst is open").isZero();
    assertThat(rig.unit.latched().translationEnabled()).as("new requests").isTrue();
    rig.closeBurst();
    rig.drain();
    assertThat(rig.r32(0x1C)).isEqualTo(0xC000_0000L);
  }

  @Test
  void srtpClearsRtpsUntilDone() {
    Rig rig = Rig.stepped();
    rig.w32(0x18, 0x4000_0000L);
    rig.drain();
    assertThat(rig.r32(0x1C)).isEqualTo(0x4000_0000L);
    rig.w32(0x18, 0x4000_0000L);
    assertThat(rig.r32(0x1C)).as("taken, not reported yet").isZero();
    rig.drain();
    assertThat(rig.r32(0x1C)).isEqualTo(0x4000_0000L);
  }

  @Test
  void commandsInSequenceBeforeTheStatusFollows() {
    Rig rig = Rig.stepped();
    rig.w32(0x18, 0x4000_0000L);
    rig.w32(0x18, 0x8000_0000L);
    rig.drain();
    assertThat(rig.r32(0x1C)).isEqualTo(0xC000_0000L);
  }

  @Test
  void withoutTranslationRequestsPassUnchanged() {
    Rig rig = Rig.full();
    DmaRequest request = rig.read(0x329, 0x1234_5678L);
    long answer = rig.unit.translate(request);
    assertThat(Translation.address(answer)).isEqualTo(0x1234_5678L);
    assertThat(request.rights()).isEqualTo(7);
    request.addressType(DmaRequest.AT_TRANSLATION_REQUEST);
    assertThat(Translation.refusal(rig.unit.translate(request)))
        .isEqualTo(Translation.Refusal.UNSUPPORTED);
    request.addressType(DmaRequest.AT_TRANSLATED);
    assertThat(Translation.refusal(rig.unit.translate(request)))
        .isEqualTo(Translation.Refusal.UNSUPPORTED);
    DmaRequest beyond = rig.read(0x329, 1L << 52);
    assertThat(Translation.isPresent(rig.unit.translate(beyond))).isFalse();
    assertThat(rig.r32(0x34)).as("nothing of this is recorded").isZero();
  }

  @Test
  void interruptRequestsAreNeverDma() {
    Rig rig = Rig.full();
    rig.w32(0x18, 0xC000_0000L);
    long answer = rig.unit.translate(rig.write(0x329, 0xFEE0_1004L));
    assertThat(Translation.isNotRam(answer)).isTrue();
    assertThat(Translation.address(answer)).isEqualTo(0xFEE0_1004L);
    assertThat(rig.r32(0x34)).isZero();
  }

  @Test
  void malformedInterruptRequestsFault() {
    Rig rig = Rig.full();
    DmaRequest read = rig.read(0x329, 0xFEE0_1004L);
    assertThat(Translation.refusal(rig.unit.translate(read))).isEqualTo(Translation.Refusal.FAULT);
    assertThat(read.faultCode()).isEqualTo(0x29);
    assertThat(rig.r64(0x220)).isZero();
    assertThat(rig.r64(0x228)).isEqualTo(0x8000_0029_0000_0329L);
    DmaRequest wide = new DmaRequest().set(0x400, DmaRequest.NO_PASID, 0xFEE0_0000L, 8, 2);
    assertThat(Translation.isPresent(rig.unit.translate(wide))).isFalse();
  }
}
