package org.ioasis.kit.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Literal words of real structures of all three vendors, read through layouts that are declared
 * here, so that the tool is held to what vendors will do with it.
 */
class LiteralWordsTest {
  // spotless:off
  /** VT-d, "Context Entry". */
  static final Field P       = bit ("P",        0);
  static final Field FPD     = bit ("FPD",      1);
  static final Field TT      = bits("TT",       3,  2);
  static final Field SSPTPTR = bits("SSPTPTR", 63, 12);
  static final Field AW      = bits("AW",      66, 64);
  static final Field AVAIL   = bits("AVAIL",   70, 67);
  static final Field DID     = bits("DID",     87, 72);
  static final Layout CONTEXT =
      Layout.of("context-entry", 128, P, FPD, TT, SSPTPTR, AW, AVAIL, DID).inPlace(SSPTPTR);

  /** VT-d, "Scalable-Mode PASID Table Entry". */
  static final Field FSPTPTR = bits("FSPTPTR", 191, 140);
  static final Layout PASID =
      Layout.of("pasid-entry", 512,
              bit ("P",         0),      bit ("FPD",     1),      bits("AW",     4,   2),
              bit ("SSEE",      5),      bits("PGTT",    8,   6), bit ("SSADE",  9),
              SSPTPTR,                   bits("DID",    79,  64), bit ("PWSNP", 87),
              bit ("PGSNP",    88),      bit ("CD",     89),      bit ("EMTE",  90),
              bits("EMT",      93,  91), bit ("PWT",    94),      bit ("PCD",   95),
              bits("PAT",     127,  96), bit ("SRE",   128),      bit ("ERE",  129),
              bits("FSPM",    131, 130), bit ("WPE",   132),      bit ("NXE",  133),
              bit ("SMEP",    134),      bit ("EAFE",  135),      FSPTPTR)
          .inPlace(SSPTPTR, FSPTPTR);

  /** VT-d, "Fault Recording Registers". */
  static final Layout FRCD =
      Layout.of("FRCD_REG", 128,
          bits("FI",   63,  12), bits("SID",  79,  64), bit ("T2",   92), bit ("PRIV", 93),
          bit ("EXE",  94),      bit ("PP",   95),      bits("FR",  103, 96),
          bits("PV",  123, 104), bits("AT",  125, 124), bit ("T1",  126), bit ("F",   127))
          .inPlace(bits("FI", 63, 12));

  /** AMD-Vi, "Command Buffer Base Address Register". */
  static final Layout COMMAND_BASE =
      Layout.of("CommandBufferBase", 64, bits("ComBase", 51, 12), bits("ComLen", 59, 56))
          .inPlace(bits("ComBase", 51, 12));

  /** SMMUv3, "SMMU_STRTAB_BASE_CFG", 32 bits. */
  static final Layout STRTAB_BASE_CFG =
      Layout.of("STRTAB_BASE_CFG", 32,
          bits("LOG2SIZE", 5, 0), bits("SPLIT", 10, 6), bits("FMT", 17, 16));
  // spotless:on

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0000000000200001 | 0000000000004202 | P=1 FPD=0 TT=0 SSPTPTR=0x200000 AW=2 AVAIL=0 DID=0x42
          0000000000200005 | 0000000000004202 | P=1 FPD=0 TT=1 SSPTPTR=0x200000 AW=2 AVAIL=0 DID=0x42
          0000000000000009 | 0000000000004202 | P=1 FPD=0 TT=2 SSPTPTR=0x0 AW=2 AVAIL=0 DID=0x42
          000000010303F005 | 0000000000000102 | P=1 FPD=0 TT=1 SSPTPTR=0x10303f000 AW=2 AVAIL=0 DID=1
          0000000000000000 | 0000000001000080 | P=0 FPD=0 TT=0 SSPTPTR=0x0 AW=0 AVAIL=0 RSVD[71]=0x1 DID=0 RSVD[127:88]=0x1
          """)
  void contextEntries(String lo, String hi, String shown) {
    assertThat(CONTEXT.format(hex(lo), hex(hi))).isEqualTo(shown);
  }

  @Test
  void contextEntryReservedBits() {
    assertThat(CONTEXT.reserved(0)).isEqualTo(0x0000000000000FF0L);
    assertThat(CONTEXT.reserved(1)).isEqualTo(0xFFFFFFFFFF000080L);
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          # case,        qw0,              qw1,              qw2,     PGTT, SSADE, SSPTPTR, DID, PGSNP, SRE, FSPM, WPE, EAFE, FSPTPTR
          second stage,  0000000000200089, 0000000000800042, 0,          2,     0,  200000,  42,     0,   0,    0,   0,    0,       0
          first 4-level, 0000000000000049, 0000000000800001, 300000,     1,     0,       0,   1,     0,   0,    0,   0,    0,  300000
          first 5-level, 0000000000000049, 0000000000800001, 300004,     1,     0,       0,   1,     0,   0,    1,   0,    0,  300000
          nested,        00000000002002C9, 0000000001800042, 300091,     3,     1,  200000,  42,     1,   1,    0,   1,    1,  300000
          pass-through,  0000000000000109, 0000000000800001, 0,          4,     0,       0,   1,     0,   0,    0,   0,    0,       0
          """)
  void pasidEntries(
      String name,
      String qw0,
      String qw1,
      String qw2,
      long pgtt,
      long ssade,
      String ssptptr,
      String did,
      long pgsnp,
      long sre,
      long fspm,
      long wpe,
      long eafe,
      String fsptptr) {
    long[] words = {hex(qw0), hex(qw1), hex(qw2), 0, 0, 0, 0, 0};
    assertThat(PASID.field("PGTT").get(words)).as(name).isEqualTo(pgtt);
    assertThat(PASID.field("AW").get(words)).isEqualTo(2);
    assertThat(PASID.field("SSADE").get(words)).isEqualTo(ssade);
    assertThat(SSPTPTR.inPlace(words)).isEqualTo(hex(ssptptr));
    assertThat(PASID.field("DID").get(words)).isEqualTo(hex(did));
    assertThat(PASID.field("PWSNP").isSet(words)).isTrue();
    assertThat(PASID.field("PGSNP").get(words)).isEqualTo(pgsnp);
    assertThat(PASID.field("SRE").get(words)).isEqualTo(sre);
    assertThat(PASID.field("FSPM").get(words)).isEqualTo(fspm);
    assertThat(PASID.field("WPE").get(words)).isEqualTo(wpe);
    assertThat(PASID.field("EAFE").get(words)).isEqualTo(eafe);
    assertThat(FSPTPTR.inPlace(words)).isEqualTo(hex(fsptptr));
    assertThat(PASID.format(words)).doesNotContain("RSVD");
  }

  @Test
  void pasidEntryReservedBits() {
    assertThat(PASID.reserved(0)).isEqualTo(0x0000000000000C00L);
    assertThat(PASID.reserved(1)).isEqualTo(0x00000000007F0000L);
    assertThat(PASID.reserved(2)).isEqualTo(0x0000000000000F00L);
    for (int word = 3; word < 8; word++) {
      assertThat(PASID.reserved(word)).isEqualTo(-1L);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0000123456789000 | 8000000500000329 | FI=0x123456789000 SID=0x329 T2=0 PRIV=0 EXE=0 PP=0 FR=5 PV=0 AT=0 T1=0 F=1
          0000123456789000 | C000000600000329 | FI=0x123456789000 SID=0x329 T2=0 PRIV=0 EXE=0 PP=0 FR=6 PV=0 AT=0 T1=1 F=1
          00007F8123456000 | C123457180000329 | FI=0x7f8123456000 SID=0x329 T2=0 PRIV=0 EXE=0 PP=1 FR=0x71 PV=0x12345 AT=0 T1=1 F=1
          00007F8123456000 | C0123485B0000329 | FI=0x7f8123456000 SID=0x329 T2=1 PRIV=1 EXE=0 PP=1 FR=0x85 PV=0x1234 AT=0 T1=1 F=1
          00007F8123456000 | 8012344790000329 | FI=0x7f8123456000 SID=0x329 T2=1 PRIV=0 EXE=0 PP=1 FR=0x47 PV=0x1234 AT=0 T1=0 F=1
          00007F8123456000 | D000004400000329 | FI=0x7f8123456000 SID=0x329 T2=0 PRIV=0 EXE=0 PP=0 FR=0x44 PV=0 AT=1 T1=1 F=1
          1238000000000000 | 8000002200000329 | FI=0x1238000000000000 SID=0x329 T2=0 PRIV=0 EXE=0 PP=0 FR=0x22 PV=0 AT=0 T1=0 F=1
          """)
  void faultRecords(String lo, String hi, String shown) {
    assertThat(FRCD.format(hex(lo), hex(hi))).isEqualTo(shown);
  }

  @Test
  void otherVendorsRegisters() {
    assertThat(COMMAND_BASE.format(0x0900000110000000L)).isEqualTo("ComBase=0x110000000 ComLen=9");
    assertThat(COMMAND_BASE.reserved(0)).isEqualTo(0xF0F0000000000FFFL);
    assertThat(STRTAB_BASE_CFG.format(0x00010210L)).isEqualTo("LOG2SIZE=0x10 SPLIT=8 FMT=1");
    assertThat(STRTAB_BASE_CFG.reserved(0)).isEqualTo(0x00000000FFFCF800L);
  }

  @Test
  void buildsTheSameWords() {
    assertThat(P.of(1) | TT.of(1) | SSPTPTR.ofInPlace(0x10303F000L)).isEqualTo(0x10303F005L);
    assertThat(AW.of(2) | DID.of(1)).isEqualTo(0x102L);
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }
}
