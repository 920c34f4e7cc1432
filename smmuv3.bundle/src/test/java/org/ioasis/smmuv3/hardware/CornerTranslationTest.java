package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Corner cases 51 to 70 of the fact sheet: translation tables. */
class CornerTranslationTest {
  private static final String OK = "ok 500abc", NONE = "FAULT 10", SIZE = "FAULT 11";
  private static final String ACCESS = "FAULT 12", RIGHT = "FAULT 13";
  private static final int R = DmaRequest.READ, W = DmaRequest.WRITE, X = DmaRequest.EXECUTE;

  private static String privileged(Rig rig, int sid, long iova, int access) {
    return rig.ask(rig.request.set(sid, DmaRequest.NO_PASID, iova, 4, access).privileged(true));
  }

  /**
   * The first table of both halves is one block of 1 GiB at every index: what is asked is range.
   */
  private static Rig ranges(long q0) {
    Rig rig = Rig.full().poke(Rig.CD, q0, 0x43_0000, 0x43_0000);
    for (int i = 0; i < 512; i++) {
      rig.poke(0x43_0000 + 8 * i, 0x43_1003L).poke(0x43_1000 + 8 * i, 0xF45L);
    }
    return rig;
  }

  @ParameterizedTest(name = "{0} {1}: {2}")
  @CsvSource({
    "plain, 0000FFFFFFFFFFFF, ok 3fffffff", "plain, 0001000000000000, FAULT 10",
    "plain, FFFF000000000000, ok 0", "plain, FFFEFFFFFFFFFFFF, FAULT 10",
    "plain, AB00123456789000, FAULT 10", "tbi, AB00123456789000, ok 16789000",
    "tbi, 12FF000000000000, ok 0", "tbi, 1200000000000000, ok 0",
    "tbi, 127F000000000000, FAULT 10", "epd1, FFFF000000000000, FAULT 10",
    "epd1, 0000000000000000, ok 0", "epd0, 0000000000000000, FAULT 10",
    "epd0, FFFF000000000000, ok 0", "unequal, FFFF000000000000, FAULT 10",
    "unequal, FFFFFF8000000000, ok 0", "unequal, 0000FFFFFFFFFFFF, ok 3fffffff",
    "tg1, FFFF000000000000, FAULT a",
  })
  @DisplayName("51: edges of both halves, TBI, EPD, T0SZ and T1SZ unequal, TG1 reserved")
  void case51(String set, String iova, String outcome) {
    long both = 0x002A_E205_8090_3510L; // T0SZ=T1SZ=16, TG1=2
    long q0 =
        switch (set) {
          case "tbi" -> both | 3L << 38;
          case "epd1" -> both | 1L << 30;
          case "epd0" -> both | 1L << 14;
          case "unequal" -> both ^ (16 ^ 25L) << 16;
          case "tg1" -> both & ~(3L << 22);
          default -> both;
        };
    Rig rig = ranges(q0);
    if (set.equals("unequal")) {
      rig.poke(Rig.CD + 16, 0x43_1000);
    }
    assertThat(rig.read(Rig.SID, Long.parseUnsignedLong(iova, 16))).isEqualTo(outcome);
    if (outcome.startsWith("FAULT 10")) {
      assertThat(rig.events().get(0))
          .as("the tag byte stays")
          .contains(" 20800000000 " + Long.toHexString(Long.parseUnsignedLong(iova, 16)));
    }
  }

  @Test
  @DisplayName("51: a tag byte that is ignored shares the cached translation, and its invalidation")
  void case51Tlb() {
    Rig rig = Rig.full().poke(Rig.CD, Rig.CD_Q0 | 1L << 38);
    assertThat(rig.read(Rig.SID, Rig.IOVA | 0xAAL << 56)).isEqualTo(OK);
    rig.poke(Rig.LEAF, 0x50_2F47L);
    assertThat(rig.read(Rig.SID, Rig.IOVA | 0x55L << 56)).isEqualTo(OK);
    rig.command(0x002A_0000_0000_0012L, (Rig.IOVA & -0x1000L) | 0x77L << 56 | 1);
    assertThat(rig.read(Rig.SID, Rig.IOVA | 0xAAL << 56)).isEqualTo("ok 502abc");
  }

  /** One path of tables of a granule, all indexes 0, a leaf of type and address at a level. */
  private static Rig path(int granule, int level, long leaf, int inputBits, boolean ds) {
    long tg = granule == 12 ? 0 : granule == 14 ? 2 : 1;
    long q0 = (Rig.CD_Q0 & ~0xFFL & ~(7L << 32)) | (64 - inputBits) | tg << 6 | 6L << 32;
    Rig rig = Rig.full().poke(Rig.CD, q0, 0x60_0000, ds ? 1L << 58 : 0);
    int start = 4 - (inputBits - 4) / (granule - 3);
    for (int at = start; at < level; at++) {
      rig.poke(0x60_0000 + (at - start) * 0x1_0000L, 0x60_0003 + (at - start + 1) * 0x1_0000L);
    }
    return rig.poke(0x60_0000 + (level - start) * 0x1_0000L, leaf);
  }

  @ParameterizedTest(name = "granule 2^{0}, level {1}, DS {2}: {3}")
  @CsvSource({
    "12, 0, false, FAULT 10", "12, 0, true, ok 8000000123", "12, 1, false, ok 8000000123",
    "12, 2, false, ok 8000000123", "12, 3, false, ok 8000000123", "14, 0, true, FAULT 10",
    "14, 1, false, FAULT 10", "14, 1, true, ok 8000000123", "14, 2, false, ok 8000000123",
    "14, 3, false, ok 8000000123", "16, 1, false, ok 80000000123", "16, 2, false, ok 8000000123",
    "16, 3, false, ok 8000000123",
  })
  @DisplayName("52: blocks and pages at every level of every granule; type 01 at level 3")
  void case52(int granule, int level, boolean ds, String outcome) {
    long block = granule == 16 && level == 1 ? 0x800_0000_0000L : 0x80_0000_0000L;
    long leaf = block | (level == 3 ? 0xC47 : 0xC45);
    assertThat(path(granule, level, leaf, 48, ds).read(Rig.SID, 0x123)).isEqualTo(outcome);
    if (level == 3) {
      assertThat(path(granule, 3, block | 0xC45, 48, ds).read(Rig.SID, 0x123)).isEqualTo(NONE);
    }
  }

  @ParameterizedTest(name = "granule 2^{0}, {1} bits")
  @CsvSource({
    "12, 48", "12, 40", "12, 39", "12, 31", "12, 30", "12, 22", "12, 21", "12, 16", "14, 48",
    "14, 47", "14, 37", "14, 36", "14, 26", "14, 25", "14, 17", "16, 48", "16, 43", "16, 42",
    "16, 30", "16, 29", "16, 17", "16, 52",
  })
  @DisplayName("53: the start level at every border of the input size")
  void case53(int granule, int bits) {
    Rig rig = path(granule, 3, (0x50_0C47L & -(1L << granule)) | 0xC47, bits, false);
    assertThat(rig.read(Rig.SID, 0xABC)).isEqualTo("ok 500abc");
    int start = 4 - (bits - 4) / (granule - 3);
    int shift = granule + (3 - start) * (granule - 3);
    long index = (1L << (bits - shift)) - 1;
    rig.poke(0x60_0000 + index * 8, start == 3 ? 0x70_0C47L : 0x61_0003L).forget();
    String expected = start == 3 ? "ok 700abc" : "ok 500abc";
    assertThat(rig.read(Rig.SID, index << shift | 0xABC)).as("last entry").isEqualTo(expected);
    assertThat(rig.read(Rig.SID, 1L << bits)).as("one beyond").isEqualTo(NONE);
  }

  @ParameterizedTest(name = "{0} bits: {1} tables")
  @CsvSource({"40, 2", "41, 4", "42, 8", "43, 16", "39, 1"})
  @DisplayName("54: concatenated tables of stage 2, and the end of the input")
  void case54(int bits, int tables) {
    Rig rig = Rig.full();
    long q2 = (Rig.STE_Q2 & ~(0x3FL << 32)) | (64L - bits) << 32;
    rig.poke(Rig.STREAMS + 128 + 16, q2, 0x60_0000L | 0x7F0);
    long last = tables * 512L - 1;
    rig.poke(0x60_0000 + last * 8, 0x4000_07FDL);
    assertThat(rig.read(Rig.SID_2, last << 30 | 0x123)).isEqualTo("ok 40000123");
    rig.events();
    assertThat(rig.read(Rig.SID_2, 1L << bits)).isEqualTo(NONE);
    assertThat(rig.events())
        .containsExactly("200000010 28800000000 %x %x".formatted(1L << bits, 1L << bits));
  }

  @Test
  @DisplayName("55: 52-bit addresses of 64K and with DS")
  void case55() {
    long high = 0xF_0000_0000_0000L;
    assertThat(path(16, 3, 0x0000_0000_0000_FC47L, 48, false).read(Rig.SID, 0x123))
        .isEqualTo("ok f000000000123");
    assertThat(path(12, 3, 0x0003_0000_0000_0F47L, 48, true).read(Rig.SID, 0x123))
        .isEqualTo("ok f000000000123");
    Rig tall = path(12, 3, 0x0003_0000_0000_0F47L, 52, true);
    assertThat(tall.read(Rig.SID, 0x123)).as("level -1").isEqualTo("ok f000000000123");
    assertThat(tall.read(Rig.SID, 1L << 52)).isEqualTo(NONE);
    assertThat(tall.peek(high)).isZero();
    Rig without = path(12, 3, 0x0003_0000_0050_0F47L, 48, false);
    assertThat(without.read(Rig.SID, 0x123)).as("SH and ignored bits").isEqualTo("ok 500123");
  }

  @Test
  @DisplayName("56: a table beyond IPS")
  void case56() {
    Rig rig = Rig.full().poke(Rig.CD, Rig.CD_Q0 & ~(7L << 32)).poke(0x40_1688, 0x1_0040_2003L);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(SIZE);
    assertThat(rig.events()).containsExactly("100000011 20800000000 123456789abc 0");
    rig.poke(0x41_3000 + 0x91 * 8, 0x8000_0041_4003L)
        .poke(Rig.STREAMS + 128 + 16, Rig.STE_Q2 & ~(7L << 48));
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).isEqualTo(SIZE);
  }

  @Test
  @DisplayName("57: access flag 0 with AFFD, with HA, with neither")
  void case57() {
    Rig rig = Rig.full().poke(Rig.LEAF, 0x50_0B47L);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(ACCESS);
    rig.poke(Rig.CD, Rig.CD_Q0 | 1L << 35).forget();
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OK);
    rig.poke(Rig.LEAF, 0);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("not cached").isEqualTo(NONE);
    rig.poke(Rig.LEAF, 0x50_0B47L).poke(Rig.CD, Rig.CD_Q0 | 1L << 43).forget();
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OK);
    assertThat(rig.peek(Rig.LEAF)).isEqualTo(0x50_0F47L);
    rig.poke(Rig.LEAF_2, 0x50_13FFL);
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).isEqualTo(ACCESS);
    rig.poke(Rig.STREAMS + 128 + 16, Rig.STE_Q2 | 1L << 53).forget();
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).isEqualTo("ok 501678");
    rig.poke(Rig.STREAMS + 128 + 16, Rig.STE_Q2 | 1L << 56).forget();
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).isEqualTo("ok 501678");
    assertThat(rig.peek(Rig.LEAF_2)).isEqualTo(0x50_17FFL);
  }

  @Test
  @DisplayName("58: access flag 0 and no right: F_ACCESS")
  void case58() {
    Rig rig = Rig.full().poke(Rig.LEAF, 0x50_0BC7L);
    assertThat(rig.write(Rig.SID, Rig.IOVA)).isEqualTo(ACCESS);
  }

  @ParameterizedTest(name = "AP {0} PXN {1} UXN {2} {3}: unprivileged {4}, privileged {5}")
  @CsvSource({
    "0, 0, 0, -,     --x, rwx", "0, 1, 1, -,     ---, rw-", "1, 0, 0, -,     rwx, rw-",
    "1, 1, 0, -,     rwx, rw-", "1, 0, 1, -,     rw-, rw-", "2, 0, 0, -,     --x, r-x",
    "2, 1, 1, -,     ---, r--", "3, 0, 0, -,     r-x, r-x", "3, 1, 0, -,     r-x, r--",
    "3, 0, 1, -,     r--, r-x", "1, 0, 0, WXN,   rw-, rw-", "0, 0, 0, WXN,   --x, rw-",
    "3, 0, 0, WXN,   r-x, r-x", "1, 0, 0, PAN,   rwx, ---", "3, 0, 0, PAN,   r-x, --x",
    "0, 0, 0, PAN,   --x, rwx", "1, 0, 0, APT1,  --x, rwx", "1, 0, 0, APT2,  r-x, r-x",
    "1, 0, 0, APT3,  --x, r-x", "3, 0, 0, PXNT,  r-x, r--", "1, 0, 0, UXNT,  rw-, rw-",
    "1, 0, 0, HAD3,  rwx, rw-", "0, 0, 1, APT2,  ---, r-x",
  })
  @DisplayName("59: the permission matrix of stage 1")
  void case59(int ap, int pxn, int uxn, String with, String user, String kernel) {
    long cd = Rig.CD_Q0;
    long table = 0x40_3003L;
    boolean had = false;
    switch (with) {
      case "WXN" -> cd |= 1L << 36;
      case "PAN" -> cd |= 1L << 40;
      case "APT1" -> table |= 1L << 61;
      case "APT2" -> table |= 1L << 62;
      case "APT3" -> table |= 3L << 61;
      case "PXNT" -> table |= 1L << 59;
      case "UXNT" -> table |= 1L << 60;
      case "HAD3" -> {
        table |= 0xFL << 59;
        had = true;
      }
      default -> assertThat(with).isEqualTo("-");
    }
    long leaf = 0x50_0F07L | (long) ap << 6 | (long) pxn << 53 | (long) uxn << 54;
    Rig rig = Rig.full().poke(Rig.CD, cd, Rig.TTB | (had ? 2 : 0)).poke(0x40_2598, table);
    rig.poke(Rig.LEAF, leaf);
    for (int round = 0; round < 2; round++) {
      assertThat(rights(rig, Rig.SID, Rig.IOVA, false)).as("cold or warm").isEqualTo(user);
      assertThat(rights(rig, Rig.SID, Rig.IOVA, true)).isEqualTo(kernel);
    }
  }

  /** Each access asked by itself. */
  private static String rights(Rig rig, int sid, long iova, boolean privileged) {
    StringBuilder text = new StringBuilder();
    int[] accesses = {R, W, X};
    for (int i = 0; i < 3; i++) {
      rig.request.set(sid, DmaRequest.NO_PASID, iova, 4, accesses[i]).privileged(privileged);
      String outcome = rig.ask(rig.request);
      boolean allowed = outcome.startsWith("ok");
      assertThat(allowed || outcome.equals(RIGHT)).as(outcome).isTrue();
      text.append(allowed ? "rwx".charAt(i) : '-');
    }
    return text.toString();
  }

  @ParameterizedTest(name = "S2AP {0} XN {1}: unprivileged {2}, privileged {3}")
  @CsvSource({
    "3, 0, rwx, rwx",
    "3, 1, rwx, rw-",
    "3, 2, rw-, rw-",
    "3, 3, rw-, rwx",
    "1, 2, r--, r--",
    "2, 2, -w-, -w-",
    "0, 2, ---, ---",
    "0, 0, --x, --x",
  })
  @DisplayName("59: the permission matrix of stage 2, with XNX")
  void case59Stage2(int s2ap, int xn, String user, String kernel) {
    Rig rig = Rig.full().poke(Rig.LEAF_2, 0x50_173FL | (long) s2ap << 6 | (long) xn << 53);
    assertThat(rights(rig, Rig.SID_2, Rig.IPA, false)).isEqualTo(user);
    assertThat(rights(rig, Rig.SID_2, Rig.IPA, true)).isEqualTo(kernel);
  }

  @Test
  @DisplayName("60: an invalid leaf below a restricting table is no permission fault")
  void case60() {
    Rig rig = Rig.full().poke(0x40_2598, 0x40_3003L | 3L << 61).poke(Rig.LEAF, 0);
    assertThat(rig.write(Rig.SID, Rig.IOVA)).isEqualTo(NONE);
  }

  @Test
  @DisplayName("61: contiguous entries: each by itself, so one can be invalidated")
  void case61() {
    Rig rig = Rig.full();
    for (int i = 0; i < 16; i++) {
      rig.poke(0x40_3C00 + 8 * i, 0x50_0000 + i * 0x1000L | 1L << 52 | 0xF47);
    }
    long group = Rig.IOVA & -0x1_0000L;
    assertThat(rig.read(Rig.SID, group)).isEqualTo("ok 500000");
    assertThat(rig.read(Rig.SID, group + 0x1000)).isEqualTo("ok 501000");
    rig.poke(0x40_3C08, 0x50_F000L | 0xF47).command(0x002A_0000_0000_0012L, group + 0x1000 | 1);
    assertThat(rig.read(Rig.SID, group + 0x1000)).isEqualTo("ok 50f000");
    assertThat(rig.read(Rig.SID, group)).isEqualTo("ok 500000");
  }

  @Test
  @DisplayName("61: with tlb.contiguous a group is one translation, whoever is asked of it")
  void case61Merged() {
    Rig rig = new Rig(SmmuProfiles.FULL.withParameter("tlb.contiguous", 1)).start();
    for (int i = 0; i < 16; i++) {
      rig.poke(0x40_3C00 + 8 * i, 0x50_0000 + i * 0x1000L | 1L << 52 | 0xF47);
    }
    long group = Rig.IOVA & -0x1_0000L;
    assertThat(rig.read(Rig.SID, group + 0x3008)).isEqualTo("ok 503008");
    rig.poke(0x40_3C28, 0); // the sixth is gone, and nobody has said so
    assertThat(rig.read(Rig.SID, group + 0x5010)).isEqualTo("ok 505010");
    assertThat(rig.read(Rig.SID, group + 0x1_0000)).as("the next group").isEqualTo(NONE);
    rig.command(0x002A_0000_0000_0012L, group + 0xF000 | 1); // any address of the group
    assertThat(rig.read(Rig.SID, group + 0x5010)).isEqualTo(NONE);
    assertThat(rig.read(Rig.SID, group)).isEqualTo("ok 500000");
    // Misprogrammed: a member that says something else is spoken for by the one that was walked.
    rig.poke(0x40_3C38, 0x60_0000L | 1L << 52 | 0xF47);
    assertThat(rig.read(Rig.SID, group + 0x7000)).isEqualTo("ok 507000");
    rig.command(0x002A_0000_0000_0012L, group | 1);
    assertThat(rig.read(Rig.SID, group + 0x7000)).isEqualTo("ok 607000");
    assertThat(rig.read(Rig.SID, group)).as("the same the other way").isEqualTo("ok 600000");
  }

  @Test
  @DisplayName("62: a global translation serves every ASID of its VMID and ASET")
  void case62() {
    Rig rig = Rig.full().poke(Rig.LEAF, 0x50_0747L);
    rig.poke(Rig.STREAMS + 64, 0x2000_0000_0000_000BL | Rig.CD, 2);
    rig.poke(Rig.CD + 64, Rig.CD_Q0 ^ 1L << 48, 0x44_0000);
    rig.poke(Rig.CD + 128, Rig.CD_Q0 ^ 1L << 47 ^ 2L << 48, 0x44_0000);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OK);
    assertThat(rig.ask(rig.request.set(1, 1, Rig.IOVA, 4, 1))).as("another ASID").isEqualTo(OK);
    assertThat(rig.ask(rig.request.set(1, 2, Rig.IOVA, 4, 1))).as("another ASET").isEqualTo(NONE);
  }

  @Test
  @DisplayName("63: big-endian tables of both stages")
  void case63() {
    Rig rig = Rig.full().poke(Rig.CD, Rig.CD_Q0 | 1L << 15);
    for (long at : new long[] {Rig.TTB + 0x120, 0x40_1688, 0x40_2598, Rig.LEAF}) {
      rig.poke(at, Long.reverseBytes(rig.peek(at)));
    }
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OK);
    rig.poke(Rig.STREAMS + 128 + 16, Rig.STE_Q2 | 1L << 52);
    for (long at : new long[] {Rig.S2TTB + 0x1300, 0x41_3488, Rig.LEAF_2}) {
      rig.poke(at, Long.reverseBytes(rig.peek(at)));
    }
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).isEqualTo("ok 501678");
    rig.poke(Rig.CD, Rig.CD_Q0 | 1L << 15 | 1L << 43).forget();
    rig.poke(Rig.LEAF, Long.reverseBytes(0x50_0B47L));
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OK);
    assertThat(rig.peek(Rig.LEAF)).as("marked").isEqualTo(Long.reverseBytes(0x50_0F47L));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "CD,      300000, 300000010 8800000000, 300000",
    "level 0, 400000, 300000010 18800000000, 400000",
    "level 1, 401000, 300000010 18800000000, 401000",
    "level 2, 402000, 300000010 18800000000, 402000",
    "level 3, 403000, 300000010 18800000000, 403000",
    "page,    500000, 300000010 28800000000, 500000",
  })
  @DisplayName("64: what stage 2 refuses in a nested set-up: class and IPA")
  @Requirement(10)
  void case64(String what, String hole, String words, String ipa) {
    long page = Long.parseLong(hole, 16);
    Rig rig = Rig.full().poke(Rig.IDENTITY, 0x45_0003L);
    for (int i = 0; i < 8; i++) {
      rig.poke(0x45_0000 + 8 * i, 0x46_0003L + i * 0x1000L);
      for (int entry = 0; entry < 512; entry++) {
        long address = i * 0x20_0000L + entry * 0x1000L;
        rig.poke(0x46_0000 + i * 0x1000L + entry * 8L, address == page ? 0 : address | 0x7FF);
      }
    }
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).as(what).isEqualTo(NONE);
    assertThat(rig.events()).containsExactly(words + " 123456789abc " + ipa);
    rig.poke(0x46_0000 + (page >>> 21) * 0x1000 + (page >>> 12 & 0x1FF) * 8, page | 0x7FF);
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).isEqualTo(OK);
  }

  @Test
  @DisplayName("65: S2PTW: no walks in Device memory")
  void case65() {
    Rig rig = Rig.full().poke(Rig.IDENTITY, 0x7C5L);
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).isEqualTo(RIGHT);
    assertThat(rig.events()).containsExactly("300000013 8800000000 123456789abc 300000");
    rig.poke(Rig.STREAMS + 192 + 16, Rig.STE_Q2 & ~(1L << 54)).forget();
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).isEqualTo(OK);
  }

  @Test
  @DisplayName("66: an access flag in a table that stage 2 does not let be written: TTRnW=0")
  void case66() {
    Rig rig = Rig.full().poke(Rig.IDENTITY, 0x77DL).poke(Rig.CD, Rig.CD_Q0 | 1L << 43);
    rig.poke(Rig.LEAF, 0x50_0B47L);
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).isEqualTo(RIGHT);
    assertThat(rig.events()).containsExactly("300000013 18800000000 123456789abc 403000");
    assertThat(rig.peek(Rig.LEAF)).as("not marked").isEqualTo(0x50_0B47L);
    rig.poke(Rig.IDENTITY, 0x7BDL).forget();
    assertThat(rig.read(Rig.SID_NESTED, Rig.IOVA)).as("no read of the table").isEqualTo(RIGHT);
    assertThat(rig.events().get(0)).as("CLASS=CD comes first").startsWith("300000013 8800000000");
  }

  @Test
  @DisplayName("66: dirty state: a write marks, a read does not; both stages")
  void case66Dirty() {
    long dbm = 1L << 51;
    Rig rig = Rig.full().poke(Rig.CD, Rig.CD_Q0 | 3L << 42).poke(Rig.LEAF, 0x50_0FC7L | dbm);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo(OK);
    assertThat(rig.peek(Rig.LEAF)).isEqualTo(0x50_0FC7L | dbm);
    assertThat(rig.write(Rig.SID, Rig.IOVA)).isEqualTo(OK);
    assertThat(rig.peek(Rig.LEAF)).isEqualTo(0x50_0F47L | dbm);
    rig.poke(Rig.STREAMS + 128 + 16, Rig.STE_Q2 | 3L << 55).poke(Rig.LEAF_2, 0x50_177FL | dbm);
    assertThat(rig.read(Rig.SID_2, Rig.IPA)).isEqualTo("ok 501678");
    assertThat(rig.peek(Rig.LEAF_2)).isEqualTo(0x50_177FL | dbm);
    assertThat(rig.write(Rig.SID_2, Rig.IPA)).isEqualTo("ok 501678");
    assertThat(rig.peek(Rig.LEAF_2)).isEqualTo(0x50_17FFL | dbm);
    rig.poke(Rig.LEAF, 0x50_0FC7L).forget();
    assertThat(rig.write(Rig.SID, Rig.IOVA)).as("no DBM").isEqualTo(RIGHT);
  }

  @Test
  @DisplayName("67: inputs beyond OAS and IAS without stage 1")
  void case67() {
    Rig rig = Rig.full();
    assertThat(rig.read(Rig.SID_BYPASS, 1L << 52)).isEqualTo(SIZE);
    assertThat(rig.events()).containsExactly("400000011 20800000000 10000000000000 0");
    assertThat(rig.read(Rig.SID_2, 1L << 52)).isEqualTo(SIZE);
    assertThat(rig.events()).containsExactly("200000011 20800000000 10000000000000 0");
    assertThat(rig.read(Rig.SID_2, 1L << 51)).as("within IAS").isEqualTo(NONE);
    assertThat(rig.w32(0x20, 0xC).read(Rig.SID, 1L << 52)).isEqualTo("ok 10000000000000");
  }

  @Test
  @DisplayName("68: a write is data, whatever it says; overrides by the STE")
  void case68() {
    Rig rig = Rig.full().poke(Rig.LEAF, 0x50_0F47L | 3L << 53);
    assertThat(rig.ask(Rig.SID, Rig.IOVA, W | X)).isEqualTo(OK);
    assertThat(rig.ask(Rig.SID, Rig.IOVA, X)).isEqualTo(RIGHT);
    assertThat(rig.events()).containsExactly("100000013 20c00000000 123456789abc 0");
    rig.poke(Rig.STREAMS + 64 + 8, 3L << 50).forget();
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("INSTCFG=3").isEqualTo(RIGHT);
    assertThat(rig.write(Rig.SID, Rig.IOVA)).isEqualTo(OK);
    rig.poke(Rig.STREAMS + 64 + 8, 2L << 50).forget();
    assertThat(rig.ask(Rig.SID, Rig.IOVA, X)).as("INSTCFG=2").isEqualTo(OK);
    rig.poke(Rig.LEAF, 0x50_0F07L).poke(Rig.STREAMS + 64 + 8, 3L << 48).forget();
    assertThat(rig.read(Rig.SID, Rig.IOVA)).as("PRIVCFG=3").isEqualTo(OK);
    rig.poke(Rig.STREAMS + 64 + 8, 2L << 48).forget().events();
    assertThat(privileged(rig, Rig.SID, Rig.IOVA, R)).as("PRIVCFG=2").isEqualTo(RIGHT);
    assertThat(rig.events()).containsExactly("100000013 20800000000 123456789abc 0");
  }

  @ParameterizedTest(name = "S={0} A={1} R={2}: {3}, {4} records")
  @CsvSource({
    "1, 0, 0, STALLED 10, 1", "1, 1, 1, STALLED 10, 1", "0, 1, 1, FAULT 10, 1",
    "0, 1, 0, ABORTED 10, 0", "0, 0, 1, QUIET 10, 1", "0, 0, 0, QUIET 10, 0",
  })
  @DisplayName("69: CD.S, A and R")
  void case69(long s, long a, long r, String outcome, int records) {
    Rig rig = Rig.full();
    rig.poke(Rig.CD, (Rig.CD_Q0 & ~(7L << 44)) | s << 44 | r << 45 | a << 46);
    assertThat(rig.read(Rig.SID, 0)).isEqualTo(outcome);
    assertThat(rig.events()).hasSize(records);
  }

  @Test
  @DisplayName("69: STE.S2R, and errors that R does not govern")
  void case69Stage2() {
    Rig rig = Rig.full().poke(Rig.STREAMS + 128 + 16, Rig.STE_Q2 & ~(1L << 58));
    assertThat(rig.read(Rig.SID_2, 0)).isEqualTo("ABORTED 10");
    assertThat(rig.events()).isEmpty();
    rig.poke(Rig.CD, Rig.CD_Q0 & ~(7L << 44)).poke(0x40_1688, 0x7000_0003L);
    assertThat(rig.read(Rig.SID, Rig.IOVA)).isEqualTo("FAULT b");
    assertThat(rig.events()).containsExactly("10000000b 10800000000 123456789abc 70000598");
  }

  @Test
  @DisplayName("70: atomics: RnW is 1 only if the right to read alone was missing")
  void case70() {
    Rig rig = Rig.full().poke(Rig.LEAF_2, 0x50_17BFL);
    rig.ask(rig.request.set(2, -1, Rig.IPA, 8, R | W).atomic(true));
    assertThat(rig.events()).containsExactly("200000013 28800000000 9812345678 9812345000");
    rig.poke(Rig.LEAF_2, 0x50_177FL);
    rig.ask(rig.request.set(2, -1, Rig.IPA, 8, R | W).atomic(true));
    assertThat(rig.events()).containsExactly("200000013 28000000000 9812345678 9812345000");
    rig.poke(Rig.LEAF_2, 0);
    rig.ask(rig.request.set(2, -1, Rig.IPA, 8, R | W).atomic(true));
    assertThat(rig.events()).containsExactly("200000010 28000000000 9812345678 9812345000");
  }
}
