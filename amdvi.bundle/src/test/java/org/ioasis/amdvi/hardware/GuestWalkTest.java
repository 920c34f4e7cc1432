package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** v2 tables, GCR3 tables and nesting: corner cases 26 to 29, and the worked numbers. */
@Requirement(10)
class GuestWalkTest {
  private static final long GVA = 0x7F1234567000L;
  private static final long GCR3 = 0x150000000L;
  private static final int PASID = 0x12345;

  /** The worked example: v2 root at 0x140000000 instead of 0x200000000, so that it is in RAM. */
  private static void guestTables(Rig rig) {
    rig.poke(0x1400007F0L, 0x0000000140001027L);
    rig.poke(0x140001240L, 0x0000000140002027L);
    rig.poke(0x140002D10L, 0x0000000140003027L);
    rig.poke(0x140003B38L, 0x000000ABCDEF0067L);
  }

  /** GLX=1: entries 0x91 and 0x145 lead to the root. */
  private static void gcr3Tables(Rig rig) {
    rig.poke(GCR3 + 0x488, 0x150001001L);
    rig.poke(0x150001A28L, 0x140000001L);
  }

  /** q0 of an entry with GV, these GCR3 levels and this mode, root at {@link #GCR3}. */
  private static long word0(int glx, int mode) {
    return 0x6080000000000003L
        | (long) glx << 56
        | (long) mode << 9
        | (mode == 0 ? 0 : 0x160000000L); // bits 14:12 of the GCR3 root are 0
  }

  private static long word1() {
    return 0x77 | (GCR3 >>> 15 & 0xFFFF) << 16 | GCR3 >>> 31 << 43;
  }

  private static Rig flat() {
    Rig rig = Rig.full().start();
    guestTables(rig);
    gcr3Tables(rig);
    return rig.dte(word0(1, 0), word1());
  }

  private static DmaRequest read(Rig rig, int pasid, long address) {
    return rig.read(Rig.DEVICE, address).pasid(pasid);
  }

  private static DmaRequest write(Rig rig, int pasid, long address) {
    return rig.write(Rig.DEVICE, address).pasid(pasid);
  }

  private static List<Long> refused(Rig rig, DmaRequest request) {
    assertThat(Translation.isPresent(rig.ask(request))).as(request.toString()).isFalse();
    return rig.events();
  }

  @Test
  void theWorkedExample() {
    Rig rig = flat();
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA | 0xABC))))
        .isEqualTo(0xABCDEF0ABCL);
    assertThat(Translation.address(rig.ask(write(rig, PASID, GVA)))).isEqualTo(0xABCDEF0000L);
    assertThat(refused(rig, write(rig, PASID, 0x7F0000001000L)))
        .containsExactly(0x2025234500010340L, 0x7F0000001000L);
    assertThat(refused(rig, read(rig, 5, GVA)))
        .as("another PASID")
        .containsExactly(0x2005000500000340L, GVA);
  }

  @Test
  void pasidsBeyondTheTables() {
    Rig rig = Rig.full().start();
    guestTables(rig);
    rig.poke(GCR3 + 511 * 8, 0x140000001L);
    rig.dte(word0(0, 0), word1()); // GLX=0: 9 bits
    assertThat(Translation.isPresent(rig.ask(read(rig, 511, GVA)))).isTrue();
    assertThat(refused(rig, read(rig, 512, GVA))).containsExactly(0x2005020000000340L, GVA);
    rig.poke(GCR3 + 511 * 8, 0x150001001L);
    rig.poke(0x150001000L + 511 * 8, 0x140000001L);
    rig.dte(word0(1, 0), word1()); // GLX=1: 18 bits
    assertThat(Translation.isPresent(rig.ask(read(rig, 0x3FFFF, GVA)))).isTrue();
    assertThat(refused(rig, read(rig, 0x40000, GVA))).hasSize(2);
    rig.poke(GCR3 + 3 * 8, 0x150002001L);
    rig.poke(0x150002000L + 511 * 8, 0x150001001L);
    rig.dte(word0(2, 0), word1()); // GLX=2: 20 bits
    rig.command(0x8000000000000000L, 0);
    assertThat(Translation.isPresent(rig.ask(read(rig, 0xFFFFF, GVA)))).isTrue();
  }

  @Test
  void gcr3EntriesOfEachLevel() {
    Rig rig = Rig.full().start();
    guestTables(rig);
    rig.dte(word0(2, 0), word1());
    long event = 0x2005234500010340L;
    assertThat(refused(rig, read(rig, PASID, GVA))).containsExactly(event, GVA);
    rig.poke(GCR3, 0x150002001L); // PASID[19:18] = 0
    assertThat(refused(rig, read(rig, PASID, GVA))).containsExactly(event, GVA);
    rig.poke(0x150002488L, 0x150001001L);
    assertThat(refused(rig, read(rig, PASID, GVA))).containsExactly(event, GVA);
    rig.poke(0x150001A28L, 0x140000003L);
    assertThat(refused(rig, read(rig, PASID, GVA)))
        .as("a reserved bit")
        .containsExactly(0x2095234500010340L, GVA);
    rig.poke(0x150001A28L, 0x140000001L);
    assertThat(Translation.isPresent(rig.ask(read(rig, PASID, GVA)))).isTrue();
    rig.poke(GCR3, 0x700000000001L);
    rig.command(0x3000007700012345L, 0x7FFFFFFFFFFFF007L);
    assertThat(refused(rig, read(rig, PASID, GVA)))
        .containsExactly(0x4203234500010340L & ~0x0002000000000000L, 0x700000000488L);
  }

  @Test
  void requestsWithoutPasid() {
    Rig rig = Rig.full().start().hostTables();
    guestTables(rig);
    rig.poke(GCR3, 0x140000001L);
    rig.dte(word0(0, 0), word1());
    assertThat(Translation.address(rig.ask(rig.read(Rig.DEVICE, GVA))))
        .as("GIoV=0: host tables, here none")
        .isEqualTo(GVA);
    rig.dte(word0(0, 0) | 1L << 54, word1());
    assertThat(Translation.address(rig.ask(rig.read(Rig.DEVICE, GVA))))
        .as("GIoV=1: PASID 0")
        .isEqualTo(0xABCDEF0000L);
    assertThat(refused(rig, rig.write(Rig.DEVICE, 0x5000)))
        .as("GN with PASID 0, no US without a PASID")
        .containsExactly(0x2021000000000340L, 0x5000L);
    rig.w64(0x18, rig.r64(0x18) & ~(1L << 16)); // GTEn=0
    assertThat(Translation.address(rig.ask(rig.read(Rig.DEVICE, GVA)))).isEqualTo(GVA);
    assertThat(refused(rig, read(rig, 0, GVA))).containsExactly(0x8203000000000340L, GVA);
  }

  @ParameterizedTest
  @CsvSource({
    "4, 0x00007FFFFFFFFFFC, true", "4, 0x0000800000000000, false",
    "4, 0xFFFF800000000000, true", "4, 0xFFFF7FFFFFFFFFFC, false",
    "5, 0x0000800000000000, true", "5, 0x00FFFFFFFFFFFFFC, true",
    "5, 0x0100000000000000, false", "5, 0xFF00000000000000, true"
  })
  void canonicalAddresses(int levels, String address, boolean canonical) {
    Rig rig = Rig.full().start();
    gcr3Tables(rig);
    // Every entry leads to the same table, and the last maps a page.
    for (int level = levels; level > 0; level--) {
      for (int index = 0; index < 512; index++) {
        long table = 0x140000000L + (levels - level) * 0x1000L;
        rig.poke(table + index * 8L, level == 1 ? 0x9067L : table + 0x1027L);
      }
    }
    rig.dte(word0(1, 0), word1(), levels == 5 ? 1L << 54 : 0);
    long iova = Long.parseUnsignedLong(address.substring(2), 16);
    assertThat(Translation.isPresent(rig.ask(read(rig, PASID, iova)))).isEqualTo(canonical);
    assertThat(rig.events()).isEqualTo(canonical ? List.of() : List.of(0x2005234500010340L, iova));
  }

  @Test
  void pasid0IsUsedAsAnUnsignedNumber() {
    Rig rig = Rig.full().start();
    guestTables(rig);
    rig.poke(GCR3, 0x140000001L);
    rig.poke(0x140000000L + 0x100 * 8, 0x140001027L); // index of 0x800000000000
    rig.poke(0x140001000L, 0x140002027L);
    rig.poke(0x140002000L, 0x140003027L);
    rig.poke(0x140003000L, 0x9067L);
    rig.dte(word0(0, 0), word1());
    assertThat(Translation.isPresent(rig.ask(read(rig, 0, 0x800000000000L)))).isTrue();
    assertThat(refused(rig, read(rig, 0, 0xFFFF800000000000L))).hasSize(2);
  }

  @Test
  void leavesOfEachSize() {
    Rig rig = flat();
    rig.poke(0x140002D10L, 0x00000000802000E7L);
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA | 0x1F000))))
        .isEqualTo(0x80200000L | ((GVA | 0x1F000) & 0x1FFFFF));
    rig.poke(0x140001240L, 0x00000000C00000E7L);
    rig.command(0x3000007700012345L, 0x7FFFFFFFFFFFF007L);
    long packed = rig.ask(read(rig, PASID, GVA));
    assertThat(Translation.address(packed)).isEqualTo(0xC0000000L | (GVA & 0x3FFFFFFF));
    assertThat(Translation.spanLg2(packed)).isEqualTo(30);
    rig.poke(0x140001240L, 0x00000000C02000E7L); // bit 21 below 1 GiB
    rig.command(0x3000007700012345L, 0x7FFFFFFFFFFFF007L);
    assertThat(refused(rig, read(rig, PASID, GVA))).containsExactly(0x2095234500010340L, GVA);
    rig.poke(0x1400007F0L, 0x00000001400010A7L); // PS at level 4
    assertThat(refused(rig, read(rig, PASID, GVA))).containsExactly(0x2095234500010340L, GVA);
  }

  @Test
  void rightsOfUsersSupervisorsAndExecution() {
    Rig rig = flat();
    rig.poke(0x140003B38L, 0x000000ABCDEF0065L); // read-only
    assertThat(refused(rig, write(rig, PASID, GVA))).containsExactly(0x2075234500010340L, GVA);
    assertThat(refused(rig, write(rig, PASID, GVA).privileged(true)))
        .as("supervisors obey RW")
        .containsExactly(0x2071234500010340L, GVA);
    rig.poke(0x140003B38L, 0x000000ABCDEF0063L); // supervisor
    rig.command(0x3000007700012345L, 0x7FFFFFFFFFFFF007L);
    assertThat(refused(rig, read(rig, PASID, GVA))).containsExactly(0x2055234500010340L, GVA);
    assertThat(Translation.isPresent(rig.ask(read(rig, PASID, GVA).privileged(true)))).isTrue();
    assertThat(refused(rig, read(rig, PASID, GVA))).as("a hit does not help").hasSize(2);
    rig.poke(0x140003B38L, 0x800000ABCDEF0067L); // no execute
    rig.command(0x3000007700012345L, 0x7FFFFFFFFFFFF007L);
    DmaRequest execute = read(rig, PASID, GVA).access(DmaRequest.READ | DmaRequest.EXECUTE);
    assertThat(refused(rig, execute)).containsExactly(0x2057234500010340L, GVA);
    assertThat(Translation.isPresent(rig.ask(read(rig, PASID, GVA)))).isTrue();
  }

  @Test
  void withoutUsSupAndNxSup() {
    long efr = AmdviProfiles.FULL_EFR & ~(1L << 37) & ~(1L << 3);
    Rig rig = Rig.of(efr, AmdviProfiles.FULL_EFR2, AmdviProfiles.FULL_HEADER).start();
    guestTables(rig);
    gcr3Tables(rig);
    rig.dte(word0(1, 0), word1());
    rig.poke(0x140003B38L, 0x000000ABCDEF0063L);
    assertThat(refused(rig, read(rig, PASID, GVA).privileged(true)))
        .as("all requests are a user's")
        .containsExactly(0x2051234500010340L, GVA);
    rig.poke(0x140003B38L, 0x800000ABCDEF0067L);
    assertThat(refused(rig, read(rig, PASID, GVA)))
        .as("NX is reserved")
        .containsExactly(0x2095234500010340L, GVA);
  }

  @Test
  void accessedAndDirty() {
    Rig rig = flat();
    rig.poke(0x1400007F0L, 0x0000000140001007L);
    rig.poke(0x140003B38L, 0x000000ABCDEF0007L);
    rig.ask(read(rig, PASID, GVA));
    assertThat(rig.peek(0x1400007F0L)).isEqualTo(0x0000000140001027L);
    assertThat(rig.peek(0x140003B38L)).isEqualTo(0x000000ABCDEF0027L);
    rig.ask(write(rig, PASID, GVA));
    assertThat(rig.peek(0x140003B38L)).isEqualTo(0x000000ABCDEF0067L);
  }

  @Test
  void illegalPagingModes() {
    Rig rig = flat();
    rig.dte(word0(1, 0), word1(), 2L << 54);
    assertThat(refused(rig, read(rig, PASID, GVA)))
        .containsExactly(0x1003234500010340L & ~(1L << 49), GVA);
    long efr = AmdviProfiles.FULL_EFR & ~(3L << 12) & ~(3L << 14);
    Rig small = Rig.of(efr, AmdviProfiles.FULL_EFR2, AmdviProfiles.FULL_HEADER).start();
    small.dte(word0(0, 0), word1(), 1L << 54);
    assertThat(refused(small, read(small, 1, GVA))).as("GATS=0").hasSize(2);
    small.dte(word0(1, 0), word1());
    assertThat(refused(small, read(small, 1, GVA))).as("GLXSup=0").hasSize(2);
  }

  // ---- nested: guest structures at GPA = SPA + 0x1000000000 ----

  private static final long SHIFT = 0x1000000000L;

  /** Mode 3, root 0x160000000; maps 1 GiB pages GPA 0x1140000000.. to SPA 0x140000000.. */
  private static Rig nested(boolean rootByGuestAddress) {
    Rig rig = Rig.full().start();
    if (rootByGuestAddress) {
      rig.w64(0x18, rig.r64(0x18) | 1L << 58);
    }
    for (long at = 0x140000000L; at < 0x1C0000000L; at += 0x40000000L) {
      rig.poke(0x160000000L + ((SHIFT + at) >>> 30 & 0x1FF) * 8, 0x6000000000000001L | at);
    }
    rig.poke(0x160000000L, 0x6000000000000001L); // GPA 0 to 1 GiB as they are
    long root = rootByGuestAddress ? GCR3 + SHIFT : GCR3;
    rig.poke(GCR3 + 0x488, 0x150001001L + SHIFT);
    rig.poke(0x150001A28L, 0x140000001L + SHIFT);
    rig.poke(0x1400007F0L, 0x0000000140001027L + SHIFT);
    rig.poke(0x140001240L, 0x0000000140002027L + SHIFT);
    rig.poke(0x140002D10L, 0x0000000140003027L + SHIFT);
    rig.poke(0x140003B38L, 0x0000000000030067L);
    return rig.dte(
        0x6180000160000603L | (root >>> 12 & 7) << 58,
        0x77 | (root >>> 15 & 0xFFFF) << 16 | root >>> 31 << 43);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void guestTablesThroughHostTables(boolean rootByGuestAddress) {
    Rig rig = nested(rootByGuestAddress);
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA | 0x10)))).isEqualTo(0x30010L);
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA | 0x10)))).isEqualTo(0x30010L);
    assertThat(Translation.address(rig.ask(rig.read(Rig.DEVICE, SHIFT + 0x140000000L))))
        .as("without a PASID the host tables alone")
        .isEqualTo(0x140000000L);
  }

  /** Which guest structure&#39;s GPA is taken out of the host tables, and the event. */
  @ParameterizedTest
  @CsvSource({
    "gcr3 level 1, 0x150000488, 0x700150001001, 0x700150001A28",
    "gcr3 level 0, 0x150001A28, 0x700140000001, 0x7001400007F0",
    "v2 level 4,   0x1400007F0, 0x700140001027, 0x700140001240",
    "v2 level 3,   0x140001240, 0x700140002027, 0x700140002D10",
    "v2 level 2,   0x140002D10, 0x700140003027, 0x700140003B38",
    "final,        0x140003B38, 0x700140003067, 0x700140003000"
  })
  void aHostFaultAtEachGuestLevel(String name, String at, String entry, String gpa) {
    Rig rig = nested(true);
    rig.poke(Long.decode(at), Long.decode(entry));
    assertThat(refused(rig, read(rig, PASID, GVA)))
        .as(name)
        .containsExactly(0x2000007700000340L, Long.decode(gpa));
  }

  @Test
  void theRootOfGcr3TablesIsNotMapped() {
    Rig rig = nested(false);
    rig.w64(0x18, rig.r64(0x18) | 1L << 58);
    assertThat(refused(rig, read(rig, PASID, GVA)))
        .as("0x150000488 is no GPA")
        .containsExactly(0x2000007700000340L, 0x150000488L);
  }

  @Test
  void theFinalPageIsReadOnlyForTheHost() {
    Rig rig = nested(true);
    rig.poke(0x160000000L, 0x2000000000000001L);
    assertThat(Translation.isPresent(rig.ask(read(rig, PASID, GVA)))).isTrue();
    assertThat(refused(rig, write(rig, PASID, GVA))).containsExactly(0x2070007700000340L, 0x30000L);
    rig.poke(0x160000000L, 0x6000000000000001L);
    rig.poke(0x140003B38L, 0x0000000000030065L);
    rig.command(0x3000007700000000L, 0x7FFFFFFFFFFFF003L);
    rig.command(0x3000007700012345L, 0x7FFFFFFFFFFFF007L);
    assertThat(refused(rig, write(rig, PASID, GVA)))
        .as("the guest's own refusal")
        .containsExactly(0x2075234500010340L, GVA);
  }

  @Test
  void guestMarksNeedAWritableHostPage() {
    Rig rig = nested(true);
    rig.poke(0x140003B38L, 0x0000000000030027L); // D is due
    for (long at = 0x140000000L; at < 0x1C0000000L; at += 0x40000000L) {
      rig.poke(0x160000000L + ((SHIFT + at) >>> 30 & 0x1FF) * 8, 0x2000000000000001L | at);
    }
    rig.command(0x3000007700000000L, 0x7FFFFFFFFFFFF003L);
    assertThat(Translation.isPresent(rig.ask(read(rig, PASID, GVA)))).isTrue();
    assertThat(refused(rig, write(rig, PASID, GVA)))
        .containsExactly(0x2070007700000340L, SHIFT + 0x140003B38L);
  }

  @Test
  void eachKindIsInvalidatedAlone() {
    Rig rig = nested(true);
    rig.ask(read(rig, PASID, GVA));
    rig.poke(0x140003B38L, 0x0000000000040067L);
    rig.command(0x3000007700000000L, 0x7FFFFFFFFFFFF003L); // host of the domain
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA))))
        .as("the guest translation stays")
        .isEqualTo(0x30000L);
    rig.command(0x3000007700012346L, 0x7FFFFFFFFFFFF007L); // another PASID
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA)))).isEqualTo(0x30000L);
    rig.command(0x3000007800012345L, 0x7FFFFFFFFFFFF007L); // another domain
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA)))).isEqualTo(0x30000L);
    rig.command(0x3000007700012345L, GVA | 4); // its page
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA)))).isEqualTo(0x40000L);
    rig.poke(0x160000000L, 0x6000000080000001L);
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA)))).isEqualTo(0x40000L);
    rig.command(0x3000007700012345L, 0x7FFFFFFFFFFFF007L); // guest
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA))))
        .as("the host translation stays")
        .isEqualTo(0x40000L);
    rig.command(0x3000007700000000L, 0x7FFFFFFFFFFFF003L);
    assertThat(Translation.address(rig.ask(read(rig, PASID, GVA)))).isEqualTo(0x80040000L);
  }
}
