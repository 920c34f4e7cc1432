package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.ioasis.kit.layout.Layout;
import org.ioasis.smmuv3.format.Cd;
import org.ioasis.smmuv3.format.Command;
import org.ioasis.smmuv3.format.Ste;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Sweeps: reserved bits are ignored, each one; and what is not reserved may be anything. */
class ReservedBitsTest {
  @Test
  @DisplayName("reserved bits of commands are ignored, bit by bit")
  void commands() {
    Rig rig = Rig.full();
    int swept = 0;
    for (int opcode = 0; opcode < 0x100; opcode++) {
      Layout layout = Command.layout(opcode);
      if (layout == null) {
        continue;
      }
      for (int bit = 0; bit < 128; bit++) {
        if ((layout.reserved(bit >>> 6) >>> (bit & 63) & 1) != 0) {
          long lo = bit < 64 ? 1L << bit : 0;
          long hi = bit < 64 ? 0 : 1L << bit;
          rig.command(opcode | lo, hi);
          assertThat(rig.r32(0x60)).as("opcode 0x%x bit %d", opcode, bit).isZero();
          swept++;
        }
      }
    }
    assertThat(swept).isGreaterThan(500);
  }

  @Test
  @DisplayName("reserved bits of STE and CD change nothing, bit by bit")
  void structures() {
    Rig rig = Rig.full();
    sweep(rig, Rig.STREAMS + 64, Ste.LAYOUT, 1);
    sweep(rig, Rig.CD, Cd.LAYOUT, 1);
    sweep(rig, Rig.STREAMS + 192, Ste.LAYOUT, 3);
  }

  private static void sweep(Rig rig, long at, Layout layout, int sid) {
    for (int word = 0; word < 8; word++) {
      long before = rig.peek(at + 8L * word);
      for (long left = layout.reserved(word); left != 0; left &= left - 1) {
        rig.poke(at + 8L * word, before | Long.lowestOneBit(left)).forget();
        assertThat(rig.read(sid, Rig.IOVA))
            .as("%s word %d bits %x", layout.name(), word, Long.lowestOneBit(left))
            .isEqualTo("ok 500abc");
      }
      rig.poke(at + 8L * word, before).forget();
    }
  }

  @Test
  @DisplayName("random commands never throw, and end consumed or as one of two errors")
  void randomCommands() {
    SplittableRandom random = new SplittableRandom(99);
    Rig rig = Rig.full();
    for (int i = 0; i < 20_000; i++) {
      long lo = (random.nextLong() & ~0xFFL) | random.nextInt(0x80);
      rig.command(random.nextBoolean() ? lo & ~0x400L : lo, random.nextLong());
      if (rig.commandError() != 0 && ((rig.r32(0x60) ^ rig.r32(0x64)) & 1) != 0) {
        assertThat(rig.commandError()).isEqualTo(1);
        long cons = rig.r32(0x9C) & 63;
        rig.poke(Rig.COMMANDS + cons * 16, 0x46, 0).acknowledge();
      }
    }
    rig.forget();
    assertThat(rig.r32(0x9C) & 0x7F).isEqualTo(rig.r32(0x98));
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("ok 500abc");
  }

  @Test
  @DisplayName("random register writes never throw, and a reset brings everything back")
  void randomRegisters() {
    SplittableRandom random = new SplittableRandom(7);
    Rig rig = Rig.full();
    for (int i = 0; i < 50_000; i++) {
      long offset =
          random.nextInt(4) == 0 ? 0x1_00A8 + random.nextInt(10) * 4 : random.nextInt(0x110);
      if (random.nextBoolean()) {
        rig.unit.mmio().write32(offset, random.nextInt());
      } else {
        rig.unit.mmio().write64(offset, random.nextLong());
      }
      if (i % 16 == 0) {
        rig.read(random.nextInt(6), random.nextLong() & 0xFFFF_FFFF_FFFFL);
      }
    }
    rig.unit.reset(true);
    assertThat(rig.r32(0x20) | rig.r32(0x24) | rig.r32(0x60) | rig.r32(0x9C)).isZero();
  }

  @Test
  @DisplayName("more fragments than one: any address of a block that stage 2 cuts removes them all")
  void fragments() {
    Rig rig = Rig.full().poke(0x40_2598, 0x20_0F45L | 0x40_0000); // a block of 2 MiB at 600000h
    rig.poke(Rig.IDENTITY, 0x45_0003L);
    for (int i = 0; i < 8; i++) {
      rig.poke(0x45_0000 + 8 * i, 0x46_0003L + i * 0x1000L);
      for (int entry = 0; entry < 512; entry++) {
        rig.poke(0x46_0000 + i * 0x1000L + entry * 8L, i * 0x20_0000L + entry * 0x1000L | 0x7FF);
      }
    }
    long block = Rig.IOVA & -0x20_0000L;
    assertThat(rig.read(Rig.SID_NESTED, block)).isEqualTo("ok 600000");
    assertThat(rig.read(Rig.SID_NESTED, block + 0x1F_F123)).isEqualTo("ok 7ff123");
    rig.poke(0x40_2598, 0x80_0F45L);
    assertThat(rig.read(Rig.SID_NESTED, block + 0x1F_F123)).as("cached").isEqualTo("ok 7ff123");
    rig.command(0x002A_0005_0000_0012L, block);
    assertThat(rig.read(Rig.SID_NESTED, block + 0x1F_F123)).isEqualTo("ok 9ff123");
    assertThat(rig.read(Rig.SID_NESTED, block)).isEqualTo("ok 800000");
  }
}
