package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Translation requests and translated requests. Rights: r, w, x, P privileged, U untranslated only,
 * N need not snoop.
 */
class AddressTranslationServiceTest {
  private static final int R = DmaRequest.READ, W = DmaRequest.WRITE, X = DmaRequest.EXECUTE;
  private static final long FIRST_LEAF = 0x30_3000 + 0x056 * 8, SECOND_LEAF = 0x20_3C48L;
  private static final long FIRST = Fixture.FIRST_STAGE_IOVA, SECOND = Fixture.SECOND_STAGE_IOVA;
  private static final long PASID_ENTRY = 0x13_0D00L, RID_ENTRY = 0x13_1000L;

  private final TestMemory memory = Fixture.scalable();

  private static DmaRequest translation(DmaRequest request) {
    return request.addressType(DmaRequest.AT_TRANSLATION_REQUEST);
  }

  private static DmaRequest translated(long address, int access) {
    return Fixture.request(address, access).addressType(DmaRequest.AT_TRANSLATED);
  }

  private String ask(DmaRequest request) {
    return Walkers.ask(memory, request);
  }

  @ParameterizedTest(name = "leaf {0}, asked {1}, no-write {2}")
  @CsvSource({
    // first-stage leaf, asked, no-write, answer, leaf afterwards
    "067, 3, false, ok 5deadbabc 2^12 rwN, 067",
    "007, 3, false, ok 5deadbabc 2^12 rwN, 067",
    "007, 3, true,  ok 5deadbabc 2^12 rN,  027",
    "007, 1, false, ok 5deadbabc 2^12 rN,  027",
    "005, 3, false, ok 5deadbabc 2^12 rN,  025",
    "005, 2, false, ok 0 2^12 -,           005",
    "006, 3, false, ok 0 2^12 -,           006",
    "003, 3, false, ok 0 2^12 -,           003",
    "007, 7, false, fault 5c,              007",
  })
  void firstStage(String leaf, int asked, boolean noWrite, String answer, String after) {
    memory.at(FIRST_LEAF, 0x5_DEAD_B000L | Long.parseLong(leaf, 16));
    assertThat(ask(translation(Fixture.withPasid(FIRST, asked)).noWrite(noWrite)))
        .isEqualTo(answer);
    assertThat(memory.load64(FIRST_LEAF) & 0xFFF).isEqualTo(Long.parseLong(after, 16));
  }

  @ParameterizedTest(name = "leaf {0}, asked {1}")
  @CsvSource({
    "003, 3, ok 89abcdabc 2^12 rwN",
    "803, 3, ok 89abcdabc 2^12 rw",
    "001, 3, ok 89abcdabc 2^12 rN",
    "002, 3, ok 89abcdabc 2^12 wN",
    "002, 1, ok 0 2^12 -",
    "000, 3, ok 0 2^12 -",
  })
  void secondStage(String leaf, int asked, String answer) {
    memory.at(SECOND_LEAF, 0x8_9ABC_D000L | Long.parseLong(leaf, 16));
    assertThat(ask(translation(Fixture.request(SECOND, asked)))).isEqualTo(answer);
  }

  /** What is no page condition is refused and recorded. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "reserved in a leaf,     203C48, 40000000089ABCD003,  7a",
    "leaf in the interrupt range, 203C48, FEE00003,       87",
    "table outside memory,   201688, 700000002003,        78",
    "PASID entry absent,     131000, 200088,              59",
    "DTE=0,                  110520, 120019,              43",
    "DTE=0 and PRE=0,        110520, 120009,              44",
  })
  void structureFaults(String name, String place, String word, String code) {
    memory.at(
        Long.parseLong(place, 16),
        Long.parseUnsignedLong(word.substring(Math.max(0, word.length() - 16)), 16));
    if (name.startsWith("reserved")) {
      memory.at(SECOND_LEAF, 0x4000_0008_9ABC_D003L);
    }
    assertThat(ask(translation(Fixture.request(SECOND, R)))).isEqualTo("fault " + code);
  }

  @Test
  void privilegedAndExecute() {
    memory.at(PASID_ENTRY + 16, 0x30_0003L); // SRE and ERE
    assertThat(ask(translation(Fixture.withPasid(FIRST, R | W | X))))
        .isEqualTo("ok 5deadbabc 2^12 rwxN");
    memory.at(PASID_ENTRY + 16, 0x30_0023L); // and NXE
    memory.at(FIRST_LEAF, 0x8000_0005_DEAD_B067L);
    assertThat(ask(translation(Fixture.withPasid(FIRST, R | W | X))))
        .as("no execute, so less is granted")
        .isEqualTo("ok 5deadbabc 2^12 rwN");
    memory.at(FIRST_LEAF, 0x5_DEAD_B063L); // U/S=0
    assertThat(ask(translation(Fixture.withPasid(FIRST, R)))).isEqualTo("ok 0 2^12 -");
    assertThat(ask(translation(Fixture.withPasid(FIRST, R | W)).privileged(true)))
        .isEqualTo("ok 5deadbabc 2^12 rwPN");
  }

  @Test
  void pageSnoop() {
    memory.at(PASID_ENTRY + 8, 0x180_0001L);
    assertThat(ask(translation(Fixture.withPasid(FIRST, R)))).isEqualTo("ok 5deadbabc 2^12 r");
  }

  @Test
  void passThrough() {
    memory.at(RID_ENTRY, 0x109L);
    assertThat(ask(translation(Fixture.request(0x12345678L, R | W))))
        .isEqualTo("ok 12345678 2^30 rwN");
    assertThat(ask(translation(Fixture.request(1L << 48, R)))).isEqualTo("ok 0 2^12 -");
    memory.at(PASID_ENTRY, 0x109L);
    assertThat(ask(translation(Fixture.withPasid(0xFEE0_1000L, R)))).isEqualTo("fault 87");
  }

  @Test
  void interruptRangeWithoutPasid() {
    assertThat(ask(translation(Fixture.request(0xFEE0_1000L, R | W))))
        .isEqualTo("ok fee01000 2^12 wU");
    assertThat(ask(translation(Fixture.request(0xFEE0_1000L, R)))).isEqualTo("ok fee01000 2^12 -U");
  }

  @Test
  void legacyMode() {
    TestMemory legacy = Fixture.legacy();
    DmaRequest request = translation(Fixture.request(SECOND, R | W));
    assertThat(Walkers.ask(legacy, Walkers.FULL, Fixture.LEGACY_MODE, request))
        .as("TT=0")
        .isEqualTo("fault d");
    legacy.at(0x10_1290, 0x20_0005L);
    assertThat(Walkers.ask(legacy, Walkers.FULL, Fixture.LEGACY_MODE, request))
        .isEqualTo("ok 89abcdabc 2^12 rwN");
    assertThat(
            Walkers.ask(
                legacy,
                Walkers.FULL,
                Fixture.LEGACY_MODE,
                translation(Fixture.withPasid(SECOND, R))))
        .isEqualTo("fault 31");
    legacy.at(0x10_1290, 0x20_0007L).at(0x20_3C48, 0xFEE0_0003L);
    assertThat(Walkers.ask(legacy, Walkers.FULL, Fixture.LEGACY_MODE, request))
        .as("FPD")
        .isEqualTo("quiet e");
  }

  @ParameterizedTest
  @CsvSource({
    "0,            ok 0 2^12 r",
    "FFFFFFFFF000, ok fffffffff000 2^12 r",
    "1000000000000, fault 83",
    "FEE00000,     fault 87",
    "FEEFFFFF,     fault 87",
    "FEF00000,     ok fef00000 2^12 r",
  })
  void translatedRequests(String address, String answer) {
    assertThat(ask(translated(Long.parseUnsignedLong(address, 16), R))).isEqualTo(answer);
  }

  @Test
  void translatedRequestsOfOthers() {
    memory.at(0x11_0520, 0x12_0009L);
    assertThat(ask(translated(0x1000, R))).isEqualTo("fault 44");
    memory.at(0x11_0520, 0x12_000DL);
    memory.at(0x11_0528, 0x2000);
    assertThat(ask(translated(0x1000, R))).as("RID_PASID out of range").isEqualTo("fault 48");
    TestMemory legacy = Fixture.legacy();
    assertThat(Walkers.ask(legacy, Walkers.FULL, Fixture.LEGACY_MODE, translated(0x1000, R)))
        .isEqualTo("fault d");
    legacy.at(0x10_1290, 0x20_0005L);
    assertThat(Walkers.ask(legacy, Walkers.FULL, Fixture.LEGACY_MODE, translated(0x1000, R | W)))
        .isEqualTo("ok 1000 2^12 rw");
    assertThat(Walkers.ask(legacy, Walkers.FULL, Fixture.LEGACY_MODE, translated(0xFEE0_0000L, R)))
        .isEqualTo("fault e");
    assertThat(Walkers.ask(legacy, Walkers.FULL, Fixture.LEGACY_MODE, translated(1L << 50, R)))
        .isEqualTo("fault 4");
  }

  /** Records of the fact sheet: a translation request with AT=01; a translated one AT=10. */
  @Test
  void records() {
    Rig rig = Rig.full();
    Fixture.scalable().snapshot().forEach((address, word) -> rig.poke(address, word));
    rig.poke(0x11_0520, 0x12_0009L);
    rig.w64(0x20, 0x10_0400L);
    rig.w32(0x18, 0xC000_0000L);
    rig.unit.translate(translation(Fixture.request(0x1234_5678_9000L, R)));
    assertThat(rig.r64(0x220)).isEqualTo(0x1234_5678_9000L);
    assertThat(rig.r64(0x228)).isEqualTo(0xD000_0044_0000_0329L);
    rig.w32(0x22C, 0x8000_0000L);
    rig.unit.translate(translated(0x1234_5678_9000L, W));
    assertThat(rig.r64(0x238)).isEqualTo(0xA000_0044_0000_0329L);
    assertThat(rig.unit.checksTranslatedRequests()).isTrue();
  }

  /** With translation off both are unsupported requests; so is address type 3. */
  @Test
  void unsupported() {
    Rig rig = Rig.full();
    for (int type = 1; type <= 3; type++) {
      long answer = rig.unit.translate(Fixture.request(0x1000, R).addressType(type));
      assertThat(Translation.refusal(answer)).isEqualTo(Translation.Refusal.UNSUPPORTED);
    }
    Rig without = Rig.of(0x50, VtdProfiles.FULL_CAP, VtdProfiles.FULL_ECAP & ~4L);
    assertThat(without.unit.checksTranslatedRequests()).isFalse();
  }

  @Test
  void protectedMemoryIsOutOfReachForTranslatedRequests() {
    Rig rig = Rig.full();
    Fixture.scalable().snapshot().forEach((address, word) -> rig.poke(address, word));
    rig.w64(0x20, 0x10_0400L);
    rig.w32(0x18, 0xC000_0000L);
    rig.w32(0x68, 0x40_0000L);
    rig.w32(0x6C, 0x40_0000L);
    rig.w32(0x64, 0x8000_0000L);
    long answer = rig.unit.translate(translated(0x40_1000L, W));
    assertThat(Translation.refusal(answer)).isEqualTo(Translation.Refusal.ABORTED);
    assertThat(Translation.isPresent(rig.unit.translate(translated(0x20_0000L, W)))).isTrue();
    assertThat(rig.unit.counters()).containsEntry("faults.recorded", 0L);
  }
}
