package org.ioasis.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** GCR3 and v2 entries against the literal words of the fact sheet, section "v2 walk". */
class GuestTableTest {
  @Test
  void gcr3() {
    long word = 0x0000000200000001L;
    assertThat(Gcr3Entry.V.get(word)).isEqualTo(1);
    assertThat(Gcr3Entry.ADDRESS.inPlace(word)).isEqualTo(0x200000000L);
    assertThat(Gcr3Entry.LAYOUT.reserved(0)).isEqualTo(0xFFF0_0000_0000_0FFEL);
  }

  @Test
  void gcr3Indexes() {
    assertThat(Gcr3Entry.index(0x12345, 1)).isEqualTo(0x91);
    assertThat(Gcr3Entry.index(0x12345, 0)).isEqualTo(0x145);
    assertThat(Gcr3Entry.index(0x12345, 2)).isZero();
    assertThat(Gcr3Entry.index(0xFFFFF, 2)).isEqualTo(3);
  }

  @Test
  void directory() {
    long word = 0x0000000200001027L;
    assertThat(GuestPte.P.get(word)).isEqualTo(1);
    assertThat(GuestPte.RW.get(word)).isEqualTo(1);
    assertThat(GuestPte.US.get(word)).isEqualTo(1);
    assertThat(GuestPte.A.get(word)).isEqualTo(1);
    assertThat(GuestPte.D.get(word)).isZero();
    assertThat(GuestPte.PS.get(word)).isZero();
    assertThat(GuestPte.ADDRESS.inPlace(word)).isEqualTo(0x200001000L);
  }

  @Test
  void leaves() {
    assertThat(GuestPte.D.get(0x000000ABCDEF0067L)).isEqualTo(1);
    assertThat(GuestPte.ADDRESS.inPlace(0x000000ABCDEF0067L)).isEqualTo(0xABCDEF0000L);
    assertThat(GuestPte.PS.get(0x00000000802000E7L)).isEqualTo(1);
    assertThat(GuestPte.NX.get(0x80000000802000E7L)).isEqualTo(1);
    assertThat(GuestPte.LAYOUT.reserved(0)).isZero();
  }
}
