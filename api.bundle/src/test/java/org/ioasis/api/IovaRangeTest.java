package org.ioasis.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class IovaRangeTest {
  @Test
  void theLastAddressExists() {
    IovaRange top = IovaRange.of(0xFFFF_FFFF_FFFF_F000L, 0x1000);
    assertThat(top.last()).isEqualTo(0xFFFF_FFFF_FFFF_FFFFL);
    assertThat(top.length()).isEqualTo(0x1000);
    assertThat(IovaRange.ALL.contains(top)).isTrue();
    assertThat(IovaRange.ALL.length()).isZero();
    assertThat(top).hasToString("0xfffffffffffff000..0xffffffffffffffff");
  }

  @Test
  void emptyWrappingAndReversedRangesAreRefused() {
    assertThatThrownBy(() -> IovaRange.of(0x1000, 0))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID));
    assertThatThrownBy(() -> IovaRange.of(0xFFFF_FFFF_FFFF_F000L, 0x1001))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OVERFLOW));
    assertThatThrownBy(() -> new IovaRange(0x8000_0000_0000_0000L, 0x7FFF_FFFF_FFFF_FFFFL))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void comparesUnsigned() {
    IovaRange middle = new IovaRange(0x7FFF_FFFF_FFFF_F000L, 0x8000_0000_0000_0FFFL);
    assertThat(middle.contains(0x8000_0000_0000_0000L)).isTrue();
    assertThat(middle.contains(0x8000_0000_0000_1000L)).isFalse();
    assertThat(middle.contains(0)).isFalse();
    assertThat(middle.overlaps(new IovaRange(0x8000_0000_0000_0FFFL, -1L))).isTrue();
    assertThat(middle.overlaps(new IovaRange(0x8000_0000_0000_1000L, -1L))).isFalse();
    assertThat(middle.contains(new IovaRange(0x7FFF_FFFF_FFFF_F000L, 0x8000_0000_0000_1000L)))
        .isFalse();
  }
}
