package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Context command register, 64 bits. VT-d, "Context Command Register". */
public final class Ccmd {
  // spotless:off
  public static final Field ICC  = bit ("ICC",  63);      // go; cleared when done
  public static final Field CIRG = bits("CIRG", 62, 61);  // granularity asked for
  public static final Field CAIG = bits("CAIG", 60, 59);  // granularity done, 0 rejected
  public static final Field FM   = bits("FM",   33, 32);  // function mask
  public static final Field SID  = bits("SID",  31, 16);  // source id
  public static final Field DID  = bits("DID",  15,  0);  // domain id
  // spotless:on

  /** Values of CIRG, CAIG and of a context-cache descriptor's G. */
  public static final int GLOBAL = 1, DOMAIN = 2, DEVICE = 3;

  public static final Layout LAYOUT = Layout.of("CCMD_REG", 64, ICC, CIRG, CAIG, FM, SID, DID);

  private Ccmd() {}
}
