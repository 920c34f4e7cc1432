package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * IOMMU status register, 64 bits. "IOMMU Status Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Status {
  // spotless:off
  public static final Field EVENT_OVERFLOW       = bit ("EventOverflow",       0);   // RW1C
  public static final Field EVENT_LOG_INT        = bit ("EventLogInt",         1);   // RW1C
  public static final Field COM_WAIT_INT         = bit ("ComWaitInt",          2);   // RW1C
  public static final Field EVENT_LOG_RUN        = bit ("EventLogRun",         3);
  public static final Field CMD_BUF_RUN          = bit ("CmdBufRun",           4);
  public static final Field PPR_OVERFLOW         = bit ("PprOverflow",         5);   // RW1C
  public static final Field PPR_INT              = bit ("PprInt",              6);   // RW1C
  public static final Field PPR_LOG_RUN          = bit ("PprLogRun",           7);
  public static final Field GA_LOG_RUN           = bit ("GALogRun",            8);
  public static final Field GA_LOG_OVERFLOW      = bit ("GALOverflow",         9);   // RW1C
  public static final Field GA_INT               = bit ("GAInt",              10);   // RW1C
  public static final Field PPR_OVERFLOW_B       = bit ("PprOverflowB",       11);   // RW1C
  public static final Field PPR_LOG_ACTIVE       = bit ("PprLogActive",       12);
  public static final Field EVENT_OVERFLOW_B     = bit ("EventOverflowB",     15);   // RW1C
  public static final Field EVENT_LOG_ACTIVE     = bit ("EventLogActive",     16);
  public static final Field PPR_OVERFLOW_EARLY_B = bit ("PprOverflowEarlyB",  17);   // RW1C
  public static final Field PPR_OVERFLOW_EARLY   = bit ("PprOverflowEarly",   18);   // RW1C

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("Status", 64,
          EVENT_OVERFLOW, EVENT_LOG_INT, COM_WAIT_INT, EVENT_LOG_RUN, CMD_BUF_RUN, PPR_OVERFLOW,
          PPR_INT, PPR_LOG_RUN, GA_LOG_RUN, GA_LOG_OVERFLOW, GA_INT, PPR_OVERFLOW_B,
          PPR_LOG_ACTIVE, EVENT_OVERFLOW_B, EVENT_LOG_ACTIVE, PPR_OVERFLOW_EARLY_B,
          PPR_OVERFLOW_EARLY);
  // spotless:on

  /** The bits that writing 1 clears: conditions that happened. */
  public static final long W1C =
      EVENT_OVERFLOW.mask()
          | EVENT_LOG_INT.mask()
          | COM_WAIT_INT.mask()
          | PPR_OVERFLOW.mask()
          | PPR_INT.mask()
          | GA_LOG_OVERFLOW.mask()
          | GA_INT.mask()
          | PPR_OVERFLOW_B.mask()
          | EVENT_OVERFLOW_B.mask()
          | PPR_OVERFLOW_EARLY_B.mask()
          | PPR_OVERFLOW_EARLY.mask();

  private Status() {}
}
