package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Page request descriptor, 256 bits, that hardware writes into the page request queue. VT-d, "Page
 * Request Descriptor".
 *
 * <pre>
 *  63  54   53    52   51    32 31   16 15  10  9    8   7    0
 * +------+------+-----+--------+-------+------+-----+----+------+
 * | rsvd | PRIV | EXE | PASID  |  RID  | rsvd | PDP | PP | TYPE |
 * +------+------+-----+--------+-------+------+-----+----+------+
 *  127                     76 75    67  66   65   64
 * +--------------------------+--------+------+----+----+
 * |           ADDR           |  PRGI  | LPIG | WR | RD |    255:128 private data, or 0
 * +--------------------------+--------+------+----+----+
 * </pre>
 *
 * <p>A stop marker has PP and LPIG set, and neither RD nor WR; nobody answers it.
 */
public final class PageRequestDescriptor {
  /** Value of TYPE. */
  public static final int CODE = 1;

  // spotless:off
  public static final Field TYPE  = bits("TYPE",    7,   0);  // 01h
  public static final Field PP    = bit ("PP",      8);       // PASID present
  public static final Field PDP   = bit ("PDP",     9);       // private data present, older
  public static final Field RID   = bits("RID",    31,  16);  // requester id
  public static final Field PASID = bits("PASID",  51,  32);  // PASID, if PP
  public static final Field EXE   = bit ("EXE",    52);       // execute requested
  public static final Field PRIV  = bit ("PRIV",   53);       // supervisor privilege requested
  public static final Field RD    = bit ("RD",     64);       // read requested
  public static final Field WR    = bit ("WR",     65);       // write requested
  public static final Field LPIG  = bit ("LPIG",   66);       // last page in group: wants an answer
  public static final Field PRGI  = bits("PRGI",   75,  67);  // page request group index
  public static final Field ADDR  = bits("ADDR",  127,  76);  // page
  public static final Field DATA  = bits("DATA",  191, 128);  // private data, older
  public static final Field DATA2 = bits("DATA2", 255, 192);  // private data, older
  // spotless:on

  public static final Layout LAYOUT =
      Layout.of(
              "page_req_dsc",
              256,
              TYPE,
              PP,
              PDP,
              RID,
              PASID,
              EXE,
              PRIV,
              RD,
              WR,
              LPIG,
              PRGI,
              ADDR,
              DATA,
              DATA2)
          .inPlace(ADDR);

  /** Bytes per descriptor. */
  public static final int BYTES = 32;

  private PageRequestDescriptor() {}

  /** Whether words 0 and 1 are a stop marker. */
  public static boolean isStopMarker(long word0, long word1) {
    return PP.isSet(word0) && LPIG.isSet(word1) && !RD.isSet(word1) && !WR.isSet(word1);
  }
}
