package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * The MSI capability as it is seen in the register block with EFR.MsiCapMmioSup: header, address
 * low, address high, data, 32 bits each. "MSI Capability Header Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class MsiCapability {
  // spotless:off
  public static final Field EN = bit ("MsiEn",  16);   // of the header, 158h
  public static final Field ADDRESS_LOW = bits("MsiAddr[31:2]", 31, 2);    // 15Ch
  public static final Field DATA = bits("MsiData", 15, 0);                 // 164h

  /** The header. */
  public static final Layout HEADER_LAYOUT =
      Layout.of("MSI Capability Header", 32,
          EN);

  /** The low half of the address. */
  public static final Layout ADDRESS_LAYOUT =
      Layout.of("MSI Address Low", 32,
          ADDRESS_LOW)
          .inPlace(ADDRESS_LOW);

  /** The data. */
  public static final Layout DATA_LAYOUT =
      Layout.of("MSI Data", 32,
          DATA);
  // spotless:on

  private MsiCapability() {}
}
