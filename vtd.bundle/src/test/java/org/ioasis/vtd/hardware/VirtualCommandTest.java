package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.state.Section;
import org.ioasis.api.state.UnitState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The virtual command registers at their current offsets. */
class VirtualCommandTest {
  private static final int VCMD = 0xE00;
  private static final int VCRSP = 0xE10;
  private static final int VCCAP = 0xE30;

  /** Scalable mode with PASIDs of 3 bits and VCS. */
  private static Rig small() {
    return Rig.of(0x10, 0x81D2_008C_222F_0606L, 0x0000_9910_00F0_0F42L);
  }

  private static long run(Rig rig, long command) {
    rig.w64(VCMD, command);
    return rig.r64(VCRSP);
  }

  @Test
  void pasidsAreGivenFromOneUpwardsUntilNoneIsLeft() {
    Rig rig = small();
    assertThat(rig.r64(VCCAP)).isEqualTo(1);
    for (long pasid = 1; pasid < 8; pasid++) {
      assertThat(run(rig, 1)).isEqualTo(pasid << 16);
    }
    assertThat(run(rig, 1)).isEqualTo(0x20);
    assertThat(run(rig, 0x5_0002)).isZero();
    assertThat(run(rig, 1)).isEqualTo(0x5_0000);
    assertThat(run(rig, 1)).isEqualTo(0x20);
  }

  @ParameterizedTest
  @CsvSource({
    "0000000000000000, 0", // null command
    "0000000000010002, 0", // the one that was given
    "0000000000000002, 20", // PASID 0
    "0000000000020002, 20", // not given
    "0000000000080002, 20", // beyond the width
    "8000000000010002, 20", // operand bits above a PASID
    "0000000000000003, 2",
    "00000000000000FF, 2",
  })
  void status(String command, String response) {
    Rig rig = small();
    run(rig, 1);
    assertThat(run(rig, Long.parseUnsignedLong(command, 16)))
        .isEqualTo(Long.parseLong(response, 16));
  }

  @Test
  void freeingTwiceIsRefused() {
    Rig rig = small();
    assertThat(run(rig, 1)).isEqualTo(0x1_0000);
    assertThat(run(rig, 0x1_0002)).isZero();
    assertThat(run(rig, 0x1_0002)).isEqualTo(0x20);
  }

  @Test
  void theUpperHalfStartsTheCommand() {
    Rig rig = small();
    rig.w32(VCMD, 1);
    assertThat(rig.r64(VCRSP)).isZero();
    rig.w32(VCMD + 4, 0);
    assertThat(rig.r64(VCRSP)).isEqualTo(0x1_0000);
    assertThat(rig.r64(VCMD)).isEqualTo(1);
  }

  @Test
  void accessRules() {
    Rig rig = small();
    rig.w64(0xE08, -1L);
    rig.w64(VCRSP, -1L);
    rig.w64(VCCAP, -1L);
    assertThat(rig.r64(0xE08)).isEqualTo(-1L);
    assertThat(rig.r64(VCRSP)).isZero();
    assertThat(rig.r64(VCCAP)).isEqualTo(1);
    rig.w64(VCMD, -1L);
    assertThat(rig.r64(VCMD)).isEqualTo(0xFFFF_FFFF_FFFF_00FFL);
    assertThat(rig.r64(VCRSP)).isEqualTo(2);
  }

  @Test
  void withoutPasidsThereIsNoneToGive() {
    assertThat(run(Rig.of(0x10, 0x81D2_008C_222F_0606L, 0x0000_9800_00F0_0F42L), 1))
        .isEqualTo(0x20);
  }

  @Test
  void aParameterSaysWhetherTheyAreThere() {
    assertThat(Rig.full().r64(0x10) >>> 44 & 1).isEqualTo(1);
    assertThat(Rig.full().r64(VCCAP)).isEqualTo(1);
    Profile off = VtdProfiles.FULL.withParameter("vcs", 0);
    Rig without = new Rig(off, Scheduler.Mode.INLINE);
    assertThat(without.r64(0x10)).isEqualTo(Rig.full().r64(0x10) & ~(1L << 44));
    assertThat(without.r64(VCCAP)).isZero();
    assertThat(run(without, 1)).isZero();
    Profile on = off.withParameter("vcs", 1);
    assertThat(run(new Rig(on, Scheduler.Mode.INLINE), 1)).isEqualTo(0x1_0000);
    assertThatThrownBy(() -> new Rig(off.withParameter("vcs", 2), Scheduler.Mode.INLINE))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("vcs=2");
  }

  @Test
  void whatWasGivenSurvivesExportAndImportButNoReset() {
    Rig rig = small();
    run(rig, 1);
    run(rig, 1);
    run(rig, 0x1_0002);
    UnitState state = rig.unit.state().exportState(EnumSet.allOf(Section.class));
    Rig other = small();
    other.unit.state().importState(state);
    assertThat(run(other, 1)).isEqualTo(0x1_0000);
    assertThat(run(other, 1)).isEqualTo(0x3_0000);
    rig.unit.reset(false);
    assertThat(run(rig, 0x2_0002)).isEqualTo(0x20);
    assertThat(run(rig, 1)).isEqualTo(0x1_0000);
  }

  @Test
  void foreignSectionsAreRefused() {
    Rig rig = small();
    run(rig, 1);
    UnitState state = rig.unit.state().exportState(EnumSet.allOf(Section.class));
    List<org.ioasis.api.Blob> blobs = state.sections().get(Section.LATCHED);
    UnitState twice =
        new UnitState(
            state.kind(),
            UnitState.VERSION,
            state.registers(),
            Map.of(Section.LATCHED, List.of(blobs.get(0), blobs.get(0))));
    assertThatThrownBy(() -> small().unit.state().importState(twice))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("vtd.pasids");
  }
}
