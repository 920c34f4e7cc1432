package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Fault status register, 32 bits. VT-d, "Fault Status Register". */
public final class Fsts {
  // spotless:off
  public static final Field PFO = bit ("PFO", 0);       // a fault could not be recorded
  public static final Field PPF = bit ("PPF", 1);       // some record has F=1
  public static final Field AFO = bit ("AFO", 2);       // advanced logging, obsolete
  public static final Field APF = bit ("APF", 3);       // advanced logging, obsolete
  public static final Field IQE = bit ("IQE", 4);       // invalidation queue error
  public static final Field ICE = bit ("ICE", 5);       // invalid device-TLB completion
  public static final Field ITE = bit ("ITE", 6);       // device-TLB invalidation timed out
  public static final Field FRI = bits("FRI", 15, 8);   // record that made PPF 1
  // spotless:on

  /** The conditions of the fault event: it is new only if none of them stood before. */
  public static final long CONDITIONS =
      PFO.mask() | PPF.mask() | IQE.mask() | ICE.mask() | ITE.mask();

  public static final Layout LAYOUT =
      Layout.of("FSTS_REG", 32, PFO, PPF, AFO, APF, IQE, ICE, ITE, FRI);

  private Fsts() {}
}
