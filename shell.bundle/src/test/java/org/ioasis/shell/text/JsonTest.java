package org.ioasis.shell.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.Row;
import org.junit.jupiter.api.Test;

/** Rows as JSON, each kind of cell against its literal text. */
class JsonTest {
  @Test
  void everyKindOfCellHasItsForm() {
    Row row =
        new Row()
            .hex("root", 0xffff_ffff_ffff_f000L)
            .number("level", 4)
            .flag("enabled", true)
            .text("mode", "scalable")
            .nothing("pasid")
            .words("raw", List.of(0x1L, -1L))
            .rows("queues", List.of(new Row().hex("head", 0x20)));
    assertThat(Json.of(row))
        .hasToString(
            "{\"root\":\"0xfffffffffffff000\",\"level\":4,\"enabled\":true,\"mode\":\"scalable\","
                + "\"pasid\":null,\"raw\":[\"0x1\",\"0xffffffffffffffff\"],"
                + "\"queues\":[{\"head\":\"0x20\"}]}");
  }

  @Test
  void cellsAreReadableAlone() {
    Row row = new Row().hex("a", 0xfed9_0000L).number("b", 12).nothing("c").words("d", List.of(7L));
    assertThat(row.cells().values().stream().map(Json::text))
        .containsExactly("0xfed90000", "12", "null", "[\"0x7\"]");
  }

  @Test
  void whatIsNotJsonIsRefusedInOneLine() {
    assertThatThrownBy(() -> Json.read("the answer", "{\"a\":"))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED))
        .hasMessageStartingWith("the answer is not JSON: ");
    assertThatThrownBy(() -> Json.read(Path.of("/nowhere/demo.json")))
        .hasMessage("/nowhere/demo.json cannot be read");
  }
}
