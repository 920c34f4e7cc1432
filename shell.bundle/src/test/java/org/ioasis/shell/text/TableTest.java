package org.ioasis.shell.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.shell.Streams;
import org.junit.jupiter.api.Test;

/** Columns. */
class TableTest {
  @Test
  void columnsAreAsWideAsTheirWidestCellAndLinesEndWithoutSpaces() {
    Streams streams = new Streams();
    new Table("  ").row("a", "bbbb", "c").row("aaa", "b", "").print(streams.out());
    streams.out().flush();
    assertThat(streams.outText()).isEqualTo("  a    bbbb  c\n  aaa  b\n");
  }
}
