package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Primary fault recording with one and with several records, and the fault event. The faults are of
 * devices without a root entry: reason 1.
 */
class FaultRecordingTest {
  private static final long ONE_RECORD = 0x80D2_008C_222F_0606L;
  private static final long F = 0x8000_0000L;
  private static final int FSTS = 0x34;
  private static final int FECTL = 0x38;
  private static final int FIRST = 0x220;

  private Rig many;
  private Rig one;

  @BeforeEach
  void enableTranslationWithAnEmptyRootTable() {
    many = start(Rig.full());
    one = start(Rig.of(0x10, ONE_RECORD, 0xF42));
  }

  private static Rig start(Rig rig) {
    rig.w64(0x20, 0x10_0000L);
    rig.w32(0x18, 0xC000_0000L);
    rig.w32(0x3C, 0x4031);
    rig.w32(0x40, 0xFEE0_5008L);
    return rig;
  }

  private static void fault(Rig rig, int source, long iova) {
    DmaRequest request = rig.write(source, iova);
    assertThat(Translation.refusal(rig.unit.translate(request)))
        .isEqualTo(Translation.Refusal.FAULT);
    assertThat(request.faultCode()).isEqualTo(1);
  }

  private static void clear(Rig rig, int record) {
    rig.w32(FIRST + 16 * record + 12, F);
  }

  @Test
  void recordOfAWriteAndOfARead() {
    fault(many, 0x329, 0x1234_5678_9ABCL);
    assertThat(many.r64(FIRST)).isEqualTo(0x1234_5678_9000L);
    assertThat(many.r64(FIRST + 8)).isEqualTo(0x8000_0001_0000_0329L);
    many.unit.translate(many.read(0x400, 0x5000));
    assertThat(many.r64(FIRST + 16)).isEqualTo(0x5000);
    assertThat(many.r64(FIRST + 24)).isEqualTo(0xC000_0001_0000_0400L);
  }

  @Test
  void recordOfAnAtomic() {
    DmaRequest request = many.read(0x329, 0x7FFF).access(3).atomic(true);
    many.unit.translate(request);
    assertThat(many.r64(FIRST)).isEqualTo(0x7000);
    assertThat(many.r64(FIRST + 8)).isEqualTo(0xC000_0001_1000_0329L);
  }

  @Test
  void addressBeyondTheGuestWidthIsRecordedWhole() {
    fault(one, 0x10, 0x0010_007F_FFF4_E123L);
    assertThat(one.r64(FIRST)).isEqualTo(0x0010_007F_FFF4_E000L);
  }

  @Test
  void probesRecordNothing() {
    DmaRequest request = many.write(0x329, 0x1000);
    assertThat(Translation.isPresent(many.unit.probe(request))).isFalse();
    assertThat(request.faultCode()).isEqualTo(1);
    assertThat(many.r32(FSTS)).isZero();
    assertThat(many.r64(FIRST + 8)).isZero();
  }

  @Test
  void oneRecordOverflows() {
    fault(one, 1, 0x1000);
    assertThat(one.r32(FSTS)).as("PPF, FRI 0").isEqualTo(0x02);
    fault(one, 2, 0x2000);
    assertThat(one.r32(FSTS)).as("PFO").isEqualTo(0x03);
    assertThat(one.r64(FIRST + 8)).as("first record stays").isEqualTo(0x8000_0001_0000_0001L);
    clear(one, 0);
    assertThat(one.r32(FSTS)).as("PFO stays").isEqualTo(0x01);
    fault(one, 3, 0x3000);
    assertThat(one.r32(FSTS)).as("lost while PFO").isEqualTo(0x01);
    assertThat(one.r64(FIRST + 8) & F << 32).isZero();
    one.w32(FSTS, 1);
    fault(one, 3, 0x3000);
    assertThat(one.r64(FIRST)).isEqualTo(0x3000);
    assertThat(one.r32(FSTS)).isEqualTo(0x02);
    assertThat(one.unit.counters()).containsEntry("faults.lost", 2L);
  }

  @Test
  void clearingPfoFirstLosesTheNextOneAgain() {
    fault(one, 1, 0x1000);
    fault(one, 2, 0x2000);
    one.w32(FSTS, 1);
    fault(one, 3, 0x3000);
    assertThat(one.r32(FSTS)).as("F was never cleared").isEqualTo(0x03);
    assertThat(one.r64(FIRST)).isEqualTo(0x1000);
  }

  @Test
  void faultsOfTheSameSourceCollapse() {
    fault(many, 1, 0x1000);
    fault(many, 1, 0x2000);
    fault(many, 2, 0x3000);
    assertThat(many.r64(FIRST)).isEqualTo(0x1000);
    assertThat(many.r64(FIRST + 16)).isEqualTo(0x3000);
    assertThat(many.r64(FIRST + 40)).isZero();
    assertThat(many.unit.counters())
        .containsEntry("faults.recorded", 2L)
        .containsEntry("faults.collapsed", 1L);
  }

  @Test
  void eightRecordsFillWrapAndNameTheFirst() {
    for (int source = 1; source <= 8; source++) {
      fault(many, source, 0x1000L * source);
    }
    assertThat(many.r32(FSTS)).isEqualTo(0x0002);
    fault(many, 9, 0x9000);
    assertThat(many.r32(FSTS)).isEqualTo(0x0003);
    many.w32(FSTS, 1);
    for (int record = 0; record < 3; record++) {
      clear(many, record);
    }
    assertThat(many.r32(FSTS)).as("others have F=1").isEqualTo(0x0002);
    fault(many, 10, 0xA000);
    assertThat(many.r64(FIRST)).as("wraps to record 0").isEqualTo(0xA000);
    assertThat(many.r32(FSTS)).as("PPF did not change, FRI stays").isEqualTo(0x0002);
    for (int record = 0; record < 8; record++) {
      clear(many, record);
    }
    assertThat(many.r32(FSTS)).isZero();
    fault(many, 11, 0xB000);
    assertThat(many.r32(FSTS)).as("FRI names record 1").isEqualTo(0x0102);
    assertThat(many.r64(FIRST + 16)).isEqualTo(0xB000);
  }

  @Test
  void onlyDword3ClearsF() {
    fault(one, 1, 0x1000);
    one.w32(FIRST + 8, 0xFFFF_FFFFL);
    one.w64(FIRST, -1);
    one.w32(FIRST + 12, 0x7FFF_FFFFL);
    assertThat(one.r32(FSTS)).isEqualTo(0x02);
    assertThat(one.r64(FIRST)).isEqualTo(0x1000);
    clear(one, 0);
    assertThat(one.r32(FSTS)).isZero();
    assertThat(one.r64(FIRST + 8)).as("the rest of the record stays").isEqualTo(0x1_0000_0001L);
  }

  @Test
  void writesOfZeroAndOfPpfDoNothing() {
    fault(one, 1, 0x1000);
    one.w32(FSTS, 0);
    one.w32(FSTS, 0x0000_FF02L);
    assertThat(one.r32(FSTS)).isEqualTo(0x02);
  }

  @Test
  void maskedEventStaysPendingUntilUnmasked() {
    fault(one, 1, 0x1000);
    assertThat(one.r32(FECTL)).as("IM, IP").isEqualTo(0xC000_0000L);
    assertThat(one.messages).isEmpty();
    one.w32(FECTL, 0);
    assertThat(one.r32(FECTL)).isZero();
    assertThat(one.messages).containsExactly(new Rig.Message(0xFEE0_5008L, 0x4031));
    one.w32(FECTL, 0);
    assertThat(one.messages).hasSize(1);
  }

  @Test
  void servicedStatusWithdrawsThePendingEvent() {
    fault(one, 1, 0x1000);
    clear(one, 0);
    assertThat(one.r32(FECTL)).isEqualTo(0x8000_0000L);
    one.w32(FECTL, 0);
    assertThat(one.messages).isEmpty();
  }

  @Test
  void overflowAloneKeepsTheEventPending() {
    fault(one, 1, 0x1000);
    fault(one, 2, 0x1000);
    clear(one, 0);
    assertThat(one.r32(FECTL)).as("PFO is not serviced").isEqualTo(0xC000_0000L);
    one.w32(FSTS, 1);
    assertThat(one.r32(FECTL)).isEqualTo(0x8000_0000L);
  }

  @Test
  void oneMessagePerNewCondition() {
    many.w32(FECTL, 0);
    fault(many, 1, 0x1000);
    fault(many, 2, 0x2000);
    assertThat(many.messages).as("PPF stood already").hasSize(1);
    clear(many, 0);
    fault(many, 3, 0x3000);
    assertThat(many.messages).as("record 1 is not serviced").hasSize(1);
    clear(many, 1);
    clear(many, 2);
    fault(many, 4, 0x4000);
    assertThat(many.messages).hasSize(2);
  }

  @Test
  void aSecondConditionWhileTheFirstStandsRaisesNothing() {
    one.w32(FECTL, 0);
    one.w64(0x90, 0x14_0000L);
    one.w32(0x18, 0x8400_0000L);
    one.w32(0x88, 0x10);
    assertThat(one.r32(FSTS)).as("IQE: an empty slot has type 0").isEqualTo(0x10);
    assertThat(one.messages).hasSize(1);
    fault(one, 1, 0x1000);
    assertThat(one.r32(FSTS)).isEqualTo(0x12);
    assertThat(one.messages).as("IQE stood").hasSize(1);
  }

  @Test
  void upperMessageAddress() {
    Rig rig = start(Rig.of(0x10, ONE_RECORD, 0x00F0_0F5AL));
    rig.w32(0x44, 0x0001_2300L);
    rig.w32(FECTL, 0);
    fault(rig, 1, 0x1000);
    assertThat(rig.messages).containsExactly(new Rig.Message(0x0001_2300_FEE0_5008L, 0x4031));
  }
}
