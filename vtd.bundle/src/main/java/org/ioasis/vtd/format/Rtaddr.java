package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Root table address register, 64 bits. VT-d, "Root Table Address Register". */
public final class Rtaddr {
  // spotless:off
  public static final Field RTA = bits("RTA", 63, 12);  // root table
  public static final Field TTM = bits("TTM", 11, 10);  // 0 legacy, 1 scalable, 3 abort-DMA
  // spotless:on

  public static final Layout LAYOUT = Layout.of("RTADDR_REG", 64, RTA, TTM).inPlace(RTA);

  private Rtaddr() {}
}
