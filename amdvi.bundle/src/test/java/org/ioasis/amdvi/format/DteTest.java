package org.ioasis.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/**
 * Device table entries against the literal words of the fact sheet, section "Device table entries"
 * of its worked examples, which agree with the macros of Linux.
 */
class DteTest {
  /** v1, three levels at 0x123456000, DomainID 0x42, interrupts remapped at 0x140000000. */
  private static final long[] HOST = {
    0x6000000123456603L, 0x0000000100000042L, 0x2000000140000013L, 0
  };

  /** v2, 5-level, GCR3 at 0xA98765432B000 with two levels, page requests, DomainID 0x77. */
  private static final long[] GUEST = {
    0x6DD0000000000003L, 0xA9876001A8650077L, 0x0040000000000000L, 0
  };

  @Test
  void host() {
    assertThat(Dte.V.get(HOST)).isEqualTo(1);
    assertThat(Dte.TV.get(HOST)).isEqualTo(1);
    assertThat(Dte.HAD.get(HOST)).isZero();
    assertThat(Dte.MODE.get(HOST)).isEqualTo(3);
    assertThat(Dte.HOST_ROOT.inPlace(HOST)).isEqualTo(0x123456000L);
    assertThat(Dte.GV.get(HOST)).isZero();
    assertThat(Dte.IR.get(HOST)).isEqualTo(1);
    assertThat(Dte.IW.get(HOST)).isEqualTo(1);
    assertThat(Dte.DOMAIN_ID.get(HOST)).isEqualTo(0x42);
    assertThat(Dte.I.get(HOST)).isEqualTo(1);
    assertThat(Dte.SE.get(HOST)).isZero();
    assertThat(Dte.SA.get(HOST)).isZero();
    assertThat(Dte.IV.get(HOST)).isEqualTo(1);
    assertThat(Dte.INT_TAB_LEN.get(HOST)).isEqualTo(9);
    assertThat(Dte.IG.get(HOST)).isZero();
    assertThat(Dte.INT_ROOT.inPlace(HOST)).isEqualTo(0x140000000L);
    assertThat(Dte.INT_CTL.get(HOST)).isEqualTo(2);
  }

  @Test
  void variantsOfHost() {
    assertThat(Dte.HAD.get(0x6000000123456783L)).isEqualTo(3);
    assertThat(Dte.SA.get(0, 0x0000000500000042L)).isEqualTo(1);
    assertThat(Dte.SE.get(0, 0x0000000500000042L)).isZero();
    assertThat(Dte.SE.get(0, 0x0000000300000042L)).isEqualTo(1);
    assertThat(Dte.SA.get(0, 0x0000000300000042L)).isZero();
    assertThat(Dte.MODE.get(0x6000000000000003L)).isZero();
  }

  @Test
  void guest() {
    assertThat(Dte.MODE.get(GUEST)).isZero();
    assertThat(Dte.PPR.get(GUEST)).isEqualTo(1);
    assertThat(Dte.GPRP.get(GUEST)).isZero();
    assertThat(Dte.GIOV.get(GUEST)).isEqualTo(1);
    assertThat(Dte.GV.get(GUEST)).isEqualTo(1);
    assertThat(Dte.GLX.get(GUEST)).isEqualTo(1);
    assertThat(Dte.DOMAIN_ID.get(GUEST)).isEqualTo(0x77);
    assertThat(Dte.GUEST_PAGING.get(GUEST)).isEqualTo(1);
    assertThat(Dte.GCR3_14_12.get(GUEST)).isEqualTo(3);
    assertThat(Dte.GCR3_30_15.get(GUEST)).isEqualTo(0xA865);
    assertThat(Dte.GCR3_51_31.get(GUEST)).isEqualTo(0x1530EC);
    assertThat(Dte.gcr3Root(GUEST[0], GUEST[1])).isEqualTo(0xA98765432B000L);
  }

  @Test
  void theCutAddressIsPutTogether() {
    assertThat(Dte.withGcr3Root0(0x61D0000000000003L, 0xA98765432B000L)).isEqualTo(GUEST[0]);
    assertThat(Dte.withGcr3Root1(0x0000000100000077L, 0xA98765432B000L)).isEqualTo(GUEST[1]);
    assertThatThrownBy(() -> Dte.withGcr3Root0(0, 0x800))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0x800");
    assertThatThrownBy(() -> Dte.withGcr3Root1(0, 1L << 52))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void reservedBitsAreThoseTheTableNames() {
    assertThat(Dte.LAYOUT.reserved(0)).isEqualTo(0x8000_0000_0000_007CL);
    assertThat(Dte.LAYOUT.reserved(1)).isZero();
    assertThat(Dte.LAYOUT.reserved(2)).isEqualTo(0x0030_0000_0000_0000L);
    assertThat(Dte.LAYOUT.reserved(3)).isEqualTo(0x001F_0000_0000_7FFFL);
  }
}
