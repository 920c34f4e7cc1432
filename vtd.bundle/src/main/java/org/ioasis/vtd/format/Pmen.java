package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Protected memory enable register, 32 bits. VT-d, "Protected Memory Enable Register". */
public final class Pmen {
  public static final Field EPM = bit("EPM", 31); // enable
  public static final Field PRS = bit("PRS", 0); // status of EPM

  public static final Layout LAYOUT = Layout.of("PMEN_REG", 32, EPM, PRS);

  private Pmen() {}
}
