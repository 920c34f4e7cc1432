package org.ioasis.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.kit.layout.Layout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layouts against words that Linux and QEMU wrote, never against themselves. */
class StructureLiteralsTest {
  private static String format(Layout layout, long... words) {
    return layout.format(words);
  }

  @Test
  void rootAndContextOfALinuxDump() {
    assertThat(format(RootEntry.LAYOUT, 0x1_0303_E001L, 0)).isEqualTo("P=1 CTP=0x10303e000");
    assertThat(format(ContextEntry.LAYOUT, 0x1_0303_F005L, 0x102L))
        .isEqualTo("P=1 FPD=0 TT=1 SSPTPTR=0x10303f000 AW=2 AVAIL=0 DID=1");
  }

  @Test
  void contextOfTheWorkedExample() {
    assertThat(format(ContextEntry.LAYOUT, 0x20_0001L, 0x4202L))
        .isEqualTo("P=1 FPD=0 TT=0 SSPTPTR=0x200000 AW=2 AVAIL=0 DID=0x42");
    assertThat(ContextEntry.TT.get(0x9L)).isEqualTo(ContextEntry.TT_PASS_THROUGH);
  }

  @Test
  void scalableRootAndContextOfTheWorkedExample() {
    assertThat(format(ScalableRootEntry.LAYOUT, 0x11_0001L, 0x11_1001L))
        .isEqualTo("LP=1 LCTP=0x110000 UP=1 UCTP=0x111000");
    assertThat(format(ScalableContextEntry.LAYOUT, 0x12_0E1DL, 0, 0, 0))
        .isEqualTo(
            "P=1 FPD=0 DTE=1 PASIDE=1 PRE=1 PDTS=7 PASIDDIRPTR=0x120000 RID_PASID=0 RID_PRIV=0");
    assertThat(ScalableContextEntry.directoryEntries(0x12_0E1DL)).isEqualTo(1 << 14);
    assertThat(ScalableContextEntry.pasidEnd(0x12_001DL)).isEqualTo(1 << 13);
  }

  @Test
  void pasidEntriesOfTheWorkedExample() {
    assertThat(format(PasidDirectoryEntry.LAYOUT, 0x13_0001L)).contains("SMPTBLPTR=0x130000");
    String second = format(PasidTableEntry.LAYOUT, 0x20_0089L, 0x80_0042L, 0, 0, 0, 0, 0, 0);
    assertThat(second)
        .startsWith("P=1 FPD=0 AW=2 SSEE=0 PGTT=2 SSADE=0 SSPTPTR=0x200000 DID=0x42 PWSNP=1");
    String nested =
        format(PasidTableEntry.LAYOUT, 0x20_02C9L, 0x180_0042L, 0x30_0091L, 0, 0, 0, 0, 0);
    assertThat(nested)
        .contains("PGTT=3 SSADE=1", "PWSNP=1 PGSNP=1", "SRE=1", "WPE=1", "EAFE=1")
        .endsWith("FSPTPTR=0x300000");
    assertThat(PasidTableEntry.FSPM.get(0x30_0004L)).isEqualTo(PasidTableEntry.FSPM_5_LEVEL);
    assertThat(PasidTableEntry.PGTT.get(0x109L)).isEqualTo(PasidTableEntry.PGTT_PASS_THROUGH);
  }

  @Test
  void pasidEntryOfALinuxDump() {
    assertThat(format(PasidTableEntry.LAYOUT, 0x1_038A_5089L, 0x80_0002L, 0, 0, 0, 0, 0, 0))
        .startsWith("P=1 FPD=0 AW=2 SSEE=0 PGTT=2 SSADE=0 SSPTPTR=0x1038a5000 DID=2 PWSNP=1");
  }

  @Test
  void pagingEntriesOfTheWorkedExampleAndADump() {
    assertThat(format(SecondStageEntry.LEAF_4K, 0x8_9ABC_D803L))
        .contains("R=1 W=1 X=0", "SNP=1 ADDR=0x89abcd000");
    assertThat(format(SecondStageEntry.LEAF_4K, 0x8_9ABC_D303L)).contains("A=1 D=1");
    assertThat(format(SecondStageEntry.LEAF_2M, 0x8_4000_0083L))
        .contains("PS=1", "ADDR=0x840000000");
    assertThat(format(SecondStageEntry.LEAF_1G, 0xC_4000_0083L))
        .contains("PS=1", "ADDR=0xc40000000");
    assertThat(format(SecondStageEntry.LEAF_4K, 0x1_47C0_0803L)).contains("SNP=1 ADDR=0x147c00000");
    assertThat(format(SecondStageEntry.DIRECTORY, 0x1_017F_B003L)).contains("SSPTP=0x1017fb000");
    assertThat(format(FirstStageEntry.LEAF_4K, 0x5_DEAD_B067L))
        .contains("P=1 R/W=1 U/S=1", "A=1 D=1", "ADDR=0x5deadb000");
    assertThat(format(FirstStageEntry.DIRECTORY, 0x30_1027L))
        .contains("P=1 R/W=1 U/S=1", "A=1 IGN_6=0 PS=0", "FSPTP=0x301000");
  }

  @ParameterizedTest(name = "haw {0} level {1} PS={2} SC={3}: {4}")
  @CsvSource({
    // as QEMU computes them for the second stage
    "48, 1, false, false, 400F000000000800",
    "48, 1, false, true,  400F000000000000",
    "48, 2, false, false, 400F000000000800",
    "48, 3, false, false, 400F000000000800",
    "48, 4, false, false, 400F000000000880",
    "48, 2, true,  false, 400F0000001FF800",
    "48, 3, true,  false, 400F00003FFFF800",
    "39, 1, false, false, 400FFF8000000800",
    "39, 2, true,  false, 400FFF80001FF800",
    "46, 1, false, false, 400FC00000000800",
    "52, 1, false, false, 4000000000000800",
  })
  void secondStageReservedBits(
      int haw, int level, boolean pageSize, boolean snoopControl, String mask) {
    assertThat(SecondStageEntry.reserved(level, pageSize, haw, snoopControl, 3))
        .isEqualTo(Long.parseUnsignedLong(mask, 16));
  }

  @Test
  void pageSizesThatAreNotOfferedAreReserved() {
    assertThat(SecondStageEntry.reserved(2, true, 48, true, 2)).isEqualTo(0x400F0000001FF080L);
    assertThat(SecondStageEntry.reserved(3, true, 48, true, 1)).isEqualTo(0x400F00003FFFF080L);
    assertThat(FirstStageEntry.reserved(3, true, 48, false)).isEqualTo(0x000F00003FFFE080L);
  }

  @ParameterizedTest(name = "level {0} PS={1}: {2}")
  @CsvSource({
    "1, false, 000F000000000000",
    "1, true,  000F000000000000",
    "2, false, 000F000000000000",
    "3, false, 000F000000000000",
    "4, false, 000F000000000080",
    "2, true,  000F0000001FE000",
    "3, true,  000F00003FFFE000",
  })
  void firstStageReservedBits(int level, boolean pageSize, String mask) {
    assertThat(FirstStageEntry.reserved(level, pageSize, 48, true))
        .isEqualTo(Long.parseUnsignedLong(mask, 16));
  }

  @Test
  void reservedBitsOfTheDeviceStructures() {
    assertThat(RootEntry.RESERVED_LO).isEqualTo(0xFFEL);
    assertThat(RootEntry.RESERVED_HI).isEqualTo(-1L);
    assertThat(ContextEntry.RESERVED_LO).isEqualTo(0xFF0L);
    assertThat(ContextEntry.RESERVED_HI).isEqualTo(0xFFFF_FFFF_FF00_0080L);
    assertThat(ScalableContextEntry.RESERVED_0).isEqualTo(0x1E0L);
    assertThat(ScalableContextEntry.RESERVED_1).isEqualTo(0xFFFF_FFFF_FFE0_0000L);
    assertThat(PasidDirectoryEntry.RESERVED).isEqualTo(0xFFCL);
    assertThat(PasidTableEntry.RESERVED_0).isEqualTo(0xC00L);
    assertThat(PasidTableEntry.RESERVED_1).isEqualTo(0x7F_0000L);
    assertThat(PasidTableEntry.RESERVED_2).isEqualTo(0xF00L);
    assertThat(PasidTableEntry.LAYOUT.reserved(3)).isEqualTo(-1L);
  }

  @Test
  void placesOfTheWorkedExample() {
    assertThat(RootEntry.address(0x10_0000, 0x329)).isEqualTo(0x10_0030);
    assertThat(ContextEntry.address(0x10_1000, 0x329)).isEqualTo(0x10_1290);
    assertThat(ScalableContextEntry.address(0x11_0000, 0x329)).isEqualTo(0x11_0520);
    assertThat(ScalableContextEntry.address(0x11_1000, 0x3AA)).isEqualTo(0x11_1540);
    assertThat(ScalableRootEntry.halfAddress(0x10_0000, 0x3AA)).isEqualTo(0x10_0038);
    assertThat(PasidDirectoryEntry.address(0x12_0000, 0x1234)).isEqualTo(0x12_0240);
    assertThat(PasidTableEntry.address(0x13_0000, 0x1234)).isEqualTo(0x13_0D00);
    long iova = 0x1234_5678_9ABCL;
    assertThat(AddressBits.entryAddress(0x20_0000, iova, 4)).isEqualTo(0x20_0120);
    assertThat(AddressBits.entryAddress(0x20_1000, iova, 3)).isEqualTo(0x20_1688);
    assertThat(AddressBits.entryAddress(0x20_2000, iova, 2)).isEqualTo(0x20_2598);
    assertThat(AddressBits.entryAddress(0x20_3000, iova, 1)).isEqualTo(0x20_3C48);
  }

  @ParameterizedTest
  @CsvSource({
    "00007FFFFFFFFFFF, 48, true",
    "0000800000000000, 48, false",
    "FFFF800000000000, 48, true",
    "FFFF7FFFFFFFFFFF, 48, false",
    "00FFFFFFFFFFFFFF, 57, true",
    "0100000000000000, 57, false",
  })
  void canonical(String address, int width, boolean canonical) {
    assertThat(FirstStageEntry.isCanonical(Long.parseUnsignedLong(address, 16), width))
        .isEqualTo(canonical);
  }

  @ParameterizedTest
  @CsvSource({
    "FEDFFFFF, 12, false",
    "FEE00000, 12, true",
    "FEEFFFFF, 12, true",
    "FEF00000, 12, false",
    "FED00000, 21, false",
    "FEC00000, 21, false",
    "FEE00000, 21, true",
    "FEF00000, 21, true",
    "C0000000, 30, true",
    "80000000, 30, false",
  })
  void interruptRange(String address, int lg2, boolean touches) {
    assertThat(AddressBits.touchesInterrupt(Long.parseUnsignedLong(address, 16), lg2))
        .isEqualTo(touches);
  }
}
