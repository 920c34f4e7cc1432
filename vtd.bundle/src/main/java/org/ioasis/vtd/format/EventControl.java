package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Event control, data and address registers (FE.., IE.., PE..), 32 bits each. VT-d, "Fault Event
 * Control Register" and its siblings.
 */
public final class EventControl {
  // spotless:off
  public static final Field IM    = bit ("IM",    31);      // interrupt mask
  public static final Field IP    = bit ("IP",    30);      // interrupt pending
  public static final Field IMD   = bits("IMD",   15,  0);  // ..DATA: message data
  public static final Field MA    = bits("MA",    31,  2);  // ..ADDR: message address
  public static final Field MUA   = bits("MUA",   31,  0);  // ..UADDR: upper message address
  // spotless:on

  public static final Layout LAYOUT = Layout.of("FECTL_REG", 32, IM, IP);

  private EventControl() {}
}
