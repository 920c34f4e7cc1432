package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Registers of the invalidation queue: IQH, IQT, IQA, ICS, IQERCD. VT-d, "Invalidation Queue Head
 * Register" and the ones that follow it.
 */
public final class QueueRegisters {
  // spotless:off
  public static final Field QH     = bits("QH",     18,  4);  // IQH: byte offset of the head
  public static final Field QT     = bits("QT",     18,  4);  // IQT: byte offset of the tail
  public static final Field IQA    = bits("IQA",    63, 12);  // IQA: the queue
  public static final Field DW     = bit ("DW",     11);      // IQA: 256-bit descriptors
  public static final Field QS     = bits("QS",      2,  0);  // IQA: 2^QS pages
  public static final Field IWC    = bit ("IWC",     0);      // ICS: a wait completed
  public static final Field ICESID = bits("ICESID", 63, 48);  // IQERCD: source of ICE
  public static final Field ITESID = bits("ITESID", 47, 32);  // IQERCD: source of ITE
  public static final Field IQEI   = bits("IQEI",    3,  0);  // IQERCD: why IQE
  // spotless:on

  /** Values of IQEI. */
  public static final int IQEI_NONE = 0;

  public static final int IQEI_TAIL = 1;
  public static final int IQEI_FETCH = 2;
  public static final int IQEI_TYPE = 3;
  public static final int IQEI_RESERVED = 4;
  public static final int IQEI_WIDTH = 5;
  public static final int IQEI_TAIL_ALIGNMENT = 6;
  public static final int IQEI_TTM = 7;

  public static final Layout IQH_LAYOUT = Layout.of("IQH_REG", 64, QH).inPlace(QH);
  public static final Layout IQT_LAYOUT = Layout.of("IQT_REG", 64, QT).inPlace(QT);
  public static final Layout IQA_LAYOUT = Layout.of("IQA_REG", 64, IQA, DW, QS).inPlace(IQA);
  public static final Layout ICS_LAYOUT = Layout.of("ICS_REG", 32, IWC);
  public static final Layout IQERCD_LAYOUT = Layout.of("IQERCD_REG", 64, ICESID, ITESID, IQEI);

  private QueueRegisters() {}

  /** log2 of a descriptor's bytes: 4, or 5 with DW=1. */
  public static int descriptorLg2(long iqa) {
    return DW.isSet(iqa) ? 5 : 4;
  }

  /** Size of the queue in bytes: 2^QS pages. */
  public static long queueBytes(long iqa) {
    return 0x1000L << QS.get(iqa);
  }
}
