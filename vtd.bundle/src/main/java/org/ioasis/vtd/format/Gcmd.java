package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Global command and global status register, 32 bits each, with the same positions: TE is reported
 * as TES, SRTP as RTPS and so on. VT-d, "Global Command Register", "Global Status Register".
 */
public final class Gcmd {
  // spotless:off
  public static final Field TE    = bit("TE",    31);   // translation enable, level
  public static final Field SRTP  = bit("SRTP",  30);   // set root table pointer, one-shot
  public static final Field SFL   = bit("SFL",   29);   // set fault log, one-shot, obsolete
  public static final Field EAFL  = bit("EAFL",  28);   // advanced fault logging, level, obsolete
  public static final Field WBF   = bit("WBF",   27);   // write buffer flush, one-shot
  public static final Field QIE   = bit("QIE",   26);   // queued invalidation enable, level
  public static final Field IRE   = bit("IRE",   25);   // interrupt remapping enable, level
  public static final Field SIRTP = bit("SIRTP", 24);   // set interrupt table pointer, one-shot
  public static final Field CFI   = bit("CFI",   23);   // compatibility format interrupts, level
  // spotless:on

  public static final Layout LAYOUT =
      Layout.of("GCMD_REG", 32, TE, SRTP, SFL, EAFL, WBF, QIE, IRE, SIRTP, CFI);

  private Gcmd() {}
}
