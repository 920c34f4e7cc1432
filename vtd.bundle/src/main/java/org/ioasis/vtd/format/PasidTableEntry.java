package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * PASID table entry, 512 bits, 64 per table. VT-d, "Scalable-Mode PASID Table Entry".
 *
 * <pre>
 *  word 0   SSPTPTR 63:12 | rsvd 11:10 | SSADE 9 | PGTT 8:6 | SSEE 5 | AW 4:2 | FPD 1 | P 0
 *  word 1   PAT 127:96 | PCD 95 | PWT 94 | EMT 93:91 | EMTE 90 | CD 89 | PGSNP 88 | PWSNP 87
 *           | rsvd 86:80 | DID 79:64
 *  word 2   FSPTPTR 191:140 | rsvd 139:136 | EAFE 135 | SMEP 134 | NXE 133 | WPE 132
 *           | FSPM 131:130 | ERE 129 | SRE 128
 *  words 3 to 7 reserved
 * </pre>
 */
public final class PasidTableEntry {
  // spotless:off
  /** Present. */
  public static final Field P       = bit ("P",         0);
  /** Fault processing disable; read even if P is 0. */
  public static final Field FPD     = bit ("FPD",       1);
  /** Second-stage address width: 30 + 9 * AW bits. */
  public static final Field AW      = bits("AW",        4,   2);
  /** Second-stage execute enable. */
  public static final Field SSEE    = bit ("SSEE",      5);
  /** Translation type, one of the PGTT constants. */
  public static final Field PGTT    = bits("PGTT",      8,   6);
  /** Second-stage accessed and dirty enable; needs ECAP.SSADS. */
  public static final Field SSADE   = bit ("SSADE",     9);
  /** Second-stage table, a page address. */
  public static final Field SSPTPTR = bits("SSPTPTR",  63,  12);
  /** Domain-id. */
  public static final Field DID     = bits("DID",      79,  64);
  /** Walks of this entry's tables snoop. */
  public static final Field PWSNP   = bit ("PWSNP",    87);
  /** All accesses snoop; needs ECAP.SC. */
  public static final Field PGSNP   = bit ("PGSNP",    88);
  /** Cache disable; needs ECAP.MTS, as the next five. */
  public static final Field CD      = bit ("CD",       89);
  /** Extended memory type enable. */
  public static final Field EMTE    = bit ("EMTE",     90);
  /** Extended memory type. */
  public static final Field EMT     = bits("EMT",      93,  91);
  /** Page-level write-through. */
  public static final Field PWT     = bit ("PWT",      94);
  /** Page-level cache disable. */
  public static final Field PCD     = bit ("PCD",      95);
  /** Page attribute table. */
  public static final Field PAT     = bits("PAT",     127,  96);
  /** Supervisor requests allowed. */
  public static final Field SRE     = bit ("SRE",     128);
  /** Execute requests allowed. */
  public static final Field ERE     = bit ("ERE",     129);
  /** First-stage paging mode: 0 is 4-level, 1 is 5-level. */
  public static final Field FSPM    = bits("FSPM",    131, 130);
  /** Supervisor writes honour R/W = 0. */
  public static final Field WPE     = bit ("WPE",     132);
  /** Execute-disable bit effective. */
  public static final Field NXE     = bit ("NXE",     133);
  /** Supervisor must not execute user pages. */
  public static final Field SMEP    = bit ("SMEP",    134);
  /** Set the extended accessed bit in first-stage entries; needs ECAP.EAFS. */
  public static final Field EAFE    = bit ("EAFE",    135);
  /** First-stage table, a page address; nested: guest physical. */
  public static final Field FSPTPTR = bits("FSPTPTR", 191, 140);
  // spotless:on

  /** First stage only. */
  public static final int PGTT_FIRST_STAGE = 1;

  /** Second stage only. */
  public static final int PGTT_SECOND_STAGE = 2;

  /** First stage over second stage. */
  public static final int PGTT_NESTED = 3;

  /** Pass-through. */
  public static final int PGTT_PASS_THROUGH = 4;

  /** First-stage paging mode: 4-level. */
  public static final int FSPM_4_LEVEL = 0;

  /** First-stage paging mode: 5-level. */
  public static final int FSPM_5_LEVEL = 1;

  /** The structure. */
  public static final Layout LAYOUT =
      Layout.of(
              "pasid-table-entry",
              512,
              P,
              FPD,
              AW,
              SSEE,
              PGTT,
              SSADE,
              SSPTPTR,
              DID,
              PWSNP,
              PGSNP,
              CD,
              EMTE,
              EMT,
              PWT,
              PCD,
              PAT,
              SRE,
              ERE,
              FSPM,
              WPE,
              NXE,
              SMEP,
              EAFE,
              FSPTPTR)
          .inPlace(SSPTPTR, FSPTPTR);

  /** Bytes per entry. */
  public static final int BYTES = 64;

  /** Quadwords per entry. */
  public static final int WORDS = 8;

  /** Entries per table. */
  public static final int ENTRIES = 64;

  /** Reserved bits of quadword 0, address bits above the host width not included. */
  public static final long RESERVED_0 = LAYOUT.reserved(0);

  /** Reserved bits of quadword 1. */
  public static final long RESERVED_1 = LAYOUT.reserved(1);

  /** Reserved bits of quadword 2, address bits above the host width not included. */
  public static final long RESERVED_2 = LAYOUT.reserved(2);

  private PasidTableEntry() {}

  /** Byte address of the entry for a PASID: index PASID[5:0]. */
  public static long address(long table, int pasid) {
    return table + (pasid & 0x3F) * (long) BYTES;
  }
}
