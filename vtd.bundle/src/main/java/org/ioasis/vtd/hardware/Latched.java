package org.ioasis.vtd.hardware;

/**
 * What the hardware took from registers and works with, as one immutable snapshot: a translation
 * reads it once, so that a change of root table or mode meets a request as a whole. VT-d, "Global
 * Command Register" (SRTP, SIRTP) and "Root Table Address Register".
 *
 * @param translationEnabled GSTS.TES
 * @param ttm translation table mode of the active root table: {@link #TTM_LEGACY} to {@link
 *     #TTM_ABORT}
 * @param rootTable physical address of the active root table, 4 KiB aligned, below 2^HAW
 * @param interruptRemapping GSTS.IRES
 * @param interruptTable the active IRTA register value as latched by SIRTP
 */
public record Latched(
    boolean translationEnabled,
    int ttm,
    long rootTable,
    boolean interruptRemapping,
    long interruptTable) {
  /** Values of RTADDR.TTM. */
  public static final int TTM_LEGACY = 0, TTM_SCALABLE = 1, TTM_RESERVED = 2, TTM_ABORT = 3;

  /** The reset state: nothing enabled, pointers 0. */
  public static final Latched RESET = new Latched(false, TTM_LEGACY, 0, false, 0);

  /** The same with another root table, as SRTP takes it. */
  public Latched withRoot(int mode, long root) {
    return new Latched(translationEnabled, mode, root, interruptRemapping, interruptTable);
  }

  /** The same with an interrupt table, as SIRTP takes it. */
  public Latched withInterruptTable(long irta) {
    return new Latched(translationEnabled, ttm, rootTable, interruptRemapping, irta);
  }

  /** The same with other enables. */
  public Latched withEnables(boolean translation, boolean interrupts) {
    return new Latched(translation, ttm, rootTable, interrupts, interruptTable);
  }
}
