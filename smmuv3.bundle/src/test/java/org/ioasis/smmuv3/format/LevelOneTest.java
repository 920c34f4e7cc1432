package org.ioasis.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Level-1 descriptors of stream and context tables. */
class LevelOneTest {
  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          # descriptor         entries  base
          0x00000008F0004009,  256,     0x8F0004000
          0x00000008F0007FC9,  256,     0x8F0004000
          0x00000008F0004041,  1,       0x8F0004040
          0x00000008F000FFCB,  1024,    0x8F0000000
          """)
  void streamTable(String descriptor, int entries, String base) {
    long word = Long.decode(descriptor);
    assertThat(L1Std.entries(word)).isEqualTo(entries);
    assertThat(L1Std.base(word)).isEqualTo(Long.decode(base));
  }

  @ParameterizedTest
  @CsvSource({"0x8F0004000", "0x8F000400C", "0x8F000401F"})
  void spanZeroAndReservedSpansAreInvalid(String descriptor) {
    assertThat(L1Std.entries(Long.decode(descriptor))).isZero();
  }

  @Test
  void contextTable() {
    long word = 0x0000000856780001L;
    assertThat(L1Cd.V.get(word)).isEqualTo(1);
    assertThat(L1Cd.L2PTR.inPlace(word)).isEqualTo(0x8_5678_0000L);
    assertThat(L1Cd.LAYOUT.reserved(0)).isEqualTo(0xFF00_0000_0000_0FFEL);
    assertThat(L1Std.LAYOUT.reserved(0)).isEqualTo(0xFF00_0000_0000_0020L);
  }
}
