package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * SMMU_IDR1: sizes. "SMMU_IDR1".
 *
 * <p><b>Threading:</b> constants.
 */
public final class Idr1 {
  // spotless:off
  public static final Field SIDSIZE        = bits("SIDSIZE",          5,   0);    // bits of a StreamID
  public static final Field SSIDSIZE       = bits("SSIDSIZE",        10,   6);    // bits of a SubstreamID
  public static final Field PRIQS          = bits("PRIQS",           15,  11);    // log2 of entries
  public static final Field EVENTQS        = bits("EVENTQS",         20,  16);
  public static final Field CMDQS          = bits("CMDQS",           25,  21);
  public static final Field ATTR_PERMS_OVR = bit ("ATTR_PERMS_OVR",  26);
  public static final Field ATTR_TYPES_OVR = bit ("ATTR_TYPES_OVR",  27);
  public static final Field REL            = bit ("REL",             28);
  public static final Field QUEUES_PRESET  = bit ("QUEUES_PRESET",   29);
  public static final Field TABLES_PRESET  = bit ("TABLES_PRESET",   30);
  public static final Field ECMDQ          = bit ("ECMDQ",           31);

  /** The whole register. */
  public static final Layout LAYOUT =
      Layout.of(
          "SMMU_IDR1", 32,
          SIDSIZE, SSIDSIZE, PRIQS, EVENTQS, CMDQS, ATTR_PERMS_OVR, ATTR_TYPES_OVR, REL,
          QUEUES_PRESET, TABLES_PRESET, ECMDQ);
  // spotless:on

  private Idr1() {}
}
