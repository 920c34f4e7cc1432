package org.ioasis.kit.registers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Software's side: what each kind of access to each kind of register does. */
class RegisterAccessTest {
  private final SampleUnit unit = new SampleUnit();
  private final RegisterFile<SampleUnit> registers = unit.registers;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # what                             | offset | bytes | written          | stored at | contents         | handlers
          read-only, 32 bits                 | 0x00   | 4     | FFFFFFFF         | 0x00 | 10               |
          read-only, 64 bits                 | 0x08   | 8     | FFFFFFFFFFFFFFFF | 0x08 | D2008C222F0686   |
          read-only, low half                | 0x08   | 4     | FFFFFFFF         | 0x08 | D2008C222F0686   |
          writable bits only                 | 0x18   | 8     | FFFFFFFFFFFFFFFF | 0x18 | FFFFFFFFFFFFFC00 |
          low half                           | 0x18   | 4     | 12345678         | 0x18 | 12345400         |
          high half                          | 0x1C   | 4     | 12345678         | 0x18 | 1234567800000000 |
          a value wider than the access      | 0x18   | 4     | 9ABCDEF012345678 | 0x18 | 12345400         |
          write-only keeps its bits          | 0x10   | 4     | 80000001         | 0x10 | 80000000         | gcmd 80000000 0
          acts when upper byte is written    | 0x20   | 8     | A000000000000000 | 0x20 | 2000000000000000 | ccmd a000000000000000 0
          high half alone acts               | 0x24   | 4     | A0000000         | 0x20 | 2000000000000000 | ccmd a000000000000000 0
          low half alone does not            | 0x20   | 4     | 03290042         | 0x20 | 3290042          |
          two 32-bit registers, low first    | 0x30   | 8     | 12300FEE01004    | 0x30 | FEE01004         | feaddr fee01004 0;feuaddr 12300 0
          the upper one of the two           | 0x30   | 8     | 12300FEE01004    | 0x34 | 12300            | feaddr fee01004 0;feuaddr 12300 0
          writable above, read-only below    | 0x28   | 8     | 0000000000000000 | 0x2C | 0                | fsts 0 0
          a register and a hole              | 0x80   | 8     | FFFFFFFFFFFFFFFF | 0x80 | 800FFFFF         |
          a hole                             | 0x88   | 8     | FFFFFFFFFFFFFFFF | 0x80 | 0                |
          the second offset of a register    | 0xA8   | 4     | 80012345         | 0x80 | 80012345         |
          one-shot bit                       | 0x68   | 4     | 80000042         | 0x68 | 42               | kick 80000042 0
          16 bits                            | 0x18   | 2     | FFFF             | 0x18 | 0                |
          one byte                           | 0x1F   | 1     | FF               | 0x18 | 0                |
          unaligned 32 bits                  | 0x1A   | 4     | FFFFFFFF         | 0x18 | 0                |
          unaligned 64 bits                  | 0x1C   | 8     | FFFFFFFFFFFFFFFF | 0x18 | 0                |
          128 bits                           | 0x18   | 16    | FFFFFFFFFFFFFFFF | 0x18 | 0                |
          beyond the block, same low bits    | 0x118  | 8     | FFFFFFFFFFFFFFFF | 0x18 | 0                |
          far beyond                         | 0x100000018 | 8 | FFFFFFFFFFFFFFFF | 0x18 | 0               |
          """)
  void writes(
      String what,
      String offset,
      int bytes,
      String written,
      String at,
      String contents,
      String handlers) {
    registers.write(Long.decode(offset), bytes, hex(written));
    assertThat(registers.peek(Long.decode(at))).as(what).isEqualTo(hex(contents));
    String[] told = handlers == null ? new String[0] : handlers.split(";");
    assertThat(unit.log).as(what).containsExactly(told);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # what                       | offset | bytes | read
          32 bits                      | 0x00   | 4     | 10
          64 bits                      | 0x08   | 8     | D2008C222F0686
          low half                     | 0x08   | 4     | 222F0686
          high half                    | 0x0C   | 4     | D2008C
          two 32-bit registers         | 0x28   | 8     | 8000000000000073
          a register and a hole        | 0x00   | 8     | 10
          write-only                   | 0x10   | 4     | 0
          write-only beside status     | 0x10   | 8     | C700000000000000
          write-only, 64 bits          | 0x38   | 8     | 0
          write-only, high half        | 0x3C   | 4     | 0
          computed                     | 0x70   | 8     | 123456789
          computed, high half          | 0x74   | 4     | 1
          the second offset            | 0xA8   | 4     | 80000007
          a hole                       | 0x04   | 4     | 0
          a hole, 64 bits              | 0x90   | 8     | 0
          absent range, first          | 0xC0   | 4     | FFFFFFFF
          absent range, last           | 0xC8   | 8     | FFFFFFFFFFFFFFFF
          after the absent range       | 0xD0   | 8     | 0
          8 bits                       | 0x00   | 1     | FF
          16 bits                      | 0x00   | 2     | FFFF
          3 bytes                      | 0x00   | 3     | FFFFFF
          unaligned 32 bits            | 0x02   | 4     | FFFFFFFF
          unaligned 64 bits            | 0x0C   | 8     | FFFFFFFFFFFFFFFF
          128 bits                     | 0x00   | 16    | FFFFFFFFFFFFFFFF
          no bytes                     | 0x00   | 0     | FFFFFFFFFFFFFFFF
          the last place of the block  | 0xFC   | 4     | 0
          across the end of the block  | 0xFC   | 8     | FFFFFFFFFFFFFFFF
          beyond, 32 bits              | 0x100  | 4     | FFFFFFFF
          beyond, 64 bits              | 0x100  | 8     | FFFFFFFFFFFFFFFF
          beyond, 8 bits               | 0x100  | 1     | FF
          far beyond                   | 0x100000000 | 4 | FFFFFFFF
          negative                     | -8     | 8     | FFFFFFFFFFFFFFFF
          """)
  void reads(String what, String offset, int bytes, String read) {
    registers.poke(0x10, 0x0400_0000L);
    registers.poke(0x14, 0xC700_0000L);
    registers.poke(0x28, 0x73);
    registers.poke(0x38, 0x1234_5678_9000L);
    registers.poke(0x80, 0x8000_0007L);
    unit.head = 0x1_2345_6789L;
    assertThat(registers.read(Long.decode(offset), bytes)).as(what).isEqualTo(hex(read));
    assertThat(unit.log).isEmpty();
  }

  @Test
  void otherSizesMayReadZeroInstead() {
    RegisterFile<Object> file =
        RegisterTable.builder("zero", 0x10)
            .rows(Register.reg(0, "R", 32).reset(0x12345678))
            .otherAccessesReadZero()
            .build()
            .newFile(this);
    assertThat(file.read(0, 4)).isEqualTo(0x12345678);
    assertThat(file.read(0, 2)).isZero();
    assertThat(file.read(4, 8)).isZero();
    assertThat(file.read(0x10, 2)).isEqualTo(0xFFFF);
    assertThat(file.read(0xC, 8)).as("across the end").isEqualTo(-1L);
  }

  @Test
  void writeOneClearsAndZeroLeaves() {
    registers.poke(0x28, 0x0273);
    registers.write(0x28, 4, 0x10);
    assertThat(registers.read(0x28, 4)).isEqualTo(0x0263);
    registers.write(0x28, 4, 0x0);
    assertThat(registers.read(0x28, 4)).isEqualTo(0x0263);
    registers.write(0x28, 4, 0xFFFF_FFFFL);
    assertThat(registers.read(0x28, 4)).isEqualTo(0x0202);
    assertThat(unit.log).containsExactly("fsts 263 273", "fsts 263 263", "fsts 202 263");
  }

  @Test
  void writeOneClearsThroughTheHighHalfAsLinuxDoes() {
    registers.poke(0x48, 0xC000_0006_0000_0329L);
    registers.poke(0x58, 0x8000_0005_0000_0329L);
    registers.write(0x48, 4, 0xFFFF_FFFFL);
    assertThat(registers.read(0x48, 8)).isEqualTo(0xC000_0006_0000_0329L);
    registers.write(0x5C, 4, 0x8000_0000L);
    assertThat(registers.read(0x58, 8)).isEqualTo(0x0000_0005_0000_0329L);
    assertThat(registers.read(0x48, 8)).isEqualTo(0xC000_0006_0000_0329L);
    assertThat(unit.log)
        .containsExactly(
            "frcd0 c000000600000329 c000000600000329", "frcd1 500000329 8000000500000329");
  }

  @Test
  void guardedRegisterIsReadOnlyWhileTheUnitIsEnabled() {
    registers.write(0x60, 4, 0x6);
    unit.enabled = true;
    registers.write(0x60, 4, 0x1);
    assertThat(registers.read(0x60, 4)).isEqualTo(0x6);
    unit.enabled = false;
    registers.write(0x60, 4, 0x1);
    assertThat(registers.read(0x60, 4)).isEqualTo(0x1);
  }

  @Test
  void filterDropsWhatTheHandshakeForbids() {
    registers.write(0x64, 4, 0x0010_0000L);
    assertThat(registers.read(0x64, 4)).as("Update=0").isZero();
    registers.write(0x64, 4, 0x8010_0000L);
    assertThat(registers.read(0x64, 4)).isEqualTo(0x8010_0000L);
    registers.write(0x64, 4, 0x8000_1000L);
    assertThat(registers.read(0x64, 4)).as("while pending").isEqualTo(0x8010_0000L);
    registers.clearBits(0x64, 0x8000_0000L);
    assertThat(registers.read(0x64, 4)).isEqualTo(0x0010_0000L);
  }

  @Test
  void oneShotBitTheHardwareLeftIsNotTakenForAWrite() {
    registers.poke(0x68, 0x8000_0001L);
    registers.write(0x68, 4, 0x2);
    assertThat(unit.log).containsExactly("kick 2 80000001");
    assertThat(registers.peek(0x68)).isEqualTo(2);
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }
}
