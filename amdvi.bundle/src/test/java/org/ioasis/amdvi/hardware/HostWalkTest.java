package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** v1 tables: corner cases 18 to 25 and 41, and the worked numbers of the fact sheet. */
class HostWalkTest {
  private static final long IOVA = 0x1234567000L;
  private static final long L3 = 0x123456240L;
  private static final long L2 = 0x123457D10L;
  private static final long L1 = 0x123458B38L;

  private static Rig rig() {
    return Rig.full().start().hostTables().dte(0x6000000123456603L, 0x42);
  }

  private static long read(Rig rig, long iova) {
    return rig.ask(rig.read(Rig.DEVICE, iova));
  }

  private static List<Long> refused(Rig rig, DmaRequest request) {
    assertThat(Translation.isPresent(rig.ask(request))).as(request.toString()).isFalse();
    return rig.events();
  }

  @Test
  void theWorkedExample() {
    Rig rig = rig();
    assertThat(Translation.address(read(rig, IOVA | 0xABC))).isEqualTo(0xABCDEF0ABCL);
    assertThat(Translation.spanLg2(read(rig, IOVA))).isEqualTo(12);
    long cold = read(rig, 0x123458ABCCL);
    assertThat(Translation.address(cold)).isEqualTo(0x77777ABCCL);
    assertThat(Translation.spanLg2(cold)).isEqualTo(16);
  }

  @Test
  void allReplicasTranslateAlike() {
    Rig rig = rig();
    for (int replica = 0; replica < 16; replica++) {
      rig.command(0x3000004200000000L, 0x7FFFFFFFFFFFF003L);
      long iova = 0x1234580000L + replica * 0x1000L + 0x124;
      assertThat(Translation.address(read(rig, iova))).isEqualTo(0x777770000L + (iova & 0xFFFF));
    }
  }

  /** Level of the table, entry, log2 of the size, base. */
  @ParameterizedTest
  @CsvSource({
    "1, 0x7000000012346E01, 13, 0x12346000",
    "1, 0x7000000012341E01, 14, 0x12340000",
    "1, 0x700000001234BE01, 15, 0x12348000",
    "1, 0x7000000012357E01, 16, 0x12350000",
    "1, 0x700000001234FE01, 17, 0x12340000",
    "1, 0x700000001235FE01, 18, 0x12340000",
    "1, 0x700000001233FE01, 19, 0x12300000",
    "1, 0x700000001237FE01, 20, 0x12300000",
    "2, 0x7000000080200001, 21, 0x80200000",
    "2, 0x70000000125FFE01, 22, 0x12400000",
    "2, 0x700000005FFFFE01, 30, 0",
    "3, 0x70000000C0000001, 30, 0xC0000000",
    "3, 0x70000001BFFFFE01, 31, 0x180000000",
    "3, 0x700000037FFFFE01, 32, 0x300000000",
    "4, 0x7000008000000001, 39, 0x8000000000",
    "4, 0x7000FFFFFFFFFE01, 49, -1",
    "5, 0x7001000000000001, 48, 0x1000000000000"
  })
  void eachLeafSize(int level, String entry, int lg2, String base) {
    Rig rig = rig();
    long word = Long.decode(entry);
    long table = 0x150000000L;
    // One table of the leaf's level is the root.
    rig.dte(0x6000000000000003L | (long) level << 9 | table, 0x42);
    long iova = 0x5L << (12 + 9 * (level - 1)) | 0x234;
    rig.poke(table + 5 * 8, word);
    long expected = Long.decode(base);
    boolean legal = expected >= 0 && lg2 < 12 + 9 * level;
    long packed = read(rig, iova);
    assertThat(Translation.isPresent(packed)).isEqualTo(legal);
    if (legal) {
      assertThat(Translation.address(packed)).isEqualTo(expected | (iova & (1L << lg2) - 1));
      assertThat(Translation.spanLg2(packed)).isEqualTo(lg2);
      assertThat(Translation.address(read(rig, iova)))
          .as("from the cache")
          .isEqualTo(expected | (iova & (1L << lg2) - 1));
    } else {
      assertThat(rig.events()).containsExactly(0x2010004200000340L, iova);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2 8K at level 2,     2, 0x7000000012400E01",
    "4M at level 1,       1, 0x7000000012DFFE01",
    "all ones,            1, 0x700FFFFFFFFFFE01",
    "own level,           1, 0x6000000123458201",
    "level above,         1, 0x6000000123458401",
    "own level at 2,      2, 0x6000000123458401",
    "level 6 at 3,        3, 0x6000000123458C01"
  })
  void illegalLevelsAndSizes(String name, int level, String entry) {
    Rig rig = rig();
    rig.poke(level == 1 ? L1 : level == 2 ? L2 : L3, Long.decode(entry));
    assertThat(refused(rig, rig.read(Rig.DEVICE, IOVA)))
        .as(name)
        .containsExactly(0x2010004200000340L, IOVA);
  }

  @Test
  void lowAddressBitsOfADefaultSizeAreIgnored() {
    Rig rig = rig();
    rig.poke(L2, 0x70000000802AB001L);
    assertThat(Translation.address(read(rig, IOVA))).isEqualTo(0x80200000L | (IOVA & 0x1FFFFF));
  }

  @Test
  void skippedLevels() {
    Rig rig = rig();
    rig.poke(L3, 0x6000000123458201L);
    assertThat(refused(rig, rig.read(Rig.DEVICE, IOVA))).containsExactly(0x2010004200000340L, IOVA);
    assertThat(Translation.address(read(rig, 0x1200167000L))).isEqualTo(0xABCDEF0000L);
    rig.poke(0x150000000L, 0x6000000123456601L); // level 6 to level 3
    rig.dte(0x6000000150000C03L, 0x43);
    assertThat(Translation.address(read(rig, 0x1200167000L))).isEqualTo(0xABCDEF0000L);
    assertThat(refused(rig, rig.read(Rig.DEVICE, 1L << 48 | 0x1200167000L)))
        .containsExactly(0x2010004300000340L, 1L << 48 | 0x1200167000L);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void iovasBeyondTheWidth(int mode) {
    Rig rig = rig();
    rig.dte(0x6000000150000003L | (long) mode << 9, 0x42);
    // The last entry of each table leads on; the last page is at 0xABCDE000.
    for (int level = mode; level > 1; level--) {
      long index = level == 6 ? 127 : 511;
      rig.poke(0x150000000L + (6 - level) * 0x1000L + index * 8, 0);
    }
    long table = 0x150000000L;
    for (int level = mode; level > 1; level--) {
      long index = level == 6 ? 127 : 511;
      rig.poke(table + index * 8, 0x6000000000000001L | (long) (level - 1) << 9 | table + 0x1000);
      table += 0x1000;
    }
    rig.poke(table + 511 * 8, 0x60000000ABCDE001L);
    long last = mode == 6 ? -4L : (1L << (12 + 9 * mode)) - 4;
    assertThat(Translation.address(read(rig, last))).isEqualTo(0xABCDEFFCL);
    if (mode < 6) {
      assertThat(refused(rig, rig.read(Rig.DEVICE, last + 4)))
          .containsExactly(0x2000004200000340L, last + 4);
    }
  }

  @Test
  void theWidthIsNotCheckedWhereTheProfileSaysSo() {
    Rig rig = Rig.with(Choices.BEYOND_WIDTH, 1).start().hostTables();
    rig.dte(0x6000000123456603L, 0x42);
    assertThat(Translation.address(read(rig, IOVA | 1L << 50))).isEqualTo(0xABCDEF0000L);
  }

  /** IR and IW of the entry and of three levels: what is left is what all grant. */
  @Test
  void rightsAreAndedOverAllLevels() {
    Rig rig = rig();
    for (int mask = 0; mask < 256; mask++) {
      int left = 3;
      for (int level = 0; level < 4; level++) {
        left &= mask >>> (2 * level);
      }
      rig.poke(L3, 0x0000000123457401L | (long) (mask >>> 2 & 3) << 61);
      rig.poke(L2, 0x0000000123458201L | (long) (mask >>> 4 & 3) << 61);
      rig.poke(L1, 0x100000ABCDEF0001L | (long) (mask >>> 6 & 3) << 61);
      rig.dte(0x0000000123456603L | (long) (mask & 3) << 61, 0x42);
      rig.command(0x3000004200000000L, 0x7FFFFFFFFFFFF003L);
      for (int access = 1; access <= 2; access++) {
        DmaRequest request = rig.read(Rig.DEVICE, IOVA).access(access);
        boolean allowed = (left & access) != 0;
        assertThat(Translation.isPresent(rig.ask(request))).as("%x", mask).isEqualTo(allowed);
        assertThat(rig.events())
            .isEqualTo(
                allowed
                    ? List.of()
                    : List.of(access == 1 ? 0x2050004200000340L : 0x2070004200000340L, IOVA));
      }
    }
  }

  @Test
  void reservedBits() {
    Rig rig = rig();
    for (int bit = 0; bit < 64; bit++) {
      boolean inLeaf = bit >= 52 && bit <= 56;
      boolean inDirectory = bit >= 52 && bit <= 60;
      check(rig, L1, 0x700000ABCDEF0001L, bit, inLeaf);
      if (bit < 9 || bit > 51) {
        check(rig, L2, 0x6000000123458201L, bit, inDirectory);
      }
    }
  }

  private static void check(Rig rig, long at, long entry, int bit, boolean reserved) {
    if (bit == 0 || bit == 61 || bit == 62 || (bit >= 9 && bit <= 51)) {
      return;
    }
    rig.poke(at, entry ^ 1L << bit);
    rig.command(0x3000004200000000L, 0x7FFFFFFFFFFFF003L);
    boolean present = Translation.isPresent(read(rig, IOVA));
    assertThat(present).as("bit %d of 0x%x", bit, entry).isEqualTo(!reserved);
    assertThat(rig.events()).isEqualTo(reserved ? List.of(0x2090004200000340L, IOVA) : List.of());
    rig.poke(at, entry);
  }

  @Test
  void withoutPrNothingElseCounts() {
    Rig rig = rig();
    rig.poke(L1, -2L);
    assertThat(refused(rig, rig.write(Rig.DEVICE, IOVA)))
        .containsExactly(0x2020004200000340L, IOVA);
    rig.poke(L2, -2L);
    assertThat(refused(rig, rig.read(Rig.DEVICE, IOVA))).containsExactly(0x2000004200000340L, IOVA);
  }

  @Test
  void eachPageOfAnAccessIsAskedForItself() {
    Rig rig = rig();
    rig.poke(L1 + 8, 0x3000000000009001L); // read-only
    assertThat(Translation.isPresent(rig.ask(rig.write(Rig.DEVICE, IOVA | 0xFFC)))).isTrue();
    assertThat(refused(rig, rig.write(Rig.DEVICE, IOVA + 0x1000)))
        .containsExactly(0x2070004200000340L, IOVA + 0x1000);
    rig.poke(L1 + 8, 0);
    rig.command(0x3000004200000000L, 0x7FFFFFFFFFFFF003L);
    assertThat(refused(rig, rig.read(Rig.DEVICE, IOVA + 0x1000)))
        .containsExactly(0x2000004200000340L, IOVA + 0x1000);
  }

  @Test
  void anEntryThatCannotBeRead() {
    Rig rig = rig();
    rig.poke(L2, 0x6000700000000201L);
    assertThat(refused(rig, rig.write(Rig.DEVICE, IOVA)))
        .containsExactly(0x4220004200000340L, 0x700000000B38L);
  }

  @Test
  void accessedAndDirty() {
    Rig rig = rig();
    rig.dte(0x6000000123456783L, 0x42); // HAD=3
    read(rig, IOVA);
    assertThat(rig.peek(L1)).isEqualTo(0x700000ABCDEF0021L);
    rig.ask(rig.write(Rig.DEVICE, IOVA));
    assertThat(rig.peek(L1)).as("the worked example").isEqualTo(0x700000ABCDEF0061L);
    assertThat(rig.peek(L2)).as("directories stay").isEqualTo(0x6000000123458201L);
    rig.ask(rig.write(Rig.DEVICE, 0x1234583000L));
    assertThat(rig.peek(0x123458C18L)).as("the replica used").isEqualTo(0x7000000777777E61L);
    assertThat(rig.peek(0x123458C00L)).isEqualTo(0x7000000777777E01L);
    rig.poke(L1, 0x700000ABCDEF0001L);
    rig.dte(0x6000000123456683L, 0x42); // HAD=1
    rig.command(0x3000004200000000L, 0x7FFFFFFFFFFFF003L);
    rig.ask(rig.write(Rig.DEVICE, IOVA));
    assertThat(rig.peek(L1)).isEqualTo(0x700000ABCDEF0021L);
    rig.poke(L1, 0x700000ABCDEF0001L);
    rig.command(0x3000004200000000L, 0x7FFFFFFFFFFFF003L);
    rig.unit.probe(rig.write(Rig.DEVICE, IOVA));
    assertThat(rig.peek(L1)).as("a probe marks nothing").isEqualTo(0x700000ABCDEF0001L);
    rig.poke(L1, 0x300000ABCDEF0001L);
    rig.ask(rig.write(Rig.DEVICE, IOVA));
    assertThat(rig.peek(L1)).as("nor does a refused write").isEqualTo(0x300000ABCDEF0001L);
  }
}
