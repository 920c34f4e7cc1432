package org.ioasis.kit.registers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.ioasis.kit.registers.Register.reg;

import org.junit.jupiter.api.Test;

/** What a table refuses, and how registers are found in it. */
class RegisterTableTest {

  @Test
  void rowsThatAreNoneAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reg(0x18, "R", 16))
        .withMessageContaining("32 or 64 bits wide");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reg(0x1C, "R", 64))
        .withMessage(
            "register refused: R @0x1c (64 bits): its offset is not a multiple of its 8 bytes");
    assertThatIllegalArgumentException().isThrownBy(() -> reg(0x1A, "R", 32));
    assertThatIllegalArgumentException().isThrownBy(() -> reg(-8, "R", 32));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reg(0, "R", 32).writable(0x8000_0000))
        .withMessageContaining("bits 0xffffffff00000000 of its masks lie beyond its width");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reg(0, "R", 32).writable(0xF0).w1c(0x18))
        .withMessageContaining("bits 0x10 are in two of writable, w1c and oneShot");
    assertThatIllegalArgumentException().isThrownBy(() -> reg(0, "R", 32).w1c(1).oneShot(1));
    assertThatIllegalArgumentException().isThrownBy(() -> reg(0, "R", 32).oneShot(1).reset(1));
  }

  @Test
  void rowsAreImmutable() {
    Register<Object> row = reg(0, "R", 32);
    assertThat(row.writable(0xFF).reset(7).isReadOnly()).isFalse();
    assertThat(row.isReadOnly()).isTrue();
    assertThat(row.resetValue()).isZero();
    assertThat(row.w1c(1).isReadOnly()).isFalse();
    assertThat(row.oneShot(1).isReadOnly()).isFalse();
  }

  @Test
  void tablesThatDoNotFitAreRefused() {
    assertRefused(
        table(0x40, reg(0x10, "A", 64), reg(0x14, "B", 32)), "B @0x14 (32 bits) overlaps A");
    assertRefused(table(0x40, reg(0x10, "A", 32), reg(0x10, "B", 32)), "overlaps");
    assertRefused(table(0x40, reg(0x40, "A", 32)), "0x40 is no place for A");
    assertRefused(
        table(0x40, reg(0x00, "A", 32), reg(0x10, "a_REG", 32)), "two registers are named");
    assertRefused(table(0x40, reg(0x00, "A", 64)).alias(0x14, "A"), "0x14 is no place for A");
    assertRefused(table(0x40, reg(0x00, "A", 64)).alias(0x00, "A"), "overlaps A");
    assertRefused(table(0x40, reg(0x00, "A", 64)).alias(0x10, "B"), "no register B");
    assertRefused(table(0x40, reg(0x10, "A", 32)).absent(0x0, 0x1F), "lies in the absent range");
    assertRefused(table(0x40).absent(0x20, 0x40), "absent range 0x20..0x40");
    assertThatIllegalArgumentException().isThrownBy(() -> table(0x44));
    assertThatIllegalArgumentException().isThrownBy(() -> table(0));
  }

  @Test
  void offsetsMoveWithCapabilities() {
    for (int fro : new int[] {0x22, 0x40}) {
      RegisterTable<Object> table =
          table(0x1000)
              .array(2, i -> reg(fro * 16 + 16 * i, "FRCD" + i + "_LO", 64))
              .array(2, i -> reg(fro * 16 + 16 * i + 8, "FRCD" + i + "_HI", 64))
              .build();
      assertThat(table.register("frcd1_hi").offset()).isEqualTo(fro * 16 + 24);
      assertThat(table.registers())
          .extracting(Register::name)
          .containsExactly("FRCD0_LO", "FRCD0_HI", "FRCD1_LO", "FRCD1_HI");
      assertThat(table.hasRegister(0x220)).isEqualTo(fro == 0x22);
    }
  }

  @Test
  void rowsOfAbsentCapabilitiesAreHoles() {
    RegisterTable<Object> without = table(0x40).rowsIf(false, reg(0x8, "AFLOG_REG", 64)).build();
    RegisterTable<Object> with = table(0x40).rowsIf(true, reg(0x8, "AFLOG_REG", 64)).build();
    assertThat(without.hasRegister(0x8)).isFalse();
    assertThat(with.hasRegister(0x8)).isTrue();
    assertThat(with.hasRegister(0xC)).as("its upper half").isFalse();
    assertThat(with.hasRegister(0x9)).isFalse();
    assertThat(with.hasRegister(-8)).isFalse();
  }

  @Test
  void namesIgnoreCaseAndEnding() {
    RegisterTable<Object> table =
        table(0x40, reg(0x18, "GCMD_REG", 32), reg(0x20, "CR0", 32)).build();
    assertThat(table.register("gcmd").offset()).isEqualTo(0x18);
    assertThat(table.register("GCMD_REG").bytes()).isEqualTo(4);
    assertThat(table.register("cr0_reg").offset()).isEqualTo(0x20);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> table.register("GCMDX"))
        .withMessage("no register GCMDX in block; near are [GCMD_REG]");
  }

  @Test
  void tableOfAnSmmuSizedBlockReachesItsLastPage() {
    RegisterTable<Object> table =
        table(0x20000, reg(0x100A8, "EVENTQ_PROD", 32).writable())
            .alias(0xA8, "EVENTQ_PROD")
            .build();
    RegisterFile<Object> file = table.newFile(this);
    file.write(0x100A8, 4, 0x1234);
    assertThat(file.read(0xA8, 4)).isEqualTo(0x1234);
    assertThat(file.read(0x1FFF8, 8)).isZero();
    assertThat(file.read(0x20000, 4)).isEqualTo(0xFFFF_FFFFL);
  }

  @SafeVarargs
  private static RegisterTable.Builder<Object> table(int size, Register<Object>... rows) {
    RegisterTable.Builder<Object> builder = RegisterTable.builder("block", size);
    for (Register<Object> row : rows) {
      builder.rows(row);
    }
    return builder;
  }

  private static void assertRefused(RegisterTable.Builder<Object> builder, String why) {
    assertThatIllegalArgumentException().isThrownBy(builder::build).withMessageContaining(why);
  }
}
