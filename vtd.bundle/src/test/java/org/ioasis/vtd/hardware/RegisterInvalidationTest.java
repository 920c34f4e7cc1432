package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CCMD, IVA and IOTLB: go bits, granularities, refusals. */
class RegisterInvalidationTest {
  private static final long CAP = 0x80D2_008C_222F_0606L;
  private static final int CCMD = 0x28;
  private static final int IVA = 0xF0;
  private static final int IOTLB = 0xF8;

  private static Rig rig() {
    return Rig.of(0x10, CAP, 0xF42);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          CCMD global          | 28 | 0                | A000000000000000 | 2800000000000000
          CCMD domain          | 28 | 0                | C000000000000042 | 5000000000000042
          CCMD device          | 28 | 0                | E000000003290042 | 7800000003290042
          CCMD reserved        | 28 | 0                | 8000000003290042 | 0000000003290042
          CCMD no go           | 28 | 0                | 6000000003290042 | 6000000003290042
          IOTLB page           | F8 | 0000123456789040 | B003004200000000 | 3603004200000000
          IOTLB global with DW | F8 | 0                | 9001000000000000 | 1201000000000000
          IOTLB domain         | F8 | 0                | A000004200000000 | 2400004200000000
          IOTLB reserved       | F8 | 0                | 8000004200000000 | 0000004200000000
          IOTLB AM=MAMV        | F8 | 0000000000000012 | B000004200000000 | 3600004200000000
          IOTLB AM=MAMV+1      | F8 | 0000000000000013 | B000004200000000 | 3000004200000000
          """)
  void doneWithTheGranularity(String name, String at, String iva, String written, String done) {
    Rig rig = rig();
    rig.w64(IVA, Long.parseUnsignedLong(iva, 16));
    assertThat(rig.r64(IVA)).as("IVA is write-only").isZero();
    long offset = Long.parseLong(at, 16);
    rig.w64(offset, Long.parseUnsignedLong(written, 16));
    assertThat(rig.r64(offset)).as(name).isEqualTo(Long.parseUnsignedLong(done, 16));
  }

  @ParameterizedTest
  @CsvSource({"28, A0000000, 28000000", "F8, 90000000, 12000000"})
  void lowHalfStartsNothingHighHalfStarts(String at, String high, String done) {
    Rig rig = rig();
    long offset = Long.parseLong(at, 16);
    rig.w32(offset, 0x42);
    assertThat(rig.r32(offset + 4)).isZero();
    rig.w32(offset + 4, Long.parseLong(high, 16));
    assertThat(rig.r32(offset + 4)).isEqualTo(Long.parseLong(done, 16));
    rig.w32(offset, 0x43);
    assertThat(rig.r32(offset + 4)).as("not once more").isEqualTo(Long.parseLong(done, 16));
  }

  @Test
  void goStandsUntilOpenBurstsHaveEnded() {
    Rig rig = new Rig(Rig.profile(0x10, CAP, 0xF42), Scheduler.Mode.STEPS);
    rig.openBurst();
    rig.w64(IOTLB, 0x9000_0000_0000_0000L);
    rig.w64(CCMD, 0xA000_0000_0000_0000L);
    rig.drain();
    assertThat(rig.r64(IOTLB)).isEqualTo(0x9000_0000_0000_0000L);
    rig.w64(CCMD, 0xE000_0000_0329_0042L);
    assertThat(rig.r64(CCMD)).as("not touched while ICC=1").isEqualTo(0xA000_0000_0000_0000L);
    rig.closeBurst();
    rig.drain();
    assertThat(rig.r64(IOTLB)).isEqualTo(0x1200_0000_0000_0000L);
    assertThat(rig.r64(CCMD)).isEqualTo(0x2800_0000_0000_0000L);
  }

  @Test
  void withoutPageSelectionADomainIsInvalidated() {
    Rig rig = Rig.of(0x10, CAP & ~(1L << 39), 0xF42);
    rig.w64(IOTLB, 0xB000_0042_0000_0000L);
    assertThat(rig.r64(IOTLB)).isEqualTo(0x3400_0042_0000_0000L);
  }

  @Test
  void domainIdsHaveTheSupportedWidth() {
    Rig rig = Rig.of(0x10, (CAP & ~7L) | 2, 0xF42);
    rig.w64(CCMD, 0xC000_0000_0000_FFFFL);
    assertThat(rig.r64(CCMD)).isEqualTo(0x5000_0000_0000_00FFL);
    rig.w64(IOTLB, 0xA000_FFFF_0000_0000L);
    assertThat(rig.r64(IOTLB)).isEqualTo(0x2400_00FF_0000_0000L);
  }

  @Test
  void refusedWhileTheQueueIsOn() {
    Rig rig = rig();
    rig.w32(0x18, 0x0400_0000L);
    rig.w64(CCMD, 0xA000_0000_0000_0000L);
    rig.w64(IOTLB, 0x9000_0000_0000_0000L);
    assertThat(rig.r64(CCMD)).isEqualTo(0x2000_0000_0000_0000L);
    assertThat(rig.r64(IOTLB)).isEqualTo(0x1000_0000_0000_0000L);
  }

  @Test
  void refusedInScalableMode() {
    Rig rig = Rig.of(0x10, CAP, 0x0000_4800_8000_0F42L);
    rig.w64(0x20, 0x10_0400L);
    rig.w32(0x18, 0x4000_0000L);
    rig.w64(IOTLB, 0x9000_0000_0000_0000L);
    assertThat(rig.r64(IOTLB)).isEqualTo(0x1000_0000_0000_0000L);
  }

  @Test
  void absentFromVersion6On() {
    Rig rig = Rig.of(0x60, CAP, 0xF42);
    rig.w64(CCMD, 0xA000_0000_0000_0000L);
    rig.w64(IOTLB, 0x9000_0000_0000_0000L);
    assertThat(rig.r64(CCMD)).isZero();
    assertThat(rig.r64(IOTLB)).isZero();
  }
}
