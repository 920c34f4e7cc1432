package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.api.machine.MsiMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Interrupt remapping: corner cases 38 to 40. */
class InterruptTest {
  private static final long TABLE = 0x140000000L;
  private static final long MSI = 0xFEE00000L;

  /** IV, 512 entries, IntCtl 2. */
  private static final long REMAP = 0x2000000140000013L;

  private static Rig rig(long word2) {
    return Rig.full().start().dte(0x6000000000000003L, 0x42, word2);
  }

  private static MsiMessage message(int data) {
    return new MsiMessage().set(Rig.DEVICE, MSI, data);
  }

  private static void delivered(Rig rig, int data, long address, int outData) {
    MsiMessage message = message(data);
    assertThat(rig.unit.remapInterrupt(message)).isTrue();
    assertThat(message.address()).isEqualTo(address);
    assertThat(message.data()).isEqualTo(outData);
    assertThat(rig.events()).isEmpty();
  }

  private static List<Long> refused(Rig rig, int data) {
    assertThat(rig.unit.remapInterrupt(message(data))).isFalse();
    return rig.events();
  }

  @ParameterizedTest
  @CsvSource({
    "abort,    0x0000000140000013, 0x8A00000000000340",
    "reserved, 0x3000000140000013, 0x1088000000000340"
  })
  void controlsThatBlock(String name, String word2, String event) {
    assertThat(refused(rig(Long.decode(word2)), 5))
        .as(name)
        .containsExactly(Long.parseUnsignedLong(event.substring(2), 16), MSI);
  }

  @Test
  void forwardedUnchanged() {
    delivered(rig(0x1000000140000013L), 0x4005, MSI, 0x4005);
    delivered(rig(0), 0x4005, MSI, 0x4005);
    Rig off = rig(0x0000000140000013L);
    off.w64(0x18, 0);
    delivered(off, 0x4005, MSI, 0x4005);
  }

  @Test
  void theWorkedExampleWith32Bits() {
    Rig rig = rig(REMAP);
    rig.poke(TABLE + 16, 0x0041050100000000L); // index 5 is the upper half
    delivered(rig, 5, 0xFEE05000L, 0x41);
    rig.poke(TABLE + 16, 0x0041054100000000L);
    rig.command(0x5000000000000340L, 0);
    delivered(rig, 0xC005, 0xFEE05004L, 0xC041);
    rig.poke(TABLE + 16, 0x0041050500000000L); // arbitrated
    rig.command(0x5000000000000340L, 0);
    delivered(rig, 5, 0xFEE05000L, 0x141);
  }

  @Test
  void theWorkedExampleWith128Bits() {
    Rig rig = rig(REMAP);
    rig.w64(0x18, rig.r64(0x18) | 1 << 17);
    rig.poke(TABLE + 0x50, 0x0000000000000501L, 0x0100000000000041L);
    delivered(rig, 5, 0xFEE05000L, 0x41);
    rig.w64(0x18, rig.r64(0x18) | 1L << 50);
    delivered(rig, 5, 0x01000000FEE05000L, 0x41);
  }

  @ParameterizedTest
  @CsvSource({
    "11, 0x7FF, true",
    "11, 0x000, true",
    "9, 0x1FF, true",
    "9, 0x200, false",
    "0, 0, true",
    "0, 1, false"
  })
  void lengthsAndIndexes(int length, String index, boolean inside) {
    Rig rig = rig(0x2000000140000001L | (long) length << 1);
    int data = Integer.decode(index);
    rig.w64(0x18, rig.r64(0x18) | 1L << 43); // NumIntRemapMode: the delivery mode is index
    rig.poke(TABLE + 4L * (data & ~1), 0x0041050100410501L);
    if (inside) {
      delivered(rig, data, 0xFEE05000L, 0x41);
    } else {
      assertThat(refused(rig, data)).containsExactly(0x2008004200000340L, MSI);
    }
  }

  @Test
  void beyond512OnlyWithNumIntRemapMode() {
    Rig rig = rig(0x2000000140000017L);
    rig.poke(TABLE + 4 * 0x700, 0x0041050100410501L);
    rig.unit.remapInterrupt(message(0x700));
    assertThat(rig.unit.counters()).as("ExtINT").containsEntry("interrupts.blocked", 1L);
    rig.w64(0x18, rig.r64(0x18) | 1L << 43);
    delivered(rig, 0x700, 0xFEE05000L, 0x41);
  }

  @Test
  void tablesThatAreTooLong() {
    assertThat(refused(rig(0x2000000140000019L), 0)).containsExactly(0x1008000000000340L, MSI);
  }

  @ParameterizedTest
  @CsvSource({
    "RemapEn=0,   0x00410500, 0x2008004200000340",
    "IntType 2,   0x00410509, 0x2098004200000340",
    "IntType 7,   0x0041051D, 0x2098004200000340",
    "guest mode,  0x00410581, 0x2098004200000340",
    "reserved,    0x01410501, 0x2098004200000340"
  })
  void entriesThatRefuse(String name, String entry, String event) {
    Rig rig = rig(REMAP);
    rig.poke(TABLE, Long.decode(entry));
    assertThat(refused(rig, 0)).as(name).containsExactly(Long.decode(event), MSI);
    rig.poke(TABLE, Long.decode(entry) | 2);
    assertThat(refused(rig, 0)).as("SupIOPF").isEmpty();
    rig.dte(0x6000000000000003L, 0x42, REMAP | 1 << 5);
    rig.poke(TABLE, Long.decode(entry));
    assertThat(refused(rig, 0)).as("IG").isEmpty();
  }

  @Test
  void reservedBitsOfTheUpperHalf() {
    for (long bit : new long[] {1L << 52, 1L << 53, 1L << 59}) {
      assertThat(refused(rig(REMAP | bit), 5)).containsExactly(0x1088000000000340L, MSI);
    }
    Rig rig = Rig.full().start().dte(0x6000000000000003L, 0x42, REMAP, 1);
    assertThat(refused(rig, 5)).containsExactly(0x1088000000000340L, MSI);
  }

  /** Data, pass bits of word 2, address bits, whether it passes. */
  @ParameterizedTest
  @CsvSource({
    "NMI,         0x400, 0x0400000000000000, 0, true",
    "NMI blocked, 0x400, 0,                  0, false",
    "NMI logical, 0x400, 0x0400000000000000, 4, false",
    "INIT,        0x500, 0x0100000000000000, 0, true",
    "INIT no,     0x500, 0x0400000000000000, 0, false",
    "ExtINT,      0x700, 0x0200000000000000, 0, true",
    "ExtINT no,   0x700, 0,                  0, false",
    "SMI,         0x200, 0,                  0, true",
    "reserved 3,  0x300, 0,                  0, false",
    "reserved 6,  0x600, 0,                  0, false"
  })
  void otherDeliveryModes(String name, String data, String bits, int mode, boolean passes) {
    Rig rig = rig(REMAP | Long.decode(bits));
    MsiMessage message = new MsiMessage().set(Rig.DEVICE, MSI | mode, Integer.decode(data));
    assertThat(rig.unit.remapInterrupt(message)).as(name).isEqualTo(passes);
    assertThat(message.data()).isEqualTo(Integer.decode(data));
    assertThat(rig.events()).isEmpty();
  }

  @Test
  void ivWithoutV() {
    Rig rig = Rig.full().start().dte(0, 0x42, REMAP);
    assertThat(refused(rig, 0)).containsExactly(0x2008004200000340L, MSI);
    Rig passes = Rig.with(Choices.IV_WITHOUT_V, 1).start().dte(0, 0x42, REMAP);
    delivered(passes, 0, MSI, 0);
  }

  @Test
  void tablesThatCannotBeRead() {
    Rig rig = rig(0x2000700000000013L);
    assertThat(refused(rig, 5)).containsExactly(0x4208004200000340L, 0x700000000010L);
    Rig fault =
        Rig.with(Choices.IRTE_UNREADABLE, 1)
            .start()
            .dte(0x6000000000000003L, 0x42, 0x2000700000000013L);
    assertThat(refused(fault, 5)).containsExactly(0x2008004200000340L, MSI);
  }

  @Test
  void noEntryForTheDevice() {
    Rig rig = rig(REMAP);
    rig.w64(0, 0x120000000L);
    rig.command(0x8000000000000000L, 0);
    assertThat(refused(rig, 5)).containsExactly(0x1008000000000340L, MSI);
    rig.w64(0, 0x700000000000L | 0x1FF);
    assertThat(refused(rig, 5)).containsExactly(0x3208000000000340L, 0x700000006800L);
  }

  @Test
  void entriesAreCachedUnlessThatIsOff() {
    Rig rig = rig(REMAP);
    rig.poke(TABLE, 0x00410501L);
    delivered(rig, 0, 0xFEE05000L, 0x41);
    rig.poke(TABLE, 0x00420601L);
    delivered(rig, 0, 0xFEE05000L, 0x41);
    rig.command(0x5000000000000341L, 0);
    delivered(rig, 0, 0xFEE05000L, 0x41);
    rig.command(0x5000000000000340L, 0);
    delivered(rig, 0, 0xFEE06000L, 0x42);
    rig.w64(0x18, rig.r64(0x18) | 1L << 59);
    assertThat(rig.r64(0x18) >>> 59 & 1).as("the probe of software").isEqualTo(1);
    rig.poke(TABLE, 0x00430701L);
    delivered(rig, 0, 0xFEE07000L, 0x43);
  }
}
