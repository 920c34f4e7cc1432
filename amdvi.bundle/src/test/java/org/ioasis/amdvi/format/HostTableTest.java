package org.ioasis.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** v1 entries against the literal words of the fact sheet, section "v1 walk, Mode 3". */
class HostTableTest {
  @Test
  void directory() {
    long word = 0x6000000123457401L;
    assertThat(HostPde.PR.get(word)).isEqualTo(1);
    assertThat(HostPde.NEXT_LEVEL.get(word)).isEqualTo(2);
    assertThat(HostPde.ADDRESS.inPlace(word)).isEqualTo(0x123457000L);
    assertThat(HostPde.IR.get(word)).isEqualTo(1);
    assertThat(HostPde.IW.get(word)).isEqualTo(1);
    assertThat(HostPde.LAYOUT.reserved(0)).isEqualTo(0x1FF0_0000_0000_0000L);
  }

  @Test
  void leaf() {
    long word = 0x700000ABCDEF0001L;
    assertThat(HostPte.NEXT_LEVEL.get(word)).isZero();
    assertThat(HostPte.ADDRESS.inPlace(word)).isEqualTo(0xABCDEF0000L);
    assertThat(HostPte.FC.get(word)).isEqualTo(1);
    assertThat(HostPte.U.get(word)).isZero();
    assertThat(HostPte.IR.get(word)).isEqualTo(1);
    assertThat(HostPte.IW.get(word)).isEqualTo(1);
    assertThat(HostPte.IW.get(0x300000ABCDEF0001L)).isZero();
    assertThat(HostPte.A.get(0x700000ABCDEF0061L)).isEqualTo(1);
    assertThat(HostPte.D.get(0x700000ABCDEF0061L)).isEqualTo(1);
    assertThat(HostPte.LAYOUT.reserved(0)).isEqualTo(0x01F0_0000_0000_0000L);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          # entry              size  base
          0x7000000012346E01,  13,   0x12346000
          0x7000000012341E01,  14,   0x12340000
          0x700000001234BE01,  15,   0x12348000
          0x7000000012357E01,  16,   0x12350000
          0x7000000777777E01,  16,   0x777770000
          0x700000001237FE01,  20,   0x12300000
          0x70000000125FFE01,  22,   0x12400000
          0x70000001BFFFFE01,  31,   0x180000000
          0x700000037FFFFE01,  32,   0x300000000
          0x7000000777600E01,  13,   0x777600000
          0x7000000012DFFE01,  22,   0x12C00000
          """)
  void explicitSizes(String entry, int sizeLg2, String base) {
    long word = Long.parseUnsignedLong(entry.substring(2), 16);
    assertThat(HostPte.NEXT_LEVEL.get(word)).isEqualTo(7);
    assertThat(HostPte.explicitSizeLg2(word)).isEqualTo(sizeLg2);
    assertThat(HostPte.explicitBase(word)).isEqualTo(Long.decode(base));
    assertThat(HostPte.explicitAddress(Long.decode(base), sizeLg2))
        .isEqualTo(word & 0x000F_FFFF_FFFF_F000L);
  }

  @Test
  void anAddressOfOnesHasNoLegalSize() {
    assertThat(HostPte.explicitSizeLg2(0x700FFFFFFFFFFE01L)).isEqualTo(53);
    assertThatThrownBy(() -> HostPte.explicitAddress(0x1000, 13))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0x1000");
    assertThatThrownBy(() -> HostPte.explicitAddress(0, 12))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"1, 12", "2, 21", "3, 30", "4, 39", "5, 48"})
  void defaultSizes(int level, int sizeLg2) {
    assertThat(HostPte.defaultSizeLg2(level)).isEqualTo(sizeLg2);
  }
}
