package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_IDR0: what the unit can do. "SMMU_IDR0".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Idr0 {
  // spotless:off
  public static final Field S2P         = bit ("S2P",           0);    // stage 2
  public static final Field S1P         = bit ("S1P",           1);    // stage 1
  public static final Field TTF         = bits("TTF",           3,   2);    // table formats
  public static final Field COHACC      = bit ("COHACC",        4);    // coherent accesses
  public static final Field BTM         = bit ("BTM",           5);    // broadcast TLB maintenance
  public static final Field HTTU        = bits("HTTU",          7,   6);    // hardware update of flags
  public static final Field DORMHINT    = bit ("DORMHINT",      8);
  public static final Field HYP         = bit ("Hyp",           9);    // EL2 StreamWorld
  public static final Field ATS         = bit ("ATS",          10);
  public static final Field NS1ATS      = bit ("NS1ATS",       11);    // 1: no split stage
  public static final Field ASID16      = bit ("ASID16",       12);
  public static final Field MSI         = bit ("MSI",          13);
  public static final Field SEV         = bit ("SEV",          14);
  public static final Field ATOS        = bit ("ATOS",         15);
  public static final Field PRI         = bit ("PRI",          16);
  public static final Field VMW         = bit ("VMW",          17);
  public static final Field VMID16      = bit ("VMID16",       18);
  public static final Field CD2L        = bit ("CD2L",         19);    // two-level CD tables
  public static final Field VATOS       = bit ("VATOS",        20);
  public static final Field TTENDIAN    = bits("TTENDIAN",     22,  21);
  public static final Field ATSRECERR   = bit ("ATSRECERR",    23);
  public static final Field STALL_MODEL = bits("STALL_MODEL",  25,  24);
  public static final Field TERM_MODEL  = bit ("TERM_MODEL",   26);    // 1: CD.A must be 1
  public static final Field ST_LEVEL    = bits("ST_LEVEL",     28,  27);
  public static final Field RME_IMPL    = bit ("RME_IMPL",     30);

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_IDR0", 32,
          S2P, S1P, TTF, COHACC, BTM, HTTU, DORMHINT, HYP, ATS, NS1ATS, ASID16, MSI, SEV, ATOS,
          PRI, VMW, VMID16, CD2L, VATOS, TTENDIAN, ATSRECERR, STALL_MODEL, TERM_MODEL, ST_LEVEL,
          RME_IMPL);
  // spotless:on

  /** TTF: VMSAv8-32 LPAE only, VMSAv8-64 only, both. */
  public static final int TTF_AARCH32 = 1, TTF_AARCH64 = 2, TTF_BOTH = 3;

  /** HTTU: none, access flag, access flag and dirty state, tables' access flag too. */
  public static final int HTTU_NONE = 0, HTTU_ACCESS = 1, HTTU_DIRTY = 2, HTTU_TABLES = 3;

  /** TTENDIAN: mixed, little only, big only. */
  public static final int TTENDIAN_MIXED = 0, TTENDIAN_LITTLE = 2, TTENDIAN_BIG = 3;

  /** STALL_MODEL: stall and terminate, terminate only, every fault stalls. */
  public static final int STALL_BOTH = 0, STALL_NONE = 1, STALL_FORCED = 2;

  private Idr0() {}
}
