package org.ioasis.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Table geometry against the architecture's tables, descriptors against literal words. */
class LpaeTest {
  @ParameterizedTest(name = "granule 2^{0}, {1} to {2} bits: start level {3}")
  @CsvSource({
    "12, 49, 52, -1",
    "12, 40, 48, 0",
    "12, 31, 39, 1",
    "12, 22, 30, 2",
    "12, 16, 21, 3",
    "14, 48, 52, 0",
    "14, 37, 47, 1",
    "14, 26, 36, 2",
    "14, 16, 25, 3",
    "16, 43, 52, 1",
    "16, 30, 42, 2",
    "16, 17, 29, 3",
  })
  @DisplayName("start levels of stage 1")
  void startLevels(int granule, int first, int last, int level) {
    for (int bits = first; bits <= last; bits++) {
      assertThat(Lpae.startLevel(granule, bits)).as("%d bits", bits).isEqualTo(level);
    }
  }

  @ParameterizedTest(name = "granule 2^{0}, level {1} covers 2^{2}")
  @CsvSource({
    "12, -1, 48",
    "12, 0, 39",
    "12, 1, 30",
    "12, 2, 21",
    "12, 3, 12",
    "14, 0, 47",
    "14, 1, 36",
    "14, 2, 25",
    "14, 3, 14",
    "16, 1, 42",
    "16, 2, 29",
    "16, 3, 16",
  })
  @DisplayName("what a descriptor covers")
  void shifts(int granule, int level, int shift) {
    assertThat(Lpae.shift(granule, level)).isEqualTo(shift);
  }

  @ParameterizedTest(name = "granule 2^{0} level {1}: {2} always, {3} with DS, {4} with 52 bits")
  @CsvSource({
    "12, -1, false, false, false", "12, 0, false, true, false", "12, 1, true, true, true",
    "12, 2, true, true, true", "14, 0, false, false, false", "14, 1, false, true, false",
    "14, 2, true, true, true", "16, 1, false, false, true", "16, 2, true, true, true",
  })
  @DisplayName("where blocks are allowed")
  void blocks(int granule, int level, boolean plain, boolean withDs, boolean with52) {
    assertThat(Lpae.isBlockLevel(granule, level, false, false)).isEqualTo(plain);
    assertThat(Lpae.isBlockLevel(granule, level, true, false)).isEqualTo(withDs);
    assertThat(Lpae.isBlockLevel(granule, level, false, true)).isEqualTo(with52);
  }

  @ParameterizedTest(name = "granule 2^{0}, S2SL0={1}: level {2}, {3} to {4} bits")
  @CsvSource({
    "12, 0, 2, 22, 34", "12, 1, 1, 31, 43", "12, 2, 0, 40, 52", "14, 0, 3, 15, 29",
    "14, 1, 2, 26, 40", "14, 2, 1, 37, 51", "16, 0, 3, 17, 33", "16, 1, 2, 30, 46",
    "16, 2, 1, 43, 59",
  })
  @DisplayName("start levels of stage 2 and the sizes they serve")
  void stage2(int granule, int sl0, int level, int first, int last) {
    assertThat(Lpae.stage2StartLevel(granule, sl0, false, false, false)).isEqualTo(level);
    assertThat(Lpae.sl0(granule, level)).isEqualTo(sl0);
    for (int bits = 12; bits < 64; bits++) {
      assertThat(Lpae.isConsistent(granule, level, bits))
          .as("%d bits", bits)
          .isEqualTo(bits >= first && bits <= last);
    }
  }

  @Test
  @DisplayName("start levels of stage 2 that an extension allows")
  void stage2Extensions() {
    assertThat(Lpae.stage2StartLevel(12, 3, false, false, false)).isEqualTo(Lpae.NONE);
    assertThat(Lpae.stage2StartLevel(12, 3, false, false, true)).isEqualTo(3);
    assertThat(Lpae.stage2StartLevel(12, 0, true, true, false)).isEqualTo(-1);
    assertThat(Lpae.stage2StartLevel(12, 1, true, true, false)).isEqualTo(Lpae.NONE);
    assertThat(Lpae.stage2StartLevel(12, 0, true, false, false)).isEqualTo(2);
    assertThat(Lpae.stage2StartLevel(14, 3, false, false, false)).isEqualTo(Lpae.NONE);
    assertThat(Lpae.stage2StartLevel(14, 3, false, true, false)).isZero();
    assertThat(Lpae.stage2StartLevel(16, 3, false, true, true)).isEqualTo(Lpae.NONE);
    assertThat(Lpae.startTableLg2(12, 1, 40)).isEqualTo(13);
  }

  @ParameterizedTest
  @CsvSource({"12, 0, 2, 1", "14, 2, 1, 2", "16, 1, 3, 3"})
  @DisplayName("TG0 and TG1 have different codings, TG of commands a third")
  void granules(int granule, int tg0, int tg1, int tg) {
    assertThat(Lpae.granuleOfTg0(tg0)).isEqualTo(granule);
    assertThat(Lpae.granuleOfTg1(tg1)).isEqualTo(granule);
    assertThat(Lpae.tg0(granule)).isEqualTo(tg0);
    assertThat(Lpae.tg1(granule)).isEqualTo(tg1);
    assertThat(Tlbi.granuleLg2(tg)).isEqualTo(granule);
    assertThat(Tlbi.tg(granule)).isEqualTo(tg);
    assertThat(Lpae.granuleOfTg0(3)).isEqualTo(Lpae.NONE);
    assertThat(Lpae.granuleOfTg1(0)).isEqualTo(Lpae.NONE);
  }

  @ParameterizedTest(name = "{0} in form {1} is {2}")
  @CsvSource({
    "0x0000000987654F47, 0, 0x987654000", "0x0000000987600F45, 0, 0x987600000",
    "0x000012345678FF47, 1, 0xF123456780000", "0x0003123456789F47, 2, 0xF123456789000",
    "0x0003123456789F47, 0, 0x123456789000",
  })
  @DisplayName("addresses in descriptors")
  void addresses(String descriptor, int form, String address) {
    long word = Long.decode(descriptor);
    assertThat(Lpae.address(word, form)).isEqualTo(Long.decode(address));
    assertThat(Lpae.address(Lpae.descriptorBits(Long.decode(address), form), form))
        .isEqualTo(Long.decode(address));
  }

  @Test
  @DisplayName("52-bit addresses go into descriptors as the architecture has them")
  void encoding() {
    assertThat(Lpae.descriptorBits(0xF_1234_5678_0000L, Lpae.ADDRESS_64K_52) | 0xF47)
        .isEqualTo(0x0000_1234_5678_FF47L);
    assertThat(Lpae.descriptorBits(0xF_1234_5678_9000L, Lpae.ADDRESS_DS) | 0xC47)
        .isEqualTo(0x0003_1234_5678_9F47L);
    assertThat(Lpae.addressForm(16, false, true)).isEqualTo(Lpae.ADDRESS_64K_52);
    assertThat(Lpae.addressForm(16, true, false)).isEqualTo(Lpae.ADDRESS_48);
    assertThat(Lpae.addressForm(12, true, true)).isEqualTo(Lpae.ADDRESS_DS);
    assertThat(Lpae.addressForm(14, false, true)).isEqualTo(Lpae.ADDRESS_48);
  }

  @ParameterizedTest
  @CsvSource({
    "12, 3, 4",
    "12, 2, 4",
    "12, 1, 4",
    "12, 0, 0",
    "14, 3, 7",
    "14, 2, 5",
    "14, 1, 0",
    "16, 3, 5",
    "16, 2, 5",
    "16, 1, 0",
  })
  @DisplayName("contiguous groups")
  void contiguous(int granule, int level, int lg2) {
    assertThat(Lpae.contiguousLg2(granule, level)).isEqualTo(lg2);
  }

  @Test
  @DisplayName("a kernel's stage-1 page and table, its stage-2 page")
  void descriptors() {
    assertThat(Stage1Descriptor.LEAF_LAYOUT.format(0x0060_0009_8765_4FC7L))
        .isEqualTo(
            "Valid=1 Table=1 AttrIndx=1 NS=0 AP[1]=1 AP[2]=1 SH=3 AF=1 nG=1 OA=0x987654000 GP=0"
                + " DBM=0 Contiguous=0 PXN=1 UXN=1 software=0 PBHA=0 software[63]=0");
    assertThat(Stage1Descriptor.TABLE_LAYOUT.format(0xF800_0008_4560_1003L))
        .isEqualTo(
            "Valid=1 Table=1 IGN=0 OA=0x845601000 IGN_2=0 PXNTable=1 UXNTable=1 APTable=3"
                + " NSTable=1");
    assertThat(Stage2Descriptor.LEAF_LAYOUT.format(0x0048_0009_8765_47FFL))
        .isEqualTo(
            "Valid=1 Table=1 MemAttr=0xf S2AP[0]=1 S2AP[1]=1 SH=3 AF=1 bit 11=0 OA=0x987654000"
                + " bit 50=0 DBM=1 Contiguous=0 XN=2 software=0");
    assertThat(Stage2Descriptor.isDevice(0x7C7)).isTrue();
    assertThat(Stage2Descriptor.isDevice(0x7D7)).isFalse();
  }
}
