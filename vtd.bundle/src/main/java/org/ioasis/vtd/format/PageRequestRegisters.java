package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Registers of the page request queue: PQH, PQT, PQA, PRS. VT-d, "Page Request Queue Head Register"
 * and the ones that follow it. The queue is full when the tail's successor is the head.
 */
public final class PageRequestRegisters {
  // spotless:off
  public static final Field PQH = bits("PQH", 18,  5);  // byte offset of the head, software's
  public static final Field PQT = bits("PQT", 18,  5);  // byte offset of the tail, hardware's
  public static final Field PQA = bits("PQA", 63, 12);  // the queue
  public static final Field PQS = bits("PQS",  2,  0);  // 2^PQS pages
  public static final Field PPR = bit ("PPR",  0);      // PRS: pending page request
  public static final Field PRO = bit ("PRO",  1);      // PRS: page request overflow
  // spotless:on

  /** The conditions of the page request event: it is new only if none of them stood before. */
  public static final long CONDITIONS = PPR.mask() | PRO.mask();

  public static final Layout PQH_LAYOUT = Layout.of("PQH_REG", 64, PQH).inPlace(PQH);
  public static final Layout PQT_LAYOUT = Layout.of("PQT_REG", 64, PQT).inPlace(PQT);
  public static final Layout PQA_LAYOUT = Layout.of("PQA_REG", 64, PQA, PQS).inPlace(PQA);
  public static final Layout PRS_LAYOUT = Layout.of("PRS_REG", 32, PPR, PRO);

  private PageRequestRegisters() {}

  /** Size of the queue in bytes: 2^PQS pages of 128 descriptors. */
  public static long queueBytes(long pqa) {
    return 0x1000L << PQS.get(pqa);
  }
}
