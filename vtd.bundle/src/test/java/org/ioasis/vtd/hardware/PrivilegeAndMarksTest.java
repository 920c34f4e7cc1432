package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.vtd.format.Ecap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Supervisor and execute requests, extended accessed, second-stage accessed and dirty. */
class PrivilegeAndMarksTest {
  private static final int R = DmaRequest.READ, W = DmaRequest.WRITE, X = DmaRequest.EXECUTE;
  private static final long FIRST_LEAF = 0x30_3000 + 0x056 * 8, SECOND_LEAF = 0x20_3C48L;
  private static final long[] FIRST_TABLES = {
    0x30_0000 + 0x0FF * 8, 0x30_1000 + 0x004 * 8, 0x30_2000 + 0x11A * 8
  };
  private static final long[] SECOND_TABLES = {0x20_0120L, 0x20_1688L, 0x20_2598L};
  private static final long PASID_ENTRY = 0x13_0D00L, RID_ENTRY = 0x13_1000L;

  private final TestMemory memory = Fixture.scalable();

  private String ask(DmaRequest request) {
    return Walkers.ask(memory, request);
  }

  private static DmaRequest user(int access) {
    return Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, access);
  }

  private static DmaRequest supervisor(int access) {
    return user(access).privileged(true);
  }

  /** Bits of quadword 2: SRE 0, ERE 1, WPE 4, NXE 5, SMEP 6. */
  @ParameterizedTest(name = "{0} {1}: entry {2}, leaf {3}")
  @CsvSource({
    "user, r,       00, 067, ok 5deadbabc 2^12 rw",
    "user, r,       00, 063, fault 81",
    "user, x,       00, 067, fault 5c",
    "user, x,       02, 067, ok 5deadbabc 2^12 rwx",
    "user, x,       02, X67, ok 5deadbabc 2^12 rwx",
    "user, x,       22, X67, fault 82",
    "user, x,       22, X63, fault 81",
    "user, r,       22, X67, ok 5deadbabc 2^12 rw",
    "user, wx,      22, 065, fault 85",
    "user, wx,      22, X65, fault 85",
    "supervisor, r, 00, 067, fault 5d",
    "supervisor, r, 01, 067, ok 5deadbabc 2^12 rw",
    "supervisor, r, 01, 063, ok 5deadbabc 2^12 rw",
    "supervisor, w, 01, 061, ok 5deadbabc 2^12 rw",
    "supervisor, w, 11, 061, fault 85",
    "supervisor, r, 11, 061, ok 5deadbabc 2^12 r",
    "supervisor, x, 01, 063, fault 5c",
    "supervisor, x, 03, 063, ok 5deadbabc 2^12 rwx",
    "supervisor, x, 23, X63, fault 82",
    "supervisor, x, 43, 063, ok 5deadbabc 2^12 rwx",
    "supervisor, x, 43, 067, fault 82",
    "supervisor, r, 43, 067, ok 5deadbabc 2^12 rw",
    "supervisor, r, 01, 062, fault 71",
  })
  void firstStage(String who, String access, String entry, String leaf, String outcome) {
    memory.at(PASID_ENTRY + 16, 0x30_0000L | Long.parseLong(entry, 16));
    long xd = leaf.startsWith("X") ? 1L << 63 : 0;
    memory.at(FIRST_LEAF, xd | 0x5_DEAD_B000L | Long.parseLong(leaf.replace('X', '0'), 16));
    int bits =
        (access.contains("r") ? R : 0)
            | (access.contains("w") ? W : 0)
            | (access.contains("x") ? X : 0);
    assertThat(ask(user(bits).privileged(who.equals("supervisor")))).isEqualTo(outcome);
  }

  /** U/S=0 and XD=1 at one upper level each. */
  @Test
  void upperLevels() {
    memory.at(PASID_ENTRY + 16, 0x30_0063L);
    for (long table : FIRST_TABLES) {
      long good = memory.load64(table);
      memory.at(table, good & ~4L);
      assertThat(ask(user(R))).isEqualTo("fault 81");
      assertThat(ask(supervisor(R))).startsWith("ok");
      assertThat(ask(supervisor(X))).as("no user page, so SMEP allows it").startsWith("ok");
      memory.at(table, good | 1L << 63);
      assertThat(ask(user(X))).isEqualTo("fault 82");
      assertThat(ask(user(R))).startsWith("ok");
      memory.at(table, good);
    }
    assertThat(ask(supervisor(X))).as("a user page").isEqualTo("fault 82");
  }

  /** RID_PRIV decides for requests without PASID, whatever they say themselves. */
  @Test
  void requestsWithoutPasid() {
    memory.at(RID_ENTRY, 0x49L, 0x80_0001L, 0x30_0000L);
    DmaRequest request = Fixture.request(Fixture.FIRST_STAGE_IOVA, R);
    assertThat(ask(request)).startsWith("ok");
    assertThat(ask(request.privileged(true))).startsWith("ok");
    memory.at(0x11_0528, 1L << 20);
    assertThat(ask(request.privileged(false))).isEqualTo("fault 5d");
    memory.at(RID_ENTRY + 16, 0x30_0001L);
    memory.at(FIRST_LEAF, 0x5_DEAD_B063L);
    assertThat(ask(request)).startsWith("ok");
    Capabilities without = without(Ecap.RPRIVS.mask());
    assertThat(Walkers.ask(memory, without, Fixture.SCALABLE_MODE, request)).isEqualTo("fault 81");
  }

  /** A user's cached page never serves a supervisor, nor the other way round. */
  @Test
  void privilegesDoNotMeetInTheCache() {
    memory.at(PASID_ENTRY + 16, 0x30_0001L).at(FIRST_LEAF, 0x5_DEAD_B063L);
    Translator translator = Fixture.translator(memory, Walkers.FULL);
    for (int round = 0; round < 3; round++) {
      DmaRequest privileged = supervisor(W);
      assertThat(translator.translate(privileged, Fixture.SCALABLE_MODE)).isPositive();
      DmaRequest request = user(R);
      assertThat(translator.translate(request, Fixture.SCALABLE_MODE)).isNegative();
      assertThat(request.faultCode()).isEqualTo(0x81);
    }
  }

  private static Capabilities without(long bits) {
    return new Capabilities(0x50, VtdProfiles.FULL_CAP, VtdProfiles.FULL_ECAP & ~bits, 48);
  }

  @Test
  void capabilitiesThatAreOff() {
    memory.at(PASID_ENTRY + 16, 0x30_0083L);
    Capabilities plain = without(Ecap.SRS.mask() | Ecap.ERS.mask() | Ecap.EAFS.mask());
    assertThat(Walkers.ask(memory, plain, Fixture.SCALABLE_MODE, supervisor(R)))
        .isEqualTo("fault 5d");
    assertThat(Walkers.ask(memory, plain, Fixture.SCALABLE_MODE, user(X))).isEqualTo("fault 5c");
    assertThat(Walkers.ask(memory, plain, Fixture.SCALABLE_MODE, user(R))).startsWith("ok");
    assertThat(memory.load64(FIRST_LEAF) & 0x400).as("EA").isZero();
  }

  @Test
  void extendedAccessed() {
    memory.at(PASID_ENTRY + 16, 0x30_0080L);
    assertThat(ask(user(R))).startsWith("ok");
    assertThat(memory.load64(FIRST_LEAF) & 0x400).isEqualTo(0x400);
    for (long table : FIRST_TABLES) {
      assertThat(memory.load64(table) & 0x420).isEqualTo(0x420);
    }
  }

  private TestMemory secondStage(String flags) {
    long bits = Long.parseLong(flags, 16);
    return memory.at(RID_ENTRY, 0x20_0089L | bits).at(RID_ENTRY + 16, 2); // ERE
  }

  private static DmaRequest plain(int access) {
    return Fixture.request(Fixture.SECOND_STAGE_IOVA, access);
  }

  /** SSADE is bit 9. */
  @Test
  void secondStageAccessedAndDirty() {
    assertThat(ask(plain(W))).startsWith("ok");
    assertThat(memory.load64(SECOND_LEAF)).as("SSADE=0").isEqualTo(0x8_9ABC_D003L);
    secondStage("200");
    assertThat(ask(plain(R))).startsWith("ok");
    assertThat(memory.load64(SECOND_LEAF)).as("A").isEqualTo(0x8_9ABC_D103L);
    for (long table : SECOND_TABLES) {
      assertThat(memory.load64(table) & 0x300).isEqualTo(0x100);
    }
    assertThat(ask(plain(W))).startsWith("ok");
    assertThat(memory.load64(SECOND_LEAF)).as("A and D").isEqualTo(0x8_9ABC_D303L);
    memory.at(SECOND_TABLES[2], 0x8_4000_0083L);
    assertThat(ask(plain(W))).isEqualTo("ok 840189abc 2^21 rw");
    assertThat(memory.load64(SECOND_TABLES[2])).as("2 MiB").isEqualTo(0x8_4000_0383L);
  }

  /** After a read has been cached the first write still marks, and after an unmark nothing does. */
  @Test
  void aCachedReadDoesNotHideTheWrite() {
    secondStage("200");
    Translator translator = Fixture.translator(memory, Walkers.FULL);
    translator.translate(plain(R), Fixture.SCALABLE_MODE);
    translator.translate(plain(W), Fixture.SCALABLE_MODE);
    assertThat(memory.load64(SECOND_LEAF)).isEqualTo(0x8_9ABC_D303L);
    memory.at(SECOND_LEAF, 0x8_9ABC_D103L);
    translator.translate(plain(W), Fixture.SCALABLE_MODE);
    assertThat(memory.load64(SECOND_LEAF)).as("cached as dirty").isEqualTo(0x8_9ABC_D103L);
    translator.caches().invalidateIotlbPages(0x42, Fixture.SECOND_STAGE_IOVA, 0, true);
    translator.translate(plain(W), Fixture.SCALABLE_MODE);
    assertThat(memory.load64(SECOND_LEAF)).isEqualTo(0x8_9ABC_D303L);
  }

  @Test
  void updatesWithoutSnoop() {
    memory.at(RID_ENTRY, 0x20_0289L, 0x42L);
    assertThat(ask(plain(R))).isEqualTo("fault 7c");
    for (long table : SECOND_TABLES) {
      memory.at(table, memory.load64(table) | 0x100);
    }
    memory.at(SECOND_LEAF, 0x8_9ABC_D103L);
    assertThat(ask(plain(R))).as("nothing to set").startsWith("ok");
    assertThat(ask(plain(W))).isEqualTo("fault 7c");
    memory.at(PASID_ENTRY + 8, 1).at(FIRST_LEAF, 0x5_DEAD_B027L);
    assertThat(ask(user(R))).startsWith("ok");
    assertThat(ask(user(W))).isEqualTo("fault 90");
    memory.at(FIRST_TABLES[0], 0x30_1007L);
    assertThat(ask(user(R))).isEqualTo("fault 90");
  }

  /** A unit that cannot snoop marks first-stage entries all the same, second-stage ones not. */
  @Test
  void updatesOfUnitsThatCannotSnoop() {
    Capabilities without = without(Ecap.SMPWCS.mask());
    memory.at(FIRST_LEAF, 0x5_DEAD_B007L).at(PASID_ENTRY + 8, 1);
    assertThat(Walkers.ask(memory, without, Fixture.SCALABLE_MODE, user(W))).startsWith("ok");
    assertThat(memory.load64(FIRST_LEAF)).isEqualTo(0x5_DEAD_B067L);
    secondStage("200");
    assertThat(Walkers.ask(memory, without, Fixture.SCALABLE_MODE, plain(R))).isEqualTo("fault 7c");
  }

  /** SSEE is bit 5: X, bit 2 of an entry, counts. */
  @ParameterizedTest
  @CsvSource({
    "0,  3, x, ok 89abcdabc 2^12 rwx",
    "0,  4, x, fault 79",
    "20, 3, x, fault 82",
    "20, 7, x, ok 89abcdabc 2^12 rwx",
    "20, 4, x, fault 86",
    "20, 4, r, fault 86",
    "20, 4, w, fault 85",
    "20, 0, x, fault 79",
    "20, 3, r, ok 89abcdabc 2^12 rw",
  })
  void secondStageExecute(String flags, int leaf, String access, String outcome) {
    secondStage(flags);
    if (flags.equals("20")) {
      for (long table : SECOND_TABLES) {
        memory.at(table, memory.load64(table) | 4);
      }
    }
    memory.at(SECOND_LEAF, 0x8_9ABC_D000L | leaf);
    assertThat(ask(plain(access.equals("x") ? X : access.equals("w") ? W : R))).isEqualTo(outcome);
  }

  /** An entry that others keep changing: the update fails in the end. */
  @Test
  void updatesThatNeverSucceed() {
    secondStage("200");
    int[] flips = {0};
    memory.beforeExchange =
        () -> {
          flips[0]++;
          memory.at(SECOND_TABLES[0], memory.load64(SECOND_TABLES[0]) ^ 1L << 60);
        };
    DmaRequest request = plain(R);
    Translator translator = Fixture.translator(memory, Walkers.FULL);
    assertThat(translator.translate(request, Fixture.SCALABLE_MODE)).isNegative();
    assertThat(request.faultCode()).isEqualTo(0x7D);
    assertThat(flips[0]).as("bounded").isEqualTo(64);
  }
}
