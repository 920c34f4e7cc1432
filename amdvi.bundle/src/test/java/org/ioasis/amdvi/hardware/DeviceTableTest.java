package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Device table entries, valid and not: corner cases 13 to 17, exclusion, and the choices. */
class DeviceTableTest {
  private static final long IOVA = 0x1234567000L;

  private static long ask(Rig rig) {
    return rig.ask(rig.write(Rig.DEVICE, IOVA));
  }

  /** Events of one write to {@link #IOVA}, which must be refused. */
  private static List<Long> refused(Rig rig) {
    assertThat(Translation.isPresent(ask(rig))).isFalse();
    return rig.events();
  }

  @Test
  void withoutVAnythingPasses() {
    Rig rig = Rig.full().start().dte(-2L, -1L, 0, 0);
    assertThat(Translation.address(ask(rig))).isEqualTo(IOVA);
    assertThat(rig.events()).isEmpty();
  }

  @Test
  void withoutTvTheRequestFaults() {
    assertThat(refused(Rig.full().start().dte(0x1, 0x42)))
        .containsExactly(0x2020004200000340L, IOVA);
    Rig passes = Rig.with(Choices.TV_0, 1).start().dte(0x1, 0x42);
    assertThat(Translation.address(ask(passes))).isEqualTo(IOVA);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 63, 106})
  void eachReservedBitOfTheLowerHalf(int bit) {
    long word0 = 0x6000000123456603L ^ (bit < 64 ? 1L << bit : 0);
    long word1 = 0x42 ^ (bit >= 64 ? 1L << (bit - 64) : 0);
    assertThat(refused(Rig.full().start().dte(word0, word1)))
        .containsExactly(0x10A0000000000340L, IOVA);
  }

  @ParameterizedTest
  @CsvSource({
    "PPR,  0x6010000123456603, 0x42",
    "GPRP, 0x6020000123456603, 0x42",
    "GIoV, 0x6040000123456603, 0x42",
    "GV,   0x6080000123456603, 0x42",
    "GLX,  0x6100000123456603, 0x42",
    "GCR3, 0x6400000123456603, 0x42",
    "GCR3, 0x6000000123456603, 0x10042"
  })
  void fieldsOfFeaturesThatAreNotOffered(String name, String word0, String word1) {
    Rig rig = Rig.of(0xC4, 0, AmdviProfiles.FULL_HEADER).start();
    rig.dte(Long.decode(word0), Long.decode(word1));
    assertThat(refused(rig)).as(name).containsExactly(0x10A0000000000340L, IOVA);
  }

  @Test
  void upperHalfDoesNotMatterToDma() {
    Rig rig = Rig.full().start().hostTables();
    rig.dte(0x6000000123456603L, 0x42, -1L, -1L);
    assertThat(Translation.address(ask(rig))).isEqualTo(0xABCDEF0000L);
  }

  @ParameterizedTest
  @CsvSource({
    "0x6000000000000003, true,  true",
    "0x2000000000000003, true,  false",
    "0x4000000000000003, false, true",
    "0x0000000000000003, false, false"
  })
  void mode0IsTheIdentityWithTheEntrysRights(String word0, boolean reads, boolean writes) {
    Rig rig = Rig.full().start().dte(Long.decode(word0), 0x42);
    assertThat(Translation.isPresent(rig.ask(rig.read(Rig.DEVICE, IOVA)))).isEqualTo(reads);
    assertThat(rig.events()).isEqualTo(reads ? List.of() : List.of(0x2050004200000340L, IOVA));
    assertThat(Translation.isPresent(ask(rig))).isEqualTo(writes);
    assertThat(rig.events()).isEqualTo(writes ? List.of() : List.of(0x2070004200000340L, IOVA));
  }

  @ParameterizedTest
  @CsvSource({
    "mode 7,           0x6000000123456E03, 0x42,         0x1020000000000340",
    "HAD 2,            0x6000000123456703, 0x42,         0x10A0000000000340",
    "GLX 3 with GV,    0x6380000123456603, 0x42,         0x10A0000000000340",
    "IoCtl 3,          0x6000000123456603, 0x1800000042, 0x10A0000000000340",
    "mode 7 no rights, 0x0000000123456E03, 0x42,         0x2070004200000340"
  })
  void illegalValues(String name, String word0, String word1, String event) {
    Rig rig = Rig.full().start().dte(Long.decode(word0), Long.decode(word1));
    assertThat(refused(rig)).as(name).containsExactly(Long.decode(event), IOVA);
  }

  @Test
  void modesAboveHats() {
    Rig four = Rig.of(0xC4, 0, AmdviProfiles.FULL_HEADER).start();
    assertThat(refused(four.dte(0x6000000123456A03L, 0x42)))
        .containsExactly(0x1020000000000340L, IOVA);
    Rig none = Rig.of(0xCC4, 0, AmdviProfiles.FULL_HEADER).start();
    assertThat(refused(none.dte(0x6000000123456203L, 0x42)))
        .containsExactly(0x1020000000000340L, IOVA);
    Rig fault = Rig.with(Choices.BAD_MODE, 1).start().dte(0x6000000123456E03L, 0x42);
    assertThat(refused(fault)).containsExactly(0x2030004200000340L, IOVA);
  }

  @Test
  void hadIsIgnoredWhereItIsNotOffered() {
    Rig rig = Rig.of(0x29D3, 0, AmdviProfiles.FULL_HEADER).start().hostTables();
    rig.dte(0x6000000123456703L, 0x42);
    assertThat(Translation.address(ask(rig))).isEqualTo(0xABCDEF0000L);
    assertThat(rig.peek(0x123458B38L)).isEqualTo(0x700000ABCDEF0001L);
  }

  @Test
  void suppressAllAndSuppressAfterTheFirst() {
    Rig all = Rig.full().start().dte(0x1, 0x0000000400000042L);
    assertThat(refused(all)).isEmpty();
    assertThat(all.unit.counters()).containsEntry("events.suppressed", 1L);
    Rig first = Rig.full().start().dte(0x1, 0x0000000200000042L);
    assertThat(refused(first)).hasSize(2);
    assertThat(refused(first)).isEmpty();
    first.command(0x3000004200000000L, 0x7FFFFFFFFFFFF003L);
    assertThat(refused(first)).isEmpty();
    first.command(0x2000000000000340L, 0);
    assertThat(refused(first)).as("rearmed").hasSize(2);
    first.command(0x8000000000000000L, 0);
    assertThat(refused(first)).as("rearmed").hasSize(2);
    Rig other = Rig.full().start().dte(0x5, 0x0000000600000042L);
    assertThat(refused(other)).as("other events are not suppressed").hasSize(2);
    assertThat(refused(other)).hasSize(2);
  }

  @Test
  void theEndOfTheTable() {
    Rig rig = Rig.full().start();
    rig.w64(0, 0x120000000L); // Size 0: 128 entries
    rig.poke(0x120000000L + 0x7F * 32, 0x6000000000000003L, 0x42);
    assertThat(Translation.address(rig.ask(rig.write(0x7F, IOVA)))).isEqualTo(IOVA);
    rig.ask(rig.write(0x80, IOVA));
    assertThat(rig.events()).containsExactly(0x1020000000000080L, IOVA);
    Rig fault = Rig.with(Choices.BEYOND_TABLE, 1).start();
    fault.w64(0, 0x120000000L);
    fault.ask(fault.write(0x80, IOVA));
    assertThat(fault.events()).containsExactly(0x2020000000000080L, IOVA);
  }

  @Test
  void devicesOfOneDomainShareTranslations() {
    Rig rig = Rig.full().start().hostTables().dte(0x6000000123456603L, 0x42);
    rig.poke(0x120000000L + 0x341 * 32, 0x6000000123456603L, 0x42);
    assertThat(Translation.address(ask(rig))).isEqualTo(0xABCDEF0000L);
    rig.poke(0x123458B38L, 0);
    assertThat(Translation.address(rig.ask(rig.write(0x341, IOVA)))).isEqualTo(0xABCDEF0000L);
  }

  @Test
  void aChangedEntryIsStaleUntilItIsInvalidated() {
    Rig rig = Rig.full().start().hostTables().dte(0x6000000123456603L, 0x42);
    assertThat(Translation.address(ask(rig))).isEqualTo(0xABCDEF0000L);
    rig.poke(Rig.DTE, 0x6000000123456603L, 0x43);
    rig.poke(0x123458B38L, 0);
    assertThat(Translation.address(ask(rig)))
        .as("DomainID 0x42 is cached")
        .isEqualTo(0xABCDEF0000L);
    rig.command(0x2000000000000340L, 0);
    assertThat(refused(rig)).containsExactly(0x2020004300000340L, IOVA);
  }

  @Test
  void exclusionRange() {
    Rig rig = Rig.full().start().dte(0x3, 0x42);
    rig.w64(0x28, 0x1234568000L);
    rig.w64(0x20, 0x1234567000L | 3);
    assertThat(Translation.address(ask(rig))).as("whatever rights and mode").isEqualTo(IOVA);
    assertThat(Translation.isPresent(rig.ask(rig.read(Rig.DEVICE, 0x1234568FFCL)))).isTrue();
    assertThat(Translation.isPresent(rig.ask(rig.read(Rig.DEVICE, 0x1234569000L)))).isFalse();
    rig.w64(0x20, 0x1234567000L | 1);
    assertThat(Translation.isPresent(ask(rig))).as("EX=0").isFalse();
    rig.dte(0x3, 0x0000008000000042L);
    assertThat(Translation.address(ask(rig))).as("EX=1").isEqualTo(IOVA);
    Rig none = Rig.with(Choices.EXCLUSION, 1).start().dte(0x3, 0x0000008000000042L);
    none.w64(0x28, 0x1234568000L);
    none.w64(0x20, 0x1234567000L | 3);
    assertThat(Translation.isPresent(ask(none))).isFalse();
  }

  @Test
  void pasidsWithoutGuestTables() {
    Rig rig = Rig.full().start().hostTables().dte(0x6000000123456603L, 0x42);
    DmaRequest request = rig.write(Rig.DEVICE, IOVA).pasid(0x12345);
    rig.ask(request);
    assertThat(rig.events()).containsExactly(0x8203234500010340L, IOVA);
    Rig other = Rig.with(Choices.PASID_WITHOUT_GV, 3).start().dte(0, 0);
    other.ask(request);
    assertThat(other.events()).containsExactly(0x8603234500010340L, IOVA);
  }

  @Test
  void anEntryThatCannotBeRead() {
    Rig rig = Rig.full().start();
    rig.w64(0, 0x700000000000L | 0x1FF);
    assertThat(refused(rig)).containsExactly(0x3220000000000340L, 0x700000006800L);
  }

  @Test
  void windowsOfHyperTransport() {
    Rig rig = Rig.of(0x29D3, 0, AmdviProfiles.FULL_HEADER).start();
    rig.dte(0x6000000000000003L, 0x42, 0x1);
    rig.ask(rig.write(Rig.DEVICE, 0xFDF8000020L));
    assertThat(rig.events())
        .as("as seen on hardware")
        .containsExactly(0x8A00000000000340L, 0xFDF8000020L);
    rig.ask(rig.read(Rig.DEVICE, 0xFDF8000020L));
    assertThat(rig.events()).containsExactly(0x8000000000000340L, 0xFDF8000020L);
    rig.ask(rig.write(Rig.DEVICE, 0xFDFC000000L));
    assertThat(rig.events()).containsExactly(0x8400000000000340L, 0xFDFC000000L);
    rig.ask(rig.write(Rig.DEVICE, 0xFDF9100000L));
    assertThat(rig.events()).containsExactly(0x8600000000000340L, 0xFDF9100000L);
    rig.ask(rig.read(Rig.DEVICE, 0xFDF9100000L));
    assertThat(rig.events()).containsExactly(0x8800000000000340L, 0xFDF9100000L);
    rig.ask(rig.write(Rig.DEVICE, 0xFD00000000L));
    assertThat(rig.events()).containsExactly(0x8C00000000000340L, 0xFD00000000L);
    rig.dte(0x6000000000000001L, 0x0000031000000042L);
    rig.ask(rig.write(Rig.DEVICE, 0xFDFC000000L));
    assertThat(rig.events()).containsExactly(0x8E00000000000340L, 0xFDFC000000L);
    rig.dte(0x6000000000000003L, 0x0000031000000042L);
    assertThat(Translation.address(rig.ask(rig.write(Rig.DEVICE, 0xFDFC000000L))))
        .as("IoCtl=2 translates")
        .isEqualTo(0xFDFC000000L);
  }

  @Test
  void readsOfTheInterruptWindow() {
    Rig rig = Rig.full().start().dte(0x6000000000000003L, 0x42);
    rig.ask(rig.read(Rig.DEVICE, 0xFEE00000L));
    assertThat(rig.events()).containsExactly(0x8000000000000340L, 0xFEE00000L);
    rig.ask(rig.write(Rig.DEVICE, 0xFEE01000L).pasid(5));
    assertThat(rig.events()).containsExactly(0x202D000500000340L, 0xFEE01000L);
    assertThat(Translation.isNotRam(rig.ask(rig.write(Rig.DEVICE, 0xFEE00000L)))).isTrue();
  }

  @Test
  void entriesAreFetchedAtOnceWhereTheProfileSaysSo() {
    Rig rig = Rig.with(Choices.DEVTAB_FETCH, 1).start();
    rig.dte(0x6000000123456603L, 0x42, 0, 1);
    assertThat(rig.events()).containsExactly(0x1080000000000340L, 0L);
    rig.dte(0x6000000123456603L, 0x42, 0, 0);
    assertThat(rig.events()).isEmpty();
  }
}
