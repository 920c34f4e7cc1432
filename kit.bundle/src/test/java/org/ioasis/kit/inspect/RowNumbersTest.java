package org.ioasis.kit.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.api.inspect.Row;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Numbers as captures and vectors write them. */
class RowNumbersTest {
  @Test
  @DisplayName("hexadecimal text, with and without prefix, and typed cells")
  void numbers() {
    Row row =
        new Row()
            .text("bare", "ff00")
            .text("prefixed", "0xff00")
            .text("wide", "ffffffffffffffff")
            .text("none", "rw")
            .hex("typed", 0x12);

    assertThat(RowNumbers.number(row, "bare")).contains(0xFF00L);
    assertThat(RowNumbers.number(row, "prefixed")).contains(0xFF00L);
    assertThat(RowNumbers.number(row, "wide")).contains(-1L);
    assertThat(RowNumbers.number(row, "none")).isEmpty();
    assertThat(RowNumbers.number(row, "typed")).contains(0x12L);
    assertThat(RowNumbers.number(row, "missing")).isEmpty();
  }

  @Test
  @DisplayName("lists of words")
  void words() {
    assertThat(RowNumbers.words(new Row().words("q", List.of(1L, -1L)), "q"))
        .containsExactly(1L, -1L);
    assertThat(RowNumbers.words(new Row().text("q", "1"), "q")).isEmpty();
    assertThat(SourceIds.bdf(0x1234)).isEqualTo("12:06.4");
  }
}
