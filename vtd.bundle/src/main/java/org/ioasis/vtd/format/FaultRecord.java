package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Fault recording register FRCD[i], 128 bits. VT-d, "Fault Recording Registers".
 *
 * <pre>
 *  127 126 125:124 123:104 103:96 95 94  93   92     79:64      63:12     11:0
 * +---+---+-------+-------+------+--+---+----+--+---+-----+  +----------+------+
 * | F | T1|  AT   |  PV   |  FR  |PP|EXE|PRIV|T2|   | SID |  |    FI    |      |
 * +---+---+-------+-------+------+--+---+----+--+---+-----+  +----------+------+
 * </pre>
 */
public final class FaultRecord {
  // spotless:off
  public static final Field FI   = bits("FI",    63,  12);  // page address, or interrupt index
  public static final Field SID  = bits("SID",   79,  64);  // source id
  public static final Field T2   = bit ("T2",    92);       // {T1,T2}: type
  public static final Field PRIV = bit ("PRIV",  93);       // supervisor privilege requested
  public static final Field EXE  = bit ("EXE",   94);       // execute requested
  public static final Field PP   = bit ("PP",    95);       // PASID present
  public static final Field FR   = bits("FR",   103,  96);  // fault reason
  public static final Field PV   = bits("PV",   123, 104);  // PASID
  public static final Field AT   = bits("AT",   125, 124);  // address type
  public static final Field T1   = bit ("T1",   126);       // {T1,T2}: type
  public static final Field F    = bit ("F",    127);       // valid
  public static final Field II   = bits("II",    63,  48);  // interrupt faults: index, in FI
  // spotless:on

  public static final Layout LAYOUT =
      Layout.of("FRCD_REG", 128, FI, SID, T2, PRIV, EXE, PP, FR, PV, AT, T1, F).inPlace(FI);

  /** Types of request as {T1,T2}. */
  public static final int WRITE = 0, PAGE_REQUEST = 1, READ = 2, ATOMIC = 3;

  private FaultRecord() {}

  /**
   * Bits 127:64 of a record without PASID, F included.
   *
   * @param source source id; bits above 15 are dropped
   * @param reason fault reason
   * @param type {@link #WRITE} to {@link #ATOMIC}
   * @param addressType AT field of the request
   */
  public static long high(int source, int reason, int type, int addressType) {
    return F.mask()
        | T1.of(type >>> 1)
        | T2.of(type & 1)
        | AT.of(addressType & 3)
        | FR.of(reason & 0xFF)
        | SID.of(source & 0xFFFF);
  }

  /** Bits 127:64 that a PASID adds. */
  public static long pasid(int pasid, boolean execute, boolean privileged) {
    return PP.mask()
        | PV.of(pasid & PV.max())
        | (execute ? EXE.mask() : 0)
        | (privileged ? PRIV.mask() : 0);
  }
}
