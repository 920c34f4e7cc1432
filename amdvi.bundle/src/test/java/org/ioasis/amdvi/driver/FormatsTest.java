package org.ioasis.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Entries as this driver writes them, against worked numbers of the fact sheet. */
class FormatsTest {
  private static final int RW = DmaRequest.READ | DmaRequest.WRITE;
  private static final HostFormat HOST = new HostFormat(4, 48, true, true);
  private static final GuestFormat GUEST =
      new GuestFormat(new Claims(0x0001_001F_0000_005AL | 0x10, 0, true, false, 48));

  @ParameterizedTest
  @CsvSource({
    // address,      level, run, rights, entry (RW, FC)
    "0xABCDEF0000,   0, 0, 3, 0x700000ABCDEF0001",
    "0xABCDEF0000,   0, 0, 1, 0x300000ABCDEF0001",
    "0x12346000,     0, 1, 3, 0x7000000012346E01",
    "0x12340000,     0, 2, 3, 0x7000000012341E01",
    "0x12348000,     0, 3, 3, 0x700000001234BE01",
    "0x777770000,    0, 4, 3, 0x7000000777777E01",
    "0x12300000,     0, 8, 3, 0x700000001237FE01",
    "0x80200000,     1, 0, 3, 0x7000000080200001",
    "0x12400000,     1, 1, 3, 0x70000000125FFE01",
    "0xC0000000,     2, 0, 3, 0x70000000C0000001",
    "0x180000000,    2, 1, 3, 0x70000001BFFFFE01",
    "0x300000000,    2, 2, 3, 0x700000037FFFFE01"
  })
  void hostLeaves(String output, int level, int runLg2, int rights, String entry) {
    long word = Long.parseUnsignedLong(entry.substring(2), 16);
    long address = Long.decode(output);
    assertThat(HOST.leafEntry(address, level, runLg2, rights)).isEqualTo(word);
    assertThat(HOST.isLeaf(word, level)).isTrue();
    assertThat(HOST.address(word, level)).isEqualTo(address);
    assertThat(HOST.runLg2(word, level)).isEqualTo(runLg2);
    assertThat(HOST.rightsOf(word, level)).isEqualTo(rights);
    assertThat(HOST.runStep(level, runLg2)).isEqualTo(runLg2 > 0 ? 0 : 1L << HOST.spanLg2(level));
  }

  @ParameterizedTest
  @CsvSource({"0x123457000, 2, 0x6000000123457401", "0x123458000, 1, 0x6000000123458201"})
  void hostDirectories(String table, int level, String entry) {
    long word = Long.decode(entry);
    assertThat(HOST.tableEntry(Long.decode(table), level)).isEqualTo(word);
    assertThat(HOST.isLeaf(word, level)).isFalse();
    assertThat(HOST.address(word, level)).isEqualTo(Long.decode(table));
  }

  @Test
  void aPieceOfAHostPageKeepsRightsAndMarks() {
    long marked = 0x7000000777777E61L; // 64 KiB at 0x777770000 with A and D
    assertThat(HOST.firstPiece(marked, 0, 4, 0)).isEqualTo(0x7000000777770061L);
    long large = 0x3000000080200041L; // 2 MiB, read-only, D
    assertThat(HOST.firstPiece(large, 1, 0, 0)).isEqualTo(0x3000000080200041L);
    assertThat(HOST.isWritten(marked, 0)).isTrue();
    assertThat(HOST.withWritten(marked, 0, false)).isEqualTo(0x7000000777777E21L);
    assertThat(HOST.withRights(marked, 0, DmaRequest.WRITE)).isEqualTo(0x5000000777777E61L);
  }

  @Test
  void everyPowerOfTwoBelowTheTopIsAHostPage() {
    assertThat(new HostFormat(3, 48, false, false).pageSizes()).isEqualTo(0x7F_FFFF_F000L);
    assertThat(new HostFormat(3, 48, false, false).inputBits()).isEqualTo(39);
    assertThat(new HostFormat(2, 48, false, false).pageSizes()).isEqualTo(0x3FFF_F000L);
  }

  @Test
  void guestEntries() {
    assertThat(GUEST.tableEntry(0x200001000L, 3)).isEqualTo(0x0000000200001027L);
    long noExecute = GUEST.rights() == RW ? 0 : Long.MIN_VALUE;
    assertThat(GUEST.leafEntry(0xABCDEF0000L, 0, 0, RW)).isEqualTo(0x000000ABCDEF0067L | noExecute);
    assertThat(GUEST.leafEntry(0x80200000L, 1, 0, RW)).isEqualTo(0x00000000802000E7L | noExecute);
    assertThat(GUEST.firstPiece(0x00000000802000E7L, 1, 0, 0)).isEqualTo(0x0000000080200067L);
    assertThat(GUEST.rightsOf(0x25, 0) & RW).isEqualTo(DmaRequest.READ);
    assertThat(GUEST.expresses(DmaRequest.WRITE)).isFalse();
  }
}
