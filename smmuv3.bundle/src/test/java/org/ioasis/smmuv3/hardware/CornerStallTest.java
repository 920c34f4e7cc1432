package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Corner cases 71 to 82 of the fact sheet: event queue, overflow, the stall model. */
class CornerStallTest {
  private static final long STALL = 1L << 44;

  /** SID stalls on stage-1 faults; its page is not there. */
  private static Rig stalling() {
    return Rig.full().poke(Rig.CD, Rig.CD_Q0 | STALL).poke(Rig.LEAF, 0);
  }

  private static void fill(Rig rig) {
    for (int i = 0; i < 16; i++) {
      rig.read(Rig.SID_2, 0);
    }
  }

  @Test
  @DisplayName("71: a full queue loses what has ended and keeps what is held")
  @Requirement(66)
  void case71() {
    Rig rig = stalling();
    fill(rig);
    assertThat(rig.r32(0x1_00A8)).isEqualTo(0x10);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("STALLED 10");
    assertThat(rig.r32(0x1_00A8)).as("no overflow by a stall").isEqualTo(0x10);
    rig.read(Rig.SID_2, 0);
    assertThat(rig.r32(0x1_00A8)).as("OVFLG").isEqualTo(0x8000_0010L);
    rig.read(Rig.SID_2, 0);
    assertThat(rig.r32(0x1_00A8)).as("it toggles once").isEqualTo(0x8000_0010L);
    assertThat(rig.events()).hasSize(16);
    assertThat(rig.events())
        .as("written when there was room")
        .containsExactly("100000010 20880000000 123456789abc 0");
    rig.read(Rig.SID_2, 0);
    assertThat(rig.events()).as("an overflow does not block").hasSize(1);
  }

  @Test
  @DisplayName("72: no overflow while EVENTQEN=0")
  void case72() {
    Rig rig = Rig.full().w32(0x20, 0x9);
    rig.read(Rig.SID, 0);
    assertThat(rig.r32(0x1_00A8)).isZero();
    assertThat(rig.unit.counters()).containsEntry("events.lost", 1L);
  }

  @Test
  @DisplayName("73: a record that cannot be written")
  void case73() {
    Rig rig = Rig.full().w32(0x20, 0x8).w64(0xA0, 0x7000_0004L).w32(0x20, 0xD);
    rig.read(Rig.SID, 0);
    assertThat(rig.r32(0x60)).as("EVENTQ_ABT_ERR").isEqualTo(4);
    assertThat(rig.r32(0x1_00A8)).isZero();
    rig.read(Rig.SID, 0);
    assertThat(rig.r32(0x60)).isEqualTo(4);
    rig.acknowledge().read(Rig.SID, 0);
    assertThat(rig.r32(0x60)).as("again").isZero();
  }

  @Test
  @DisplayName("74: a STAG is free after its RESUME only; wrong pairs do nothing")
  void case74() {
    Rig rig = stalling();
    rig.write(Rig.SID, Rig.IOVA);
    assertThat(rig.request.stallTag()).isZero();
    rig.read(Rig.SID, Rig.IOVA);
    assertThat(rig.request.stallTag()).isEqualTo(1);
    assertThat(rig.events())
        .containsExactly(
            "100000010 20080000000 123456789abc 0", "100000010 20880000001 123456789abc 0");
    rig.command(0x1_0000_1044L, 9).command(0x2_0000_1044L, 0);
    assertThat(rig.device.take()).isEmpty();
    assertThat(rig.unit.stalls().size()).isEqualTo(2);
    rig.command(0x1_0000_1044L, 0).command(0x1_0000_1044L, 0);
    assertThat(rig.device.take()).containsExactly("RETRY 0");
    assertThat(rig.r32(0x60)).as("no error").isZero();
    rig.command(0x1_0000_2044L, 1);
    assertThat(rig.device.take()).containsExactly("ABORT 1");
  }

  @Test
  @DisplayName("75: a retry that faults again has a new record; Ac wins over Ab; RAZ/WI")
  void case75() {
    Rig rig = stalling();
    rig.read(Rig.SID, Rig.IOVA);
    rig.command(0x1_0000_3044L, 0);
    assertThat(rig.device.take()).containsExactly("RETRY 0");
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("STALLED 10");
    assertThat(rig.events()).hasSize(2);
    rig.command(0x1_0000_0044L, 1);
    assertThat(rig.device.take()).containsExactly("QUIET 1");
  }

  @Test
  @DisplayName("76: STALL_TERM drops records that are not written")
  void case76() {
    Rig rig = stalling();
    fill(rig);
    rig.read(Rig.SID, Rig.IOVA);
    rig.command(0x1_0000_0045L, 0);
    assertThat(rig.device.take()).containsExactly("ABORT 0");
    assertThat(rig.events()).hasSize(16);
    assertThat(rig.events()).isEmpty();
    assertThat(rig.unit.stalls().size()).isZero();
  }

  @Test
  @DisplayName("77: SMMUEN=0 ends what is held")
  void case77() {
    Rig rig = stalling();
    rig.read(Rig.SID, Rig.IOVA);
    rig.w32(0x20, 0xC);
    assertThat(rig.device.take()).containsExactly("ABORT 0");
    assertThat(rig.unit.stalls().size()).isZero();
    rig.command(0x1_0000_1044L, 0);
    assertThat(rig.device.take()).isEmpty();
  }

  @Test
  @DisplayName("78: STALL_MAX: one more is held without a record and retried")
  void case78() {
    Rig rig =
        Rig.of(SmmuProfiles.FULL_IDR0, SmmuProfiles.FULL_IDR1, 0x734, 0x2_0075)
            .poke(Rig.CD, Rig.CD_Q0 | STALL)
            .poke(Rig.LEAF, 0);
    for (int i = 0; i < 3; i++) {
      assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("STALLED 10");
    }
    assertThat(rig.events()).hasSize(2);
    assertThat(rig.request.stallTag()).isEqualTo(StallTable.FIRST_UNTAGGED);
    rig.command(0x1_0000_2044L, 1);
    assertThat(rig.device.take()).containsExactly("ABORT 1", "RETRY 65536");
    assertThat(rig.unit.stalls().size()).isEqualTo(1);
  }

  @Test
  @DisplayName("79: an invalidation does not touch what is held; a retry meets the new table")
  void case79() {
    Rig rig = stalling();
    rig.read(Rig.SID, Rig.IOVA);
    rig.poke(Rig.LEAF, Rig.PAGE | 0xF47).forget();
    assertThat(rig.device.take()).isEmpty();
    rig.command(0x1_0000_1044L, 0);
    assertThat(rig.device.take()).containsExactly("RETRY 0");
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("ok 500abc");
  }

  @Test
  @DisplayName("80: CD.S with STE.S1STALLD")
  void case80() {
    Rig rig = stalling().poke(Rig.STREAMS + 64 + 8, 1 << 27);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("FAULT a");
  }

  @Test
  @DisplayName("81: the stage that finds a fault decides whether it stalls")
  void case81() {
    Rig rig = stalling();
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).as("stage 1 stalls").isEqualTo("STALLED 10");
    rig.poke(Rig.LEAF, 0x4000_0F47L);
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).as("stage 2 ends").isEqualTo("FAULT 10");
    rig.poke(Rig.CD, Rig.CD_Q0).poke(Rig.STREAMS + 192 + 16, Rig.STE_Q2 | 1L << 57).forget();
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).as("stage 2 stalls").isEqualTo("STALLED 10");
    rig.poke(Rig.LEAF, 0).forget();
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).as("stage 1 ends").isEqualTo("FAULT 10");
    rig.device.take();
    rig.command(0x3_0000_0044L, 1);
    assertThat(rig.device.take())
        .as("a stall of stage 2 is never quiet")
        .containsExactly("ABORT 1");
  }

  @Test
  @DisplayName("82: an interrupt when the queue is no longer empty, and only then")
  void case82() {
    Rig rig = Rig.full().w64(0xB0, 0x9000).w32(0xB8, 0x55).w32(0x50, 4);
    rig.read(Rig.SID, 0);
    rig.read(Rig.SID, 0);
    assertThat(rig.messages).containsExactly("9000=55");
    rig.events();
    rig.read(Rig.SID, 0);
    assertThat(rig.messages).hasSize(2);
    rig.noMessagesTo(0x9000);
    rig.events();
    rig.read(Rig.SID, 0);
    assertThat(rig.r32(0x60)).as("MSI_EVENTQ_ABT_ERR").isEqualTo(0x20);
    assertThat(rig.w32(0x50, 0).r32(0x54)).isZero();
    rig.events();
    rig.read(Rig.SID, 0);
    assertThat(rig.messages).hasSize(2);
  }
}
