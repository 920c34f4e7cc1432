package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.vtd.hardware.NestedTables.FIRST_ENTRIES;
import static org.ioasis.vtd.hardware.NestedTables.guest;
import static org.ioasis.vtd.hardware.NestedTables.read;
import static org.ioasis.vtd.hardware.NestedTables.secondEntry;
import static org.ioasis.vtd.hardware.NestedTables.write;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** First stage over second stage, with a fault at every level of both. */
class NestedWalkTest {
  private static final long R = 1, W = 2, SECOND_A = 0x100, SECOND_D = 0x200;

  private final NestedTables tables = new NestedTables();

  @Test
  void throughBothStages() {
    assertThat(tables.ask(read())).isEqualTo("ok 912345abc 2^12 rw");
    assertThat(tables.ask(write())).isEqualTo("ok 912345abc 2^12 rw");
  }

  /** What a broken second-stage entry gives, by what was fetched through it. */
  @Requirement(10)
  @ParameterizedTest(name = "first-stage level {0}, second-stage level {1}")
  @CsvSource({
    // fetch of, second-stage level, not present, W only, reserved bit, unreadable
    "4, 4, 75, 75, 7a, 78",
    "4, 3, 75, 75, 7a, 78",
    "4, 2, 75, 75, 7a, 78",
    "4, 1, 75, 75, 7a, 73",
    "3, 4, 76, 76, 7a, 78",
    "3, 3, 76, 76, 7a, 78",
    "3, 2, 76, 76, 7a, 78",
    "3, 1, 76, 76, 7a, 70",
    "2, 4, 76, 76, 7a, 78",
    "2, 3, 76, 76, 7a, 78",
    "2, 2, 76, 76, 7a, 78",
    "2, 1, 76, 76, 7a, 70",
    "1, 4, 76, 76, 7a, 78",
    "1, 3, 76, 76, 7a, 78",
    "1, 2, 76, 76, 7a, 78",
    "1, 1, 76, 76, 7a, 70",
    "0, 4, 79, 86, 7a, 78",
    "0, 3, 79, 86, 7a, 78",
    "0, 2, 79, 86, 7a, 78",
    "0, 1, 79, 86, 7a, -",
  })
  void secondStageFaults(
      int of, int level, String absent, String unreadable, String reserved, String nowhere) {
    long at = secondEntry(of, level);
    long good = tables.memory.load64(at);
    tables.memory.at(at, good & ~(R | W));
    assertThat(tables.ask(read())).isEqualTo("fault " + absent);
    tables.memory.at(at, good & ~R);
    assertThat(tables.ask(read())).isEqualTo("fault " + unreadable);
    tables.memory.at(at, good | 1L << 62);
    assertThat(tables.ask(read())).isEqualTo("fault " + reserved);
    if (!nowhere.equals("-")) {
      tables.memory.at(at, 0x7000_0000_0003L); // leads out of memory
      assertThat(tables.ask(read())).isEqualTo("fault " + nowhere);
    }
    tables.memory.at(at, good);
    assertThat(tables.ask(read())).isEqualTo("ok 912345abc 2^12 rw");
  }

  @Test
  void topOfTheSecondStageOutsideMemory() {
    tables.entry(0x7000_0000_02C9L, 0x180_0042L, guest(4) | 0x91);
    assertThat(tables.ask(read())).isEqualTo("fault 7b");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void firstStageFaults(int level) {
    long at = FIRST_ENTRIES[level - 1];
    long good = tables.memory.load64(at);
    tables.memory.at(at, good & ~1L);
    assertThat(tables.ask(read())).isEqualTo("fault 71");
    tables.memory.at(at, good & ~4L);
    assertThat(tables.ask(read())).isEqualTo("fault 81");
    tables.memory.at(at, good & ~2L);
    assertThat(tables.ask(write())).isEqualTo("fault 85");
    tables.memory.at(at, good | 1L << 51);
    assertThat(tables.ask(read())).isEqualTo("fault 72");
  }

  /** Guest addresses beyond the second stage's 48 bits do not fit a 48-bit host; 39 do. */
  @ParameterizedTest
  @CsvSource({"4, 74", "3, 74", "2, 74", "1, 74", "0, 84"})
  void addressesBeyondTheSecondStage(int of, String code) {
    NestedTables narrow = new NestedTables();
    for (int piece = 1; piece <= 5; piece++) { // all of guest memory in one 512 GiB
      long pointer = narrow.memory.load64(secondEntry(5 - piece, 4)) & ~3L;
      narrow.memory.at(0x21_0000L + piece * 8L, narrow.memory.load64(pointer));
    }
    for (int level = 1; level <= 4; level++) {
      long flags = level == 1 ? 0x067L : 0x027L;
      narrow.memory.at(FIRST_ENTRIES[level - 1], near(level - 1) | flags);
    }
    narrow.entry(0x21_02C5L, 0x180_0042L, near(4) | 0x91); // AW=1
    assertThat(narrow.ask(read())).isEqualTo("ok 912345abc 2^12 rw");
    if (of == 4) {
      narrow.entry(0x21_02C5L, 0x180_0042L, near(4) | 1L << 39 | 0x91);
    } else {
      narrow.or(FIRST_ENTRIES[of], 1L << 39);
    }
    assertThat(narrow.ask(read())).isEqualTo("fault " + code);
  }

  private static long near(int level) {
    return (long) (5 - level) << 30 | 0x20_0000L;
  }

  @Test
  void firstStageTablePointerUsesAllOfItsBits() {
    tables.entry(0x20_02C9L, 0x180_0042L, guest(4) | 1L << 54 | 0x91);
    assertThat(tables.ask(read())).isEqualTo("fault 74");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void markingATableThatTheSecondStageMakesReadOnly(int level) {
    tables.clear(secondEntry(level, 1), W);
    tables.or(FIRST_ENTRIES[level - 1], 0x420); // A and EA stand
    assertThat(tables.ask(read())).as("nothing to set").isEqualTo("ok 912345abc 2^12 rw");
    tables.clear(FIRST_ENTRIES[level - 1], 0x20);
    assertThat(tables.ask(read())).isEqualTo("fault 77");
    tables.or(FIRST_ENTRIES[level - 1], 0x20).clear(FIRST_ENTRIES[level - 1], 0x400);
    assertThat(tables.ask(read())).as("EA alone").isEqualTo("fault 77");
  }

  @Test
  void rightsOfTheOutput() {
    tables.clear(secondEntry(0, 1), W);
    assertThat(tables.ask(read())).isEqualTo("ok 912345abc 2^12 r");
    assertThat(tables.ask(write())).isEqualTo("fault 85");
    tables.or(secondEntry(0, 1), W).clear(FIRST_ENTRIES[0], 2);
    assertThat(tables.ask(read())).isEqualTo("ok 912345abc 2^12 r");
  }

  /** The second stage's A everywhere, its D in tables that were marked and in the page. */
  @Test
  void bothStagesAreMarked() {
    for (long entry : FIRST_ENTRIES) {
      tables.clear(entry, 0x60);
    }
    assertThat(tables.ask(write())).isEqualTo("ok 912345abc 2^12 rw");
    for (int of = 0; of <= 4; of++) {
      for (int level = 1; level <= 4; level++) {
        long marks = level == 1 ? SECOND_A | SECOND_D : SECOND_A;
        assertThat(tables.memory.load64(secondEntry(of, level)) & (SECOND_A | SECOND_D))
            .as("second-stage level %d for %d", level, of)
            .isEqualTo(marks);
      }
    }
    assertThat(tables.memory.load64(FIRST_ENTRIES[0]) & 0x460).isEqualTo(0x460);
    assertThat(tables.memory.load64(FIRST_ENTRIES[1]) & 0x460).isEqualTo(0x420);
  }

  @Test
  void aReadSetsNoDirtyBit() {
    for (long entry : FIRST_ENTRIES) {
      tables.or(entry, 0x420);
    }
    tables.clear(FIRST_ENTRIES[0], 0x40);
    assertThat(tables.ask(read())).startsWith("ok");
    assertThat(tables.memory.load64(FIRST_ENTRIES[0]) & 0x40).isZero();
    for (int of = 0; of <= 4; of++) {
      assertThat(tables.memory.load64(secondEntry(of, 1)) & SECOND_D).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    // first stage, second stage, size of what comes out, its address
    "1, 1, 12, 912345abc",
    "1, 2, 12, 912200abc",
    "2, 1, 12, 912345abc",
    "2, 2, 21, 912256abc",
    "3, 2, 21, 912256abc",
    "2, 3, 21, 900256abc",
    "3, 3, 30, 923456abc",
  })
  void mixedPageSizes(int first, int second, int lg2, String output) {
    long page = guest(0) & -1L << (12 + 9 * (first - 1));
    if (first > 1) {
      tables.memory.at(FIRST_ENTRIES[first - 1], page | 0xE7);
    }
    long target = NestedTables.PAGE;
    if (second == 1 && first == 2) { // the page's own place in the large one
      tables.memory.at(0x21_0000L + 5 * 0x1_0000L + 0x2000 + 0x56 * 8, target | 3);
    } else if (second > 1) {
      tables.memory.at(secondEntry(0, second), (target & -1L << (12 + 9 * (second - 1))) | 0x83);
      if (second == 2 && first == 3) {
        tables.memory.at(0x21_0000L + 5 * 0x1_0000L + 0x1000 + 0x11A * 8, 0x9_1220_0083L);
      }
    }
    assertThat(tables.ask(read())).isEqualTo("ok %s 2^%d rw".formatted(output, lg2));
  }

  @Test
  void withoutTheCapabilityTheEntryIsInvalid() {
    Capabilities without =
        new Capabilities(0x50, VtdProfiles.FULL_CAP, VtdProfiles.FULL_ECAP & ~(1L << 26), 48);
    assertThat(Walkers.ask(tables.memory, without, Fixture.SCALABLE_MODE, read()))
        .isEqualTo("fault 5b");
  }

  @ParameterizedTest
  @CsvSource({"200001, 5b", "2000D1, 5b", "2002C9, ok"})
  void widthsOfTheEntry(String word0, String outcome) {
    tables.entry(Long.parseLong(word0, 16) | 0xC0, 0x180_0042L, guest(4) | 0x91);
    assertThat(tables.ask(read())).contains(outcome);
  }

  /**
   * Invalidations of a nested translation: by PASID, by page of the PASID, by any page of the DID.
   */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void whatRemovesANestedTranslation(int how) {
    Translator translator = Fixture.translator(tables.memory, Walkers.FULL);
    TranslationCaches caches = translator.caches();
    DmaRequest request = read();
    translator.translate(request, Fixture.SCALABLE_MODE);
    tables.memory.at(FIRST_ENTRIES[0], guest(4) | 0x067L); // another guest page
    assertThat(translator.translate(request, Fixture.SCALABLE_MODE) & 0xFFFF_FFFF_FFFFL)
        .as("stale")
        .isEqualTo(0x9_1234_5ABCL);
    switch (how) {
      case 0 -> caches.invalidatePasidIotlbPages(0x42, Fixture.PASID, request.iova(), 0, true);
      case 1 -> caches.invalidatePasidIotlb(0x42, Fixture.PASID);
      case 2 -> caches.invalidateIotlbPages(0x42, 0x1234_5000L, 0, true);
      case 3 -> caches.invalidateIotlbDomain(0x42);
      case 4 -> caches.invalidateIotlbGlobal();
      default ->
          caches.dropPage(org.ioasis.kit.cache.TagTree.key(0x42, Fixture.PASID), request.iova());
    }
    assertThat(translator.translate(request, Fixture.SCALABLE_MODE) & 0xFFFF_FFFF_FFFFL)
        .isEqualTo(0x70_0ABCL);
  }

  @Test
  void theInspectorShowsBothStages() {
    record View(Latched latched, Translator translator) implements UnitView {
      @Override
      public long register(int offset) {
        return 0;
      }
    }

    VtdInspector inspector =
        new VtdInspector(tables.memory, Walkers.FULL, new View(Fixture.SCALABLE_MODE, null));
    List<Row> rows = new ArrayList<>();
    inspector.mappings(Fixture.SID, rows::add);
    assertThat(rows)
        .filteredOn(row -> row.asLong("pasid").orElse(-1L) == Fixture.PASID)
        .singleElement()
        .asString()
        .contains("iova=0x7f8123456000", "size=0x1000", "ipa=0x28000200000", "pa=0x912345000")
        .contains("pgtt=3", "read=true write=true");
    List<Row> domains = new ArrayList<>();
    inspector.domains(domains::add);
    assertThat(domains.toString()).contains("nested", "second-stage-levels=4");
    List<String> pages = new ArrayList<>();
    inspector.reachablePages((address, what) -> pages.add("%x %s".formatted(address, what)));
    assertThat(pages)
        .contains("700000 fl-table", "703000 fl-table", "200000 sl-table", "262000 sl-table");
  }
}
