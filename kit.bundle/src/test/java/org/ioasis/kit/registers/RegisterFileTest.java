package org.ioasis.kit.registers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The hardware's side, reset and state. */
class RegisterFileTest {
  private final SampleUnit unit = new SampleUnit();
  private final RegisterFile<SampleUnit> registers = unit.registers;

  @Test
  void startsWithResetValues() {
    assertThat(registers.peek(0x00)).isEqualTo(0x10);
    assertThat(registers.peek(0x08)).isEqualTo(0x00D2_008C_222F_0686L);
    assertThat(registers.peek(0x2C)).isEqualTo(0x8000_0000L);
    assertThat(registers.peek(0x28)).isZero();
  }

  @Test
  void hardwareChangesReadOnlyBitsWithoutHandlers() {
    registers.poke(0x14, 0xC700_0000L);
    assertThat(registers.setBits(0x28, 0x2)).isZero();
    assertThat(registers.setBits(0x28, 0x3)).isEqualTo(0x2);
    assertThat(registers.clearBits(0x28, 0x1)).isEqualTo(0x3);
    assertThat(registers.compareAndSet(0x28, 0x3, 0xFF)).isFalse();
    assertThat(registers.compareAndSet(0x28, 0x2, 0x72)).isTrue();
    assertThat(registers.read(0x14, 4)).isEqualTo(0xC700_0000L);
    assertThat(registers.read(0x28, 4)).isEqualTo(0x72);
    assertThat(registers.peek(0xA8)).as("alias").isZero();
    registers.poke(0xA8, 5);
    assertThat(registers.peek(0x80)).isEqualTo(5);
    assertThat(unit.log).isEmpty();
  }

  @Test
  void hardwareMistakesAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registers.peek(0x04))
        .withMessage("peek refused: no register of sample begins at 0x4");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registers.poke(0x0C, 1))
        .withMessage("poke refused: no register of sample begins at 0xc");
    assertThatIllegalArgumentException().isThrownBy(() -> registers.setBits(0x100, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> registers.peek(0xC0));
    assertThatIllegalArgumentException().isThrownBy(() -> registers.peek(0x1_0000_0000L));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registers.poke(0x14, 0x8000_0000))
        .withMessage(
            "poke refused: 0xffffffff80000000 is wider than GSTS_REG @0x14 (32 bits);"
                + " was an int sign-extended?");
  }

  @Test
  void warmResetKeepsStickyBitsOnly() {
    registers.poke(0x28, 0xFFFF_0273L);
    registers.poke(0x48, 0xC000_0006_0000_0329L);
    registers.poke(0x18, 0x0010_0400L);
    registers.poke(0x2C, 0);
    registers.poke(0x08, 0x1);
    registers.warmReset();
    assertThat(registers.peek(0x28)).isEqualTo(0x0273);
    assertThat(registers.peek(0x48)).isEqualTo(0xC000_0006_0000_0329L);
    assertThat(registers.peek(0x18)).isZero();
    assertThat(registers.peek(0x2C)).isEqualTo(0x8000_0000L);
    assertThat(registers.peek(0x08)).isEqualTo(0x00D2_008C_222F_0686L);
    registers.coldReset();
    assertThat(registers.peek(0x28)).isZero();
    assertThat(registers.peek(0x48)).isZero();
    assertThat(unit.log).isEmpty();
  }

  @Test
  void loadsStateVerbatim() {
    registers.load("cap", 0x480080F00F4AL);
    registers.load("GSTS_REG", 0xC700_0000L);
    registers.load("ccmd_reg", 0xA000_0000_0000_03FFL);
    registers.load(0x18, 8, 0x1_00FC_E7FFL);
    assertThat(registers.peek(0x08)).isEqualTo(0x480080F00F4AL);
    assertThat(registers.read(0x14, 4)).isEqualTo(0xC700_0000L);
    assertThat(registers.peek(0x20)).isEqualTo(0xA000_0000_0000_03FFL);
    assertThat(registers.peek(0x18)).isEqualTo(0x1_00FC_E7FFL);
    assertThat(unit.log).isEmpty();
  }

  @Test
  void loadsHalvesAndPairs() {
    registers.load(0x08, 4, 0x1111_1111L);
    registers.load(0x0C, 4, 0xFFFF_FFFFL);
    registers.load(0x30, 8, 0x0001_2300_FEE4_5008L);
    registers.load(0xA8, 4, 0x2546);
    assertThat(registers.peek(0x08)).isEqualTo(0xFFFF_FFFF_1111_1111L);
    assertThat(registers.peek(0x30)).isEqualTo(0xFEE4_5008L);
    assertThat(registers.peek(0x34)).isEqualTo(0x0001_2300L);
    assertThat(registers.peek(0x80)).isEqualTo(0x2546);
  }

  @Test
  void loadRefusesWhatItCannotKeep() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registers.load("RTADR", 1))
        .withMessage("no register RTADR in sample; near are [RTADDR_REG]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registers.load("xyz", 1))
        .withMessageStartingWith("no register xyz in sample; it has ");
    assertThatIllegalArgumentException().isThrownBy(() -> registers.load("GSTS", 1L << 32));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> registers.load(0x80, 8, 1))
        .withMessage("load refused: no register of sample covers 0x84");
    assertThat(registers.peek(0x80)).as("nothing was changed").isZero();
    assertThatIllegalArgumentException().isThrownBy(() -> registers.load(0x18, 4, 1L << 32));
    assertThatIllegalArgumentException().isThrownBy(() -> registers.load(0x1A, 4, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> registers.load(0x18, 2, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> registers.load(0x100, 8, 1));
  }

  @Test
  void valuesListEveryRegisterOnceByOffset() {
    unit.head = 0x40;
    registers.write(0x38, 8, 0x1234_5678_9040L);
    List<RegisterValue> values = registers.values();
    assertThat(values)
        .extracting(RegisterValue::name)
        .containsExactly(
            "VER_REG",
            "CAP_REG",
            "GCMD_REG",
            "GSTS_REG",
            "RTADDR_REG",
            "CCMD_REG",
            "FSTS_REG",
            "FECTL_REG",
            "FEADDR_REG",
            "FEUADDR_REG",
            "IVA_REG",
            "FRCD0_LO",
            "FRCD0_HI",
            "FRCD1_LO",
            "FRCD1_HI",
            "CR2",
            "GBPA",
            "KICK",
            "HEAD",
            "EVENTQ_PROD");
    assertThat(values)
        .contains(
            new RegisterValue("CAP_REG", 0x08, 8, 0x00D2_008C_222F_0686L),
            new RegisterValue("FECTL_REG", 0x2C, 4, 0x8000_0000L),
            new RegisterValue("IVA_REG", 0x38, 8, 0x1234_5678_9040L),
            new RegisterValue("HEAD", 0x70, 8, 0x40));
    assertThat(values.get(7)).hasToString("FECTL_REG @0x02c = 0x80000000");
    assertThat(values.get(1)).hasToString("CAP_REG @0x008 = 0x00d2008c222f0686");
  }

  @Test
  void valuesRestoreAnotherFile() {
    registers.load("GSTS", 0xC700_0000L);
    registers.load("FRCD1_HI", -1L);
    SampleUnit other = new SampleUnit();
    for (RegisterValue value : registers.values()) {
      other.registers.load(value.offset(), value.bytes(), value.value());
    }
    assertThat(other.registers.values()).isEqualTo(registers.values());
    assertThat(other.registers.peek(0x14)).isEqualTo(0xC700_0000L);
  }

  @Test
  void filesOfOneTableShareNothing() {
    SampleUnit other = new SampleUnit();
    registers.write(0x18, 8, 0x1000);
    assertThat(other.registers.peek(0x18)).isZero();
    assertThat(other.registers.table()).isSameAs(registers.table());
  }

  /** The filter runs between a write's look at the register and its store: the race, made sure. */
  @Test
  void writeLosesNothingThatTheHardwareSetsMeanwhile() {
    AtomicInteger calls = new AtomicInteger();
    AtomicReference<RegisterFile<Object>> file = new AtomicReference<>();
    WriteFilter<Object> race =
        (owner, value, old) -> {
          if (calls.getAndIncrement() == 0) {
            file.get().setBits(0, 0x102);
          }
          return value;
        };
    Register<Object> status = Register.reg(0, "STATUS", 32).w1c(0x3).writable(0x10).filter(race);
    file.set(RegisterTable.builder("race", 8).rows(status).build().newFile(this));
    file.get().poke(0, 0x1);
    file.get().write(0, 4, 0x11);
    assertThat(file.get().peek(0)).isEqualTo(0x112);
    assertThat(calls).hasValue(2);
  }
}
