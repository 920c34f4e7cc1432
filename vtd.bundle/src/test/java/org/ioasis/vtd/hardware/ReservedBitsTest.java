package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.vtd.format.Ecap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A generated sweep: every bit of every structure, one at a time, against masks that stand here as
 * literals. A reserved bit gives the structure&#39;s reason when the structure is present, its
 * absence when it is not; any other bit does not give that reason. Host addresses have 48 bits.
 */
class ReservedBitsTest {
  private static final int R = DmaRequest.READ;

  /** Quadword by quadword. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // structure, place, quadword, mask, reserved, not present
    "legacy root,            100030, 0, FFFF000000000FFE, a,  1",
    "legacy root,            100030, 1, FFFFFFFFFFFFFFFF, a,  1",
    "legacy context,         101290, 0, FFFF000000000FF0, b,  2",
    "legacy context,         101290, 1, FFFFFFFFFF000080, b,  2",
    "legacy SS-PML4E,        200120, 0, 400F000000000880, c,  6",
    "legacy SS-PDPE,         201688, 0, 400F000000000800, c,  6",
    "legacy SS-PDE,          202598, 0, 400F000000000800, c,  6",
    "legacy SS-PTE,          203C48, 0, 400F000000000000, c,  6",
    "scalable root,          100030, 0, FFFF000000000FFE, 3a, 39",
    "scalable context,       110520, 0, FFFF0000000001E0, 42, 41",
    "scalable context,       110520, 1, FFFFFFFFFFE00000, 42, 41",
    "scalable context,       110520, 2, FFFFFFFFFFFFFFFF, 42, 41",
    "scalable context,       110520, 3, FFFFFFFFFFFFFFFF, 42, 41",
    "PASID directory,        120000, 0, FFFF000000000FFC, 52, 51",
    "PASID entry,            131000, 0, FFFF000000000C00, 5a, 59",
    "PASID entry,            131000, 1, 00000000007F0000, 5a, 59",
    "PASID entry,            131000, 2, 0000000000000F00, 5a, 59",
    "PASID entry,            131000, 3, FFFFFFFFFFFFFFFF, 5a, 59",
    "PASID entry,            131000, 4, FFFFFFFFFFFFFFFF, 5a, 59",
    "PASID entry,            131000, 5, FFFFFFFFFFFFFFFF, 5a, 59",
    "PASID entry,            131000, 6, FFFFFFFFFFFFFFFF, 5a, 59",
    "PASID entry,            131000, 7, FFFFFFFFFFFFFFFF, 5a, 59",
    "SS-PML4E,               200120, 0, 400F000000000880, 7a, 79",
    "SS-PDPE,                201688, 0, 400F000000000800, 7a, 79",
    "SS-PDE,                 202598, 0, 400F000000000800, 7a, 79",
    "SS-PTE,                 203C48, 0, 400F000000000000, 7a, 79",
    "FS-PML4E,               3007F8, 0, 000F000000000080, 72, 71",
    "FS-PDPE,                301020, 0, 000F000000000000, 72, 71",
    "FS-PDE,                 3028D0, 0, 000F000000000000, 72, 71",
    "FS-PTE,                 3032B0, 0, 000F000000000000, 72, 71",
    "FS PASID entry,         130D00, 0, 0000000000000C00, 5a, 59",
    "FS PASID entry,         130D00, 2, FFFF000000000F00, 5a, 59",
  })
  void structures(
      String name, String place, int word, String mask, String reserved, String absent) {
    boolean legacy = name.startsWith("legacy");
    boolean first = name.startsWith("FS");
    long at = Long.parseLong(place, 16);
    long reservedBits = Long.parseUnsignedLong(mask, 16);
    long presence = name.contains("SS-") ? 7 : 1;
    boolean mayBecomeLeaf = name.endsWith("PDPE") || name.endsWith("PDE");
    for (int bit = 0; bit < 64; bit++) {
      if (bit == 7 && mayBecomeLeaf) {
        continue; // pages larger than 4 KiB are the next test's
      }
      TestMemory memory = legacy ? Fixture.legacy() : Fixture.scalable();
      long target = at + 8L * word;
      memory.at(target, memory.load64(target) ^ 1L << bit);
      String outcome = ask(memory, legacy, first);
      boolean isReserved = (reservedBits >>> bit & 1) != 0;
      if (isReserved) {
        assertThat(outcome)
            .as("%s, word %d, bit %d", name, word, bit)
            .isEqualTo("fault " + reserved);
        memory.at(at, memory.load64(at) & ~presence);
        assertThat(ask(memory, legacy, first))
            .as("%s, bit %d, not present", name, bit)
            .isEqualTo("fault " + absent);
      } else {
        assertThat(outcome)
            .as("%s, word %d, bit %d", name, word, bit)
            .isNotEqualTo("fault " + reserved);
      }
    }
  }

  private static String ask(TestMemory memory, boolean legacy, boolean first) {
    DmaRequest request =
        first
            ? Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, R)
            : Fixture.request(Fixture.SECOND_STAGE_IOVA, R);
    Latched mode = legacy ? Fixture.LEGACY_MODE : Fixture.SCALABLE_MODE;
    return Walkers.ask(memory, Walkers.FULL, mode, request);
  }

  /** Leafs of 2 MiB and 1 GiB, with and without snoop control, and where sizes are not offered. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // stage and size, place, leaf, mask with SC, mask without
    "SS 2M, 202598, 840000083, 400F0000001FF000, 400F0000001FF800, 7a",
    "SS 1G, 201688, C40000083, 400F00003FFFF000, 400F00003FFFF800, 7a",
    "SS 4K, 203C48, 89ABCD003, 400F000000000000, 400F000000000800, 7a",
    "FS 2M, 3028D0, 8400000E7, 000F0000001FE000, 000F0000001FE000, 72",
    "FS 1G, 301020, C400000E7, 000F00003FFFE000, 000F00003FFFE000, 72",
  })
  void leafs(String name, String place, String leaf, String with, String without, String code) {
    boolean first = name.startsWith("FS");
    for (boolean snoop : new boolean[] {true, false}) {
      long ecap = VtdProfiles.FULL_ECAP & ~(snoop ? 0 : Ecap.SC.mask());
      Capabilities can = new Capabilities(0x50, VtdProfiles.FULL_CAP, ecap, 48);
      long mask = Long.parseUnsignedLong(snoop ? with : without, 16);
      for (int bit = 3; bit < 64; bit++) {
        if (bit == 7) {
          continue; // turns the leaf into a table
        }
        TestMemory memory = Fixture.scalable();
        memory.at(Long.parseLong(place, 16), Long.parseLong(leaf, 16) ^ 1L << bit);
        DmaRequest request =
            first
                ? Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, R)
                : Fixture.request(Fixture.SECOND_STAGE_IOVA, R);
        String outcome = Walkers.ask(memory, can, Fixture.SCALABLE_MODE, request);
        boolean reserved = (mask >>> bit & 1) != 0;
        assertThat(outcome.equals("fault " + code))
            .as("%s bit %d, snoop control %s: %s", name, bit, snoop, outcome)
            .isEqualTo(reserved);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    // CAP bits off, stage, place, leaf, code
    "C00000000,         SS, 202598, 840000083, 7a",
    "800000000,         SS, 201688, C40000083, 7a",
    "800000000,         SS, 202598, 840000083, ok",
    "100000000000000,   FS, 301020, C400000E7, 72",
    "100000000000000,   FS, 3028D0, 8400000E7, ok",
  })
  void sizesThatAreNotOffered(String off, String stage, String place, String leaf, String outcome) {
    long cap = VtdProfiles.FULL_CAP & ~Long.parseLong(off, 16);
    Capabilities can = new Capabilities(0x50, cap, VtdProfiles.FULL_ECAP, 48);
    TestMemory memory = Fixture.scalable();
    memory.at(Long.parseLong(place, 16), Long.parseLong(leaf, 16));
    DmaRequest request =
        stage.equals("FS")
            ? Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, R)
            : Fixture.request(Fixture.SECOND_STAGE_IOVA, R);
    assertThat(Walkers.ask(memory, can, Fixture.SCALABLE_MODE, request)).contains(outcome);
  }

  /** Interrupt entries: remapped with EIME=1, remapped with EIME=0, posted. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "remapped,        1, 0001234500310009, 00000000FF007000, FFFFFFFFFFF00000",
    "remapped xAPIC,  0, 0000050000310009, FFFF00FFFF007000, FFFFFFFFFFF00000",
    "posted,          1, 0018000000418001, 0000003FFF0030FC, 00000000FFF00000",
  })
  void interruptEntries(String name, int eime, String entry, String lower, String upper) {
    long[] masks = {Long.parseUnsignedLong(lower, 16), Long.parseUnsignedLong(upper, 16)};
    for (int bit = 0; bit < 128; bit++) {
      if (bit == 15) {
        continue; // the other format
      }
      Rig rig =
          new Rig(
              Rig.profile(0x50, VtdProfiles.FULL_CAP, VtdProfiles.FULL_ECAP),
              org.ioasis.api.machine.Scheduler.Mode.INLINE);
      long[] words = {Long.parseUnsignedLong(entry, 16), 0x4_0329L};
      words[bit >>> 6] ^= 1L << bit;
      rig.poke(0x16_0000L + 16 * 0x38, words);
      rig.w64(0xB8, 0x16_000FL | (eime == 1 ? 0x800 : 0));
      rig.w32(0x18, 0x4100_0000L);
      rig.w32(0x18, 0x0200_0000L);
      rig.unit.remapInterrupt(new MsiMessage().set(0x329, 0xFEE0_0718L, 0));
      long high = rig.r64(0x228);
      int reason = high < 0 ? (int) (high >>> 32) & 0xFF : 0;
      boolean reserved = (masks[bit >>> 6] >>> bit & 1) != 0;
      if (reserved) {
        assertThat(reason).as("%s bit %d", name, bit).isEqualTo(0x24);
      } else if (bit < 5 || (bit > 7 && ((eime == 1 && bit < 96) || bit < 64))) {
        assertThat(reason).as("%s bit %d", name, bit).isNotEqualTo(0x24);
      }
    }
  }

  /** Bits of descriptors that give IQEI 4, in a queue of 256-bit descriptors with every feature. */
  @ParameterizedTest(name = "type {0}")
  @CsvSource({
    "1, 0000000000000011, 0,                FFFC00000000F1C0, FFFFFFFFFFFFFFFF",
    "2, 00000000000000D2, 0,                FFFFFFFF0000F100, 0000000000000F80",
    "3, 0000032900100003, 0000123456789000, 000F0000FFE001F0, 0000000000000FFE",
    "4, 0000000000000004, 0,                FFFF000007FFF1E0, FFFFFFFFFFFFFFFF",
    "5, 0000000000000055, 0,                00000000FFFFF100, 0000000000000003",
    "6, 0000123400420026, 0,                FFF000000000F1C0, 0000000000000F80",
    "7, 0000000000000037, 0,                FFF000000000F1C0, FFFFFFFFFFFFFFFF",
    "8, 0000123403290108, 00007F8123456000, 0000000000000000, 00000000000007FE",
    "9, 0000123403290019, 0000000000000D58, FFF00000000001E0, FFFFFFFFFFFFF003",
  })
  void descriptors(int type, String lower, String upper, String maskLower, String maskUpper) {
    long[] masks = {
      Long.parseUnsignedLong(maskLower, 16), Long.parseUnsignedLong(maskUpper, 16), -1, -1
    };
    List<Integer> wrong = new ArrayList<>();
    for (int bit = 0; bit < 256; bit++) {
      long[] words = {Long.parseUnsignedLong(lower, 16), Long.parseUnsignedLong(upper, 16), 0, 0};
      words[bit >>> 6] ^= 1L << bit;
      boolean reserved = (masks[bit >>> 6] >>> bit & 1) != 0;
      boolean free = bit < 6 || (bit >= 9 && bit < 12); // the type, or the granularity
      if (!free && (error(words) == 4) != reserved) {
        wrong.add(bit);
      }
    }
    assertThat(wrong).as("bits of type %d", type).isEmpty();
  }

  private static int error(long... words) {
    Rig rig = Rig.full();
    rig.w64(0x90, 0x14_0801L);
    rig.w32(0x18, 0x0400_0000L);
    rig.poke(0x14_0000L, words);
    rig.w64(0x88, 32);
    return (rig.r32(0x34) & 0x10) == 0 ? 0 : (int) rig.r64(0xB0) & 0xF;
  }
}
