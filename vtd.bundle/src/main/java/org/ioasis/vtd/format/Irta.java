package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Interrupt remapping table address register. VT-d, "Interrupt Remapping Table Address". */
public final class Irta {
  // spotless:off
  public static final Field IRTA = bits("IRTA", 63, 12);  // table
  public static final Field EIME = bit ("EIME", 11);      // extended interrupt mode
  public static final Field S    = bits("S",     3,  0);  // 2^(S+1) entries
  // spotless:on

  public static final Layout LAYOUT = Layout.of("IRTA_REG", 64, IRTA, EIME, S).inPlace(IRTA);

  private Irta() {}
}
