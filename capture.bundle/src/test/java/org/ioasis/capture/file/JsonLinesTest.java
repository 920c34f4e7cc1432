package org.ioasis.capture.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.inspect.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonLinesTest {
  @TempDir Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("rows.jsonl"), text);
  }

  private static List<ObjectNode> all(Path file) {
    List<ObjectNode> rows = new ArrayList<>();
    try (JsonLines lines = JsonLines.open(file)) {
      for (ObjectNode row = lines.next(); row != null; row = lines.next()) {
        rows.add(row);
      }
    }
    return rows;
  }

  private void refused(Path file, String... parts) {
    assertThatThrownBy(() -> all(file))
        .isInstanceOfSatisfying(
            IoasisException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.MALFORMED);
              assertThat(e.getMessage()).startsWith(file + ": ").contains(parts);
              assertThat(e.getMessage()).doesNotContain("\n");
            });
  }

  @Test
  void linesKeepTheirNumbers() throws IOException {
    try (JsonLines lines = JsonLines.open(write("{\"a\":1}\r\n\n  \n{\"a\":2}"))) {
      assertThat(lines.next().get("a").intValue()).isEqualTo(1);
      assertThat(lines.line()).isEqualTo(1);
      assertThat(lines.next().get("a").intValue()).isEqualTo(2);
      assertThat(lines.line()).isEqualTo(4);
      assertThat(lines.next()).isNull();
    }
  }

  @Test
  void manyLongLinesCrossTheBuffer() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      text.append("{\"n\":%d,\"fill\":\"%s\"}\n".formatted(i, "x".repeat(5000 * (i % 3) + 7)));
    }
    Path gzip = folder.resolve("rows.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
      out.write(text.toString().getBytes(StandardCharsets.UTF_8));
    }
    for (Path file : List.of(write(text.toString()), gzip)) {
      assertThat(all(file)).hasSize(50);
      assertThat(all(file).get(49).get("n").intValue()).isEqualTo(49);
    }
  }

  @Test
  void whatIsNoObjectIsNamedWithItsLine() throws IOException {
    refused(write("{}\n[1]\n"), "line 2", "a JSON object is needed");
    refused(write("{}\n{\"a\":}\n"), "line 2", "not JSON");
    refused(write("{\"a\":1} {\"b\":2}\n"), "line 1", "not JSON");
    refused(write("{\"a\":1,\"a\":2}\n"), "line 1", "Duplicate field 'a'");
    refused(write("nonsense"), "line 1", "not JSON");
  }

  @Test
  void aLineWithoutEndIsRefused() throws IOException {
    byte[] bytes = new byte[JsonLines.LONGEST_LINE + 1];
    Arrays.fill(bytes, (byte) 'x');
    refused(Files.write(folder.resolve("long"), bytes), "line 1", "longer than 16777216 bytes");
  }

  @Test
  void aTruncatedGzipIsNamed() throws IOException {
    Path file = folder.resolve("rows.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      for (int i = 0; i < 1000; i++) {
        out.write("{\"n\":\"%x\"}\n".formatted(i * 7919).getBytes(StandardCharsets.UTF_8));
      }
    }
    byte[] whole = Files.readAllBytes(file);
    refused(Files.write(file, Arrays.copyOf(whole, whole.length - 20)), "line", "is truncated");
    refused(folder, "this is a folder");
  }

  @Test
  void rowsAndObjectsCorrespond() {
    byte[] text =
        """
        {"sid":32,"pasid":null,"type":"map","iova":"0xffffc000","read":true,
         "frcd":["c000","8000000500000010"],"events":[["1","2"],["3","4"]],"out":{"class":"ok"}}
        """
            .getBytes(StandardCharsets.UTF_8);
    Row row = Json.row(Json.parse(text, text.length, "f", ""));
    Row expected =
        new Row()
            .number("sid", 32)
            .nothing("pasid")
            .text("type", "map")
            .text("iova", "0xffffc000")
            .flag("read", true)
            .words("frcd", List.of(0xc000L, 0x8000000500000010L))
            .rows(
                "events",
                List.of(
                    new Row().words("words", List.of(1L, 2L)),
                    new Row().words("words", List.of(3L, 4L))))
            .rows("out", List.of(new Row().text("class", "ok")));
    assertThat(row).isEqualTo(expected);
    Row printed = new Row().hex("pa", 0xffff_ffff_ffff_f000L).number("level", 1);
    printed.words("frcd", List.of(0xc000L)).nothing("pasid").flag("w", false);
    assertThat(Json.line(Json.object(printed, Json.Hex.PREFIXED)))
        .isEqualTo(
            "{\"pa\":\"0xfffffffffffff000\",\"level\":1,\"frcd\":[\"0xc000\"],"
                + "\"pasid\":null,\"w\":false}");
    assertThat(
            Json.line(
                Json.object(
                    new Row()
                        .rows(
                            "events",
                            List.of(new Row().words("words", List.of(0x2009000000000010L, 0L)))),
                    Json.Hex.BARE)))
        .isEqualTo("{\"events\":[[\"2009000000000010\",\"0\"]]}");
  }
}
