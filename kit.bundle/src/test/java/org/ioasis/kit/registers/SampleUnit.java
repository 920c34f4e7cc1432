package org.ioasis.kit.registers;

import static org.ioasis.kit.registers.Register.reg;

import java.util.ArrayList;
import java.util.List;

/**
 * A made-up unit with one register of every kind that the three vendors have. It logs what its
 * handlers are told.
 */
final class SampleUnit {
  static final int SIZE = 0x100;
  static final int ARRAY = 0x40;

  // spotless:off
  static final RegisterTable<SampleUnit> TABLE = RegisterTable.<SampleUnit>builder("sample", SIZE)
      .rows(
          reg(0x00, "VER_REG",   32).reset(0x10),
          reg(0x08, "CAP_REG",   64).reset(0x00D2008C222F0686L),
          reg(0x10, "GCMD_REG",  32).writable(0xFF80_0000L).readsZero().onWrite(SampleUnit::globalCommand),
          reg(0x14, "GSTS_REG",  32),
          reg(0x18, "RTADDR_REG",64).writable(0xFFFF_FFFF_FFFF_FC00L),
          reg(0x20, "CCMD_REG",  64).writable(0xE000_0003_FFFF_FFFFL).onUpperWrite(SampleUnit::contextCommand),
          reg(0x28, "FSTS_REG",  32).w1c(0x71).sticky(0xFFFF).onWrite(SampleUnit::faultStatus),
          reg(0x2C, "FECTL_REG", 32).reset(0x8000_0000L).writable(0x8000_0000L),
          reg(0x30, "FEADDR_REG",32).writable(0xFFFF_FFFCL).onWrite(SampleUnit::eventAddress),
          reg(0x34, "FEUADDR_REG",32).writable().onWrite(SampleUnit::eventUpperAddress),
          reg(0x38, "IVA_REG",   64).writable(0xFFFF_FFFF_FFFF_F07FL).readsZero())
      .array(2, i -> reg(ARRAY + 16 * i,     "FRCD" + i + "_LO", 64).sticky(-1L))
      .array(2, i -> reg(ARRAY + 16 * i + 8, "FRCD" + i + "_HI", 64).w1c(1L << 63).sticky(-1L)
          .onWrite((SampleUnit unit, long value, long old) -> unit.recordWritten(i, value, old)))
      .rows(
          reg(0x60, "CR2",       32).writable(0x7).writableWhile(SampleUnit::isDisabled),
          reg(0x64, "GBPA",      32).writable(0x8010_3F1FL).filter(SampleUnit::bypassAttributes),
          reg(0x68, "KICK",      32).writable(0xFF).oneShot(0x8000_0000L).onWrite(SampleUnit::kicked),
          reg(0x70, "HEAD",      64).onRead(SampleUnit::head),
          reg(0x80, "EVENTQ_PROD",32).writable(0x800F_FFFFL))
      .rowsIf(false, reg(0x88, "AFLOG_REG", 64).writable())
      .alias(0xA8, "EVENTQ_PROD")
      .absent(0xC0, 0xCF)
      .build();
  // spotless:on

  final List<String> log = new ArrayList<>();
  final RegisterFile<SampleUnit> registers = TABLE.newFile(this);
  boolean enabled;
  long head;

  void globalCommand(long value, long old) {
    note("gcmd", value, old);
  }

  void contextCommand(long value, long old) {
    note("ccmd", value, old);
    if (value < 0) {
      registers.clearBits(0x20, Long.MIN_VALUE);
    }
  }

  void faultStatus(long value, long old) {
    note("fsts", value, old);
  }

  void eventAddress(long value, long old) {
    note("feaddr", value, old);
  }

  void eventUpperAddress(long value, long old) {
    note("feuaddr", value, old);
  }

  void recordWritten(int record, long value, long old) {
    note("frcd" + record, value, old);
  }

  void kicked(long value, long old) {
    note("kick", value, old);
  }

  boolean isDisabled() {
    return !enabled;
  }

  /** A write counts only with Update=1 (bit 31) and while no update is pending. */
  long bypassAttributes(long value, long old) {
    return value >>> 31 == 1 && old >>> 31 == 0 ? value : old;
  }

  long head(long stored) {
    return head;
  }

  private void note(String what, long value, long old) {
    log.add("%s %x %x".formatted(what, value, old));
  }
}
