package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** IVA and IOTLB registers, 64 bits each. VT-d, "IOTLB Registers". */
public final class IotlbRegisters {
  // spotless:off
  public static final Field IVT  = bit ("IVT",  63);      // go; cleared when done
  public static final Field IIRG = bits("IIRG", 61, 60);  // granularity asked for
  public static final Field IAIG = bits("IAIG", 58, 57);  // granularity done, 0 ignored
  public static final Field DR   = bit ("DR",   49);      // drain reads
  public static final Field DW   = bit ("DW",   48);      // drain writes
  public static final Field DID  = bits("DID",  47, 32);  // domain id

  public static final Field ADDR = bits("ADDR", 63, 12);  // IVA: page address
  public static final Field IH   = bit ("IH",    6);      // IVA: leaf entries only
  public static final Field AM   = bits("AM",    5,  0);  // IVA: address mask
  // spotless:on

  /** Values of IIRG, IAIG and of an IOTLB descriptor's G. */
  public static final int GLOBAL = 1, DOMAIN = 2, PAGE = 3;

  public static final Layout IOTLB = Layout.of("IOTLB_REG", 64, IVT, IIRG, IAIG, DR, DW, DID);
  public static final Layout IVA = Layout.of("IVA_REG", 64, ADDR, IH, AM).inPlace(ADDR);

  private IotlbRegisters() {}
}
