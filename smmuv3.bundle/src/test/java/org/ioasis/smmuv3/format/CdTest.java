package org.ioasis.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Context descriptors against the literal words of the fact sheet, section "CD". */
class CdTest {
  /** T0SZ=16, 4K, WBWA, ISH, EPD1, IPS=48, AA64, R, A, ASET, ASID 0x2A, TTB0 0x8_4560_0000. */
  private static final long[] CD = {
    0x002AE205C0003510L, 0x0000000845600000L, 0, 0x00000000F404FF44L, 0, 0, 0, 0
  };

  @Test
  void theExample() {
    assertThat(Cd.T0SZ.get(CD)).isEqualTo(16);
    assertThat(Cd.TG0.get(CD)).isZero();
    assertThat(Cd.IR0.get(CD)).isEqualTo(1);
    assertThat(Cd.OR0.get(CD)).isEqualTo(1);
    assertThat(Cd.SH0.get(CD)).isEqualTo(3);
    assertThat(Cd.EPD0.get(CD)).isZero();
    assertThat(Cd.ENDI.get(CD)).isZero();
    assertThat(Cd.T1SZ.get(CD)).isZero();
    assertThat(Cd.EPD1.get(CD)).isEqualTo(1);
    assertThat(Cd.V.get(CD)).isEqualTo(1);
    assertThat(Cd.IPS.get(CD)).isEqualTo(5);
    assertThat(Cd.AFFD.get(CD)).isZero();
    assertThat(Cd.TBI0.get(CD)).isZero();
    assertThat(Cd.AA64.get(CD)).isEqualTo(1);
    assertThat(Cd.HD.get(CD)).isZero();
    assertThat(Cd.HA.get(CD)).isZero();
    assertThat(Cd.S.get(CD)).isZero();
    assertThat(Cd.R.get(CD)).isEqualTo(1);
    assertThat(Cd.A.get(CD)).isEqualTo(1);
    assertThat(Cd.ASET.get(CD)).isEqualTo(1);
    assertThat(Cd.ASID.get(CD)).isEqualTo(0x2A);
    assertThat(Cd.TTB0.inPlace(CD)).isEqualTo(0x8_4560_0000L);
    assertThat(Cd.HAD0.get(CD)).isZero();
    assertThat(Cd.MAIR0.get(CD)).isEqualTo(0xF404FF44L);
    assertThat(Cd.MAIR1.get(CD)).isZero();
  }

  @Test
  void stalling() {
    assertThat(Cd.S.get(0x002AF205C0003510L)).isEqualTo(1);
  }

  @Test
  void reservedBitsAreThoseTheTableLeavesOut() {
    assertThat(Cd.LAYOUT.reserved(0)).isZero();
    assertThat(Cd.LAYOUT.reserved(1)).isEqualTo(0x0300_0000_0000_0000L);
    assertThat(Cd.LAYOUT.reserved(2)).isEqualTo(0x0300_0000_0000_0000L);
    assertThat(Cd.LAYOUT.reserved(3)).isZero();
    assertThat(Cd.LAYOUT.reserved(4)).isZero();
    assertThat(Cd.LAYOUT.reserved(5)).isEqualTo(0xFF00_0000_0000_0000L);
    assertThat(Cd.LAYOUT.reserved(6)).isEqualTo(-1L);
    assertThat(Cd.LAYOUT.reserved(7)).isEqualTo(-1L);
  }
}
