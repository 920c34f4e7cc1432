package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Protected low and high memory of the default profile, TE=0. */
class ProtectedMemoryTest {
  private static final int PMEN = 0x64;
  private final Rig rig = Rig.full();

  @BeforeEach
  void regions() {
    rig.w32(0x68, 0x0100_0000L);
    rig.w32(0x6C, 0x0120_0000L);
    rig.w64(0x70, 0x1_0000_0000L);
    rig.w64(0x78, 0x1_0000_0000L);
  }

  private boolean passes(long address) {
    boolean write = Translation.isPresent(rig.unit.translate(rig.write(0x10, address)));
    boolean read = Translation.isPresent(rig.unit.translate(rig.read(0x10, address)));
    assertThat(read).isEqualTo(write);
    return read;
  }

  @Test
  void granularityIsFoundByWritingOnes() {
    rig.w32(0x68, -1);
    rig.w64(0x78, -1);
    assertThat(rig.r32(0x68)).isEqualTo(0xFFE0_0000L);
    assertThat(rig.r64(0x78)).isEqualTo(0x000F_FFFF_FFE0_0000L);
  }

  @Test
  void statusFollowsEnable() {
    assertThat(rig.r32(PMEN)).isZero();
    rig.w32(PMEN, 0xFFFF_FFFFL);
    assertThat(rig.r32(PMEN)).isEqualTo(0x8000_0001L);
    rig.w32(PMEN, 0);
    assertThat(rig.r32(PMEN)).isZero();
  }

  @Test
  void requestsToTheRegionsAreBlockedUnrecorded() {
    assertThat(passes(0x0100_0000L)).as("not enabled").isTrue();
    rig.w32(PMEN, 0x8000_0000L);
    assertThat(passes(0x00FF_FFFCL)).isTrue();
    assertThat(passes(0x0100_0000L)).isFalse();
    assertThat(passes(0x013F_FFFCL)).as("limit bits decode as 1").isFalse();
    assertThat(passes(0x0140_0000L)).isTrue();
    assertThat(passes(0xFFFF_FFFCL)).isTrue();
    assertThat(passes(0x1_0000_0000L)).isFalse();
    assertThat(passes(0x1_001F_FFFCL)).isFalse();
    assertThat(passes(0x1_0020_0000L)).isTrue();
    assertThat(rig.r32(0x34)).isZero();
    rig.w32(PMEN, 0);
    assertThat(passes(0x0100_0000L)).isTrue();
  }

  @Test
  void regionsMayMoveWhileEnabled() {
    rig.w32(PMEN, 0x8000_0000L);
    rig.w32(0x68, 0x0200_0000L);
    rig.w32(0x6C, 0x0200_0000L);
    assertThat(passes(0x0100_0000L)).isTrue();
    assertThat(passes(0x0210_0000L)).isFalse();
  }

  @Test
  void anEmptyRegionProtectsNothing() {
    rig.w32(0x6C, 0x00E0_0000L);
    rig.w32(PMEN, 0x8000_0000L);
    assertThat(passes(0x0100_0000L)).isTrue();
  }

  @Test
  void absentWithoutTheCapability() {
    Rig other = Rig.of(0x10, 0x80D2_008C_222F_0606L, 0xF42);
    other.w32(PMEN, 0x8000_0000L);
    assertThat(other.r32(PMEN)).isZero();
  }
}
