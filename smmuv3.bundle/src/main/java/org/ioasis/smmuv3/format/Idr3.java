package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_IDR3: extensions. "SMMU_IDR3".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Idr3 {
  // spotless:off
  public static final Field HAD     = bit ("HAD",       2);    // CD.HAD0, HAD1
  public static final Field PBHA    = bit ("PBHA",      3);
  public static final Field XNX     = bit ("XNX",       4);    // stage 2 execute by privilege
  public static final Field PPS     = bit ("PPS",       5);    // automatic PRI responses carry the PASID
  public static final Field MPAM    = bit ("MPAM",      7);
  public static final Field FWB     = bit ("FWB",       8);
  public static final Field STT     = bit ("STT",       9);    // small tables
  public static final Field RIL     = bit ("RIL",      10);    // range invalidation, level hint
  public static final Field BBML    = bits("BBML",     12,  11);
  public static final Field E0PD    = bit ("E0PD",     13);
  public static final Field PTWNNC  = bit ("PTWNNC",   14);
  public static final Field DPT     = bit ("DPT",      15);
  public static final Field PASIDTT = bit ("PASIDTT",  16);
  public static final Field EPAN    = bit ("EPAN",     17);
  public static final Field S1PI    = bit ("S1PI",     18);
  public static final Field S2PI    = bit ("S2PI",     19);
  public static final Field S2PO    = bit ("S2PO",     20);
  public static final Field THE     = bit ("THE",      21);
  public static final Field MTEPERM = bit ("MTEPERM",  22);
  public static final Field AIE     = bit ("AIE",      23);

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_IDR3", 32,
          HAD, PBHA, XNX, PPS, MPAM, FWB, STT, RIL, BBML, E0PD, PTWNNC, DPT, PASIDTT, EPAN, S1PI,
          S2PI, S2PO, THE, MTEPERM, AIE);
  // spotless:on

  private Idr3() {}
}
