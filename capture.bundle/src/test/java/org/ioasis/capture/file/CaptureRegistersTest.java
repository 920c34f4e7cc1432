package org.ioasis.capture.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.state.RegisterValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaptureRegistersTest {
  private static final String GOOD =
      """
      {"case": "x", "kind": "toy", "mmio_base": "0xfed90000",
       "ram_segments": [["0x100000000", "0xc0000000"], ["0x0", "0x80000000"]],
       "registers": [{"name": "A", "offset": "0x8", "size": 8, "value": "0xd2008c222f0686"},
                     {"name": "B", "offset": "0x1c", "size": 4, "value": "0xc7000000"}]}
      """;

  @TempDir Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("registers.json"), text);
  }

  @Test
  void everythingIsReadVerbatim() throws IOException {
    CaptureRegisters registers = CaptureRegisters.read(write(GOOD));
    assertThat(registers.kind()).isEqualTo("toy");
    assertThat(registers.mmioBase()).isEqualTo(0xfed90000L);
    assertThat(registers.ram())
        .containsExactly(new Range(0, 0x7fffffffL), new Range(0x100000000L, 0x1bfffffffL));
    assertThat(registers.registers())
        .containsExactly(
            new RegisterValue("A", 8, 8, 0xd2008c222f0686L),
            new RegisterValue("B", 0x1c, 4, 0xc7000000L));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          "size": 4        | "size": 2         | size 2 is neither 4 nor 8
          "size": 4        | "size": "nine"    | neither a number nor a hexadecimal string
          "0xc7000000"     | "0x1c7000000"     | value 0x1c7000000 does not fit 4 bytes
          "0xc7000000"     | 1.5               | 'value' is 1.5, neither a number
          "0xc7000000"     | "0x11111111111111111" | hexadecimal string of at most 64 bits
          "0x1c"           | "0xc"             | offset 0xc is there twice
          "0x1c"           | "0x1d"            | offset 0x1d is not a multiple of 4
          "name": "B"      | "name": "a"       | register a: name or offset
          "name": "B", |                       | register 1: it has no name
          "kind": "toy",   |                   | 'kind': the kind of hardware is needed
          "kind": "toy"    | "kind": 7         | 'kind': the kind of hardware is needed
          "0x80000000"     | "0x80000001"      | must be whole 4 KiB pages below 2^52
          "0x80000000"     | "0x100001000"     | 0x0..0x100000fff and 0x100000000..0x1bfffffff overlap
          "0xc0000000"     | "0xfffffffffffff000" | must be whole 4 KiB pages
          "0x0", |                             | each must be [base, size]
          "registers": [   | "registers": 5, "x": [ | a list of {name, offset, size, value} is needed
          "case": "x"      | "kind": "y"       | not JSON: Duplicate field 'kind'
          {"case"          | [{"case"          | not JSON
          "case": "x"      | "case": x         | not JSON: Unrecognized token 'x'
          """)
  void whatIsWrongIsNamed(String good, String bad, String message) throws IOException {
    assertThat(GOOD).contains(good);
    Path file = write(GOOD.replace(good, bad == null ? "" : bad));
    assertThatThrownBy(() -> CaptureRegisters.read(file))
        .isInstanceOfSatisfying(
            IoasisException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.MALFORMED);
              assertThat(e.getMessage())
                  .startsWith(file + ": ")
                  .contains(message)
                  .doesNotContain("\n");
            });
  }

  @Test
  void anEmptyOrEndlessFileIsRefused() throws IOException {
    assertThatThrownBy(() -> CaptureRegisters.read(write(""))).hasMessageContaining("JSON object");
    assertThatThrownBy(() -> CaptureRegisters.read(write("[".repeat(100000))))
        .isInstanceOf(IoasisException.class)
        .hasMessageContaining("not JSON");
    Path file = Files.write(folder.resolve("registers.json"), new byte[(1 << 24) + 1]);
    assertThatThrownBy(() -> CaptureRegisters.read(file)).hasMessageContaining("larger than");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> CaptureRegisters.read(folder.resolve("registers.json")))
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_FOUND));
  }

  @Test
  void anEmptyFolderIsNoCapture() throws IOException {
    assertThatThrownBy(() -> CapturedMachine.openFolder(folder))
        .isInstanceOf(IoasisException.class)
        .hasMessageStartingWith(folder + ": no registers.json in this folder")
        .hasMessageContaining("--kind");
    write(GOOD);
    assertThatThrownBy(() -> CapturedMachine.openFolder(folder))
        .hasMessage(folder + ": no memory.elf(.gz) in it");
  }
}
