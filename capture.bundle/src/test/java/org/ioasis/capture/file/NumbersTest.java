package org.ioasis.capture.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.ioasis.api.IoasisException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumbersTest {
  @ParameterizedTest
  @CsvSource({
    "00:04.0, 0x20, 00:04.0",
    "ff:1f.7, 0xffff, ff:1f.7",
    "01:00.0, 0x100, 01:00.0",
    "0000:00:10.0, 0x80, 00:10.0",
    "0001:00:04.0, 0x10020, 0001:00:04.0",
    "0x20, 0x20, 00:04.0",
    "0xffffffff, 0xffffffff, ffff:ff:1f.7"
  })
  void devicesInEverySpelling(String text, String sourceId, String name) {
    assertThat(Integer.toUnsignedLong(Numbers.device(text))).isEqualTo(Long.decode(sourceId));
    assertThat(Numbers.deviceName(Numbers.device(text))).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "4",
        "00:20.0",
        "00:04.8",
        "00:04",
        "1:00:04.0",
        "0x100000000",
        "0x",
        "zz:00.0"
      })
  void whatIsNoDeviceIsRefused(String text) {
    assertThatThrownBy(() -> Numbers.device(text)).isInstanceOf(IoasisException.class);
  }

  @Test
  void numbersOfSixtyFourBits() {
    assertThat(Numbers.hex("0xffffffffffffffff")).isEqualTo(-1);
    assertThat(Numbers.hex("00000000000000000000001f")).isEqualTo(31);
    assertThat(Numbers.typed("31")).isEqualTo(31);
    assertThat(Numbers.typed("0x31")).isEqualTo(49);
    assertThat(Numbers.typed("18446744073709551615")).isEqualTo(-1);
    assertThat(Numbers.isHex("0x10000000000000000")).isFalse();
    assertThat(Numbers.isHex("١")).isFalse();
    assertThatThrownBy(() -> Numbers.hex("-1")).isInstanceOf(IoasisException.class);
    assertThatThrownBy(() -> Numbers.typed("1f"))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("0x1f or 31");
  }

  @Test
  void hostileTextIsShortenedInMessages() {
    assertThatThrownBy(() -> Numbers.hex("\u001b[31m\n" + "z".repeat(1000)))
        .hasMessageMatching("[ -~]{1,140}");
  }
}
