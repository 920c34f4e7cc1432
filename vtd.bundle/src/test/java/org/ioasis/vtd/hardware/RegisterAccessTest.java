package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.ioasis.api.IoasisException;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Access to every register: reset value, what a write of all ones leaves, halves, places beyond.
 */
class RegisterAccessTest {
  /** A 48-bit machine with queue, interrupt remapping and x2APIC, no scalable mode, one record. */
  private static final long CAP = 0x80D2_008C_222F_0606L;

  private static final long ECAP = 0x00F0_0F5AL;

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          VER      | 000 | 4 | 10               | 10
          CAP      | 008 | 8 | 80D2008C222F0606 | 80D2008C222F0606
          ECAP     | 010 | 8 | 0000000000F00F5A | 0000000000F00F5A
          GCMD     | 018 | 4 | 0                | 0
          GSTS     | 01C | 4 | 0                | 0
          RTADDR   | 020 | 8 | 0                | 0000FFFFFFFFFC00
          FSTS     | 034 | 4 | 0                | 0
          FECTL    | 038 | 4 | 80000000         | 80000000
          FEDATA   | 03C | 4 | 0                | 0000FFFF
          FEADDR   | 040 | 4 | 0                | FFFFFFFC
          FEUADDR  | 044 | 4 | 0                | FFFFFFFF
          AFLOG    | 058 | 8 | 0                | 0
          PMEN     | 064 | 4 | 0                | 0
          PLMBASE  | 068 | 4 | 0                | 0
          PLMLIMIT | 06C | 4 | 0                | 0
          PHMBASE  | 070 | 8 | 0                | 0
          PHMLIMIT | 078 | 8 | 0                | 0
          IQH      | 080 | 8 | 0                | 0
          IQT      | 088 | 8 | 0                | 000000000007FFF0
          IQA      | 090 | 8 | 0                | 0000FFFFFFFFF007
          ICS      | 09C | 4 | 0                | 0
          IECTL    | 0A0 | 4 | 80000000         | 80000000
          IEDATA   | 0A4 | 4 | 0                | 0000FFFF
          IEADDR   | 0A8 | 4 | 0                | FFFFFFFC
          IEUADDR  | 0AC | 4 | 0                | FFFFFFFF
          IQERCD   | 0B0 | 8 | 0                | 0
          IRTA     | 0B8 | 8 | 0                | 0000FFFFFFFFF80F
          PQH      | 0C0 | 8 | 0                | 0
          PQT      | 0C8 | 8 | 0                | 0
          PQA      | 0D0 | 8 | 0                | 0
          PRS      | 0DC | 4 | 0                | 0
          IVA      | 0F0 | 8 | 0                | 0
          FRCD_LO  | 220 | 8 | 0                | 0
          FRCD_HI  | 228 | 8 | 0                | 0
          hole     | 048 | 4 | 0                | 0
          """)
  void resetAndAllOnes(String name, String at, int bytes, String reset, String written) {
    Rig rig = Rig.of(0x10, CAP, ECAP);
    long offset = Long.parseLong(at, 16);
    assertThat(read(rig, offset, bytes)).isEqualTo(Long.parseUnsignedLong(reset, 16));
    if (name.equals("GCMD")) {
      return; // its bits are commands, see GlobalCommandTest
    }
    if (bytes == 8) {
      rig.w64(offset, -1);
    } else {
      rig.w32(offset, -1);
    }
    assertThat(read(rig, offset, bytes)).isEqualTo(Long.parseUnsignedLong(written, 16));
  }

  private static long read(Rig rig, long offset, int bytes) {
    return bytes == 8 ? rig.r64(offset) : rig.r32(offset);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"RTADDR, 20", "IQA, 90", "IRTA, B8"})
  void addressBitsAboveTheHostWidthAreNotImplemented(String name, String at) {
    Rig rig = Rig.of(0x10, CAP, ECAP);
    long offset = Long.parseLong(at, 16);
    rig.w64(offset, 0xABCD_8000_1234_5000L);
    assertThat(rig.r64(offset)).as(name).isEqualTo(0x0000_8000_1234_5000L);
  }

  @Test
  void scalableUnitsHaveDw() {
    Rig rig = Rig.of(0x10, CAP, 0x0000_4800_80F0_0F4AL);
    rig.w64(0x90, -1);
    assertThat(rig.r64(0x90)).isEqualTo(0x0000_FFFF_FFFF_F807L);
  }

  @Test
  void withoutCapabilitiesRegistersReadZero() {
    Rig rig = Rig.of(0x10, CAP, 0xF40);
    for (long offset : new long[] {0x88, 0x90, 0xB8}) {
      rig.w64(offset, -1);
      assertThat(rig.r64(offset)).as("0x%x", offset).isZero();
    }
    rig.w32(0x44, -1);
    assertThat(rig.r32(0x44)).isZero();
    rig.w32(0xA0, 0);
    assertThat(rig.r32(0xA0)).isEqualTo(0x8000_0000L);
  }

  @Test
  void halvesOfWideRegisters() {
    Rig rig = Rig.of(0x10, CAP, ECAP);
    rig.w32(0x20, 0x1234_5400L);
    rig.w32(0x24, 0x9ABC);
    assertThat(rig.r64(0x20)).isEqualTo(0x0000_9ABC_1234_5400L);
    assertThat(rig.r32(0x24)).isEqualTo(0x9ABC);
    assertThat(rig.r32(0x0C)).isEqualTo(0x80D2_008CL);
  }

  @Test
  void oneWideWriteCoversAddressAndUpperAddress() {
    Rig rig = Rig.of(0x10, CAP, ECAP);
    rig.w64(0x40, 0x0000_0001_FEE0_1004L);
    assertThat(rig.r32(0x40)).isEqualTo(0xFEE0_1004L);
    assertThat(rig.r32(0x44)).isEqualTo(1);
    assertThat(rig.r64(0x40)).isEqualTo(0x0000_0001_FEE0_1004L);
  }

  @Test
  void beyondTheBlockAndUnaligned() {
    Rig rig = Rig.of(0x10, CAP, ECAP);
    assertThat(rig.mmio.size()).isEqualTo(0x1000);
    assertThat(rig.r64(0x1000)).isEqualTo(-1);
    assertThat(rig.r32(0x7FFF_FFFF_0000L)).isEqualTo(0xFFFF_FFFFL);
    assertThat(rig.r32(0x22)).isEqualTo(0xFFFF_FFFFL);
    rig.w64(0x1000, 1);
    rig.w64(0x24, -1);
    assertThat(rig.r64(0x20)).isZero();
  }

  @Test
  void readsPastTheLastFaultRecordAreHarmless() {
    Rig rig = Rig.of(0x10, CAP, ECAP);
    assertThat(rig.r64(0x230)).isZero();
    assertThat(rig.r32(0x23C)).isZero();
  }

  @Test
  void movedRegistersAndManyRecords() {
    long cap = (CAP & ~(0x3FFL << 24) & ~(0xFFL << 40)) | (0x100L << 24) | (255L << 40);
    Rig rig = Rig.of(0x10, cap, 0x4042);
    assertThat(rig.mmio.size()).isEqualTo(0x2000);
    assertThat(rig.r64(0x1FF8)).isZero();
    rig.w64(0x408, 0x2000_0042_0000_0000L);
    assertThat(rig.r64(0x408)).isEqualTo(0x2000_0042_0000_0000L);
  }

  @Test
  void registersOnTopOfOthersAreRefused() {
    long cap = (CAP & ~(0x3FFL << 24)) | (0x2L << 24);
    assertThatThrownBy(
            () ->
                new VtdFactory()
                    .create(
                        new Rig(VtdProfiles.FULL, Scheduler.Mode.INLINE),
                        Rig.profile(0x10, cap, ECAP)))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("overlaps");
  }
}
