package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * IOMMU control register, 64 bits. "IOMMU Control Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Control {
  // spotless:off
  public static final Field IOMMU_EN            = bit ("IommuEn",            0);
  public static final Field HT_TUN_EN           = bit ("HtTunEn",            1);
  public static final Field EVENT_LOG_EN        = bit ("EventLogEn",         2);
  public static final Field EVENT_INT_EN        = bit ("EventIntEn",         3);
  public static final Field COM_WAIT_INT_EN     = bit ("ComWaitIntEn",       4);
  public static final Field INV_TIME_OUT        = bits("InvTimeOut",         7,   5);
  public static final Field PASS_PW             = bit ("PassPW",             8);
  public static final Field RES_PASS_PW         = bit ("ResPassPW",          9);
  public static final Field COHERENT            = bit ("Coherent",          10);
  public static final Field ISOC                = bit ("Isoc",              11);
  public static final Field CMD_BUF_EN          = bit ("CmdBufEn",          12);
  public static final Field PPR_LOG_EN          = bit ("PPRLogEn",          13);
  public static final Field PPR_INT_EN          = bit ("PPRIntEn",          14);
  public static final Field PPR_EN              = bit ("PPREn",             15);
  public static final Field GT_EN               = bit ("GTEn",              16);   // v2 tables
  public static final Field GA_EN               = bit ("GAEn",              17);   // 128-bit IRTEs
  public static final Field CRW                 = bits("CRW",               21,  18);
  public static final Field SMI_F_EN            = bit ("SmiFEn",            22);
  public static final Field SLF_WB_DIS          = bit ("SlfWBDis",          23);
  public static final Field SMI_F_LOG_EN        = bit ("SmiFLogEn",         24);
  public static final Field GAM_EN              = bits("GAMEn",             27,  25);
  public static final Field GA_LOG_EN           = bit ("GALogEn",           28);
  public static final Field GA_INT_EN           = bit ("GAIntEn",           29);
  public static final Field DUAL_PPR_LOG_EN     = bits("DualPprLogEn",      31,  30);
  public static final Field DUAL_EVENT_LOG_EN   = bits("DualEventLogEn",    33,  32);
  public static final Field DEV_TBL_SEG_EN      = bits("DevTblSegEn",       36,  34);   // log2 of the segments
  public static final Field PRIV_ABRT_EN        = bits("PrivAbrtEn",        38,  37);
  public static final Field PPR_AUTO_RSP_EN     = bit ("PprAutoRspEn",      39);
  public static final Field MARC_EN             = bit ("MarcEn",            40);
  public static final Field BLK_STOP_MRK_EN     = bit ("BlkStopMrkEn",      41);
  public static final Field PPR_AUTO_RSP_AON    = bit ("PprAutoRspAon",     42);
  public static final Field NUM_INT_REMAP_MODE  = bits("NumIntRemapMode",   44,  43);
  public static final Field EPH_EN              = bit ("EPHEn",             45);
  public static final Field HAD_UPDATE          = bits("HADUpdate",         47,  46);
  public static final Field GD_UPDATE_DIS       = bit ("GDUpdateDis",       48);
  public static final Field XT_EN               = bit ("XTEn",              50);
  public static final Field INT_CAP_XT_EN       = bit ("IntCapXTEn",        51);
  public static final Field VCMD_EN             = bit ("vCmdEn",            52);
  public static final Field VIOMMU_EN           = bit ("vIommuEn",          53);
  public static final Field GA_UPDATE_DIS       = bit ("GAUpdateDis",       54);
  public static final Field GAPPI_EN            = bit ("GAPPIEn",           55);
  public static final Field TMPM_EN             = bit ("TMPMEn",            56);
  public static final Field GCR3_TRP_MODE       = bit ("GCR3TRPMode",       58);   // GCR3 roots are GPAs
  public static final Field IRT_CACHE_DIS       = bit ("IRTCacheDis",       59);
  public static final Field GST_BUFFER_TRP_MODE = bit ("GstBufferTRPMode",  60);
  public static final Field SNPAVIC_EN          = bits("SNPAVICEn",         63,  61);

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("Control", 64,
          IOMMU_EN, HT_TUN_EN, EVENT_LOG_EN, EVENT_INT_EN, COM_WAIT_INT_EN, INV_TIME_OUT,
          PASS_PW, RES_PASS_PW, COHERENT, ISOC, CMD_BUF_EN, PPR_LOG_EN, PPR_INT_EN, PPR_EN,
          GT_EN, GA_EN, CRW, SMI_F_EN, SLF_WB_DIS, SMI_F_LOG_EN, GAM_EN, GA_LOG_EN, GA_INT_EN,
          DUAL_PPR_LOG_EN, DUAL_EVENT_LOG_EN, DEV_TBL_SEG_EN, PRIV_ABRT_EN, PPR_AUTO_RSP_EN,
          MARC_EN, BLK_STOP_MRK_EN, PPR_AUTO_RSP_AON, NUM_INT_REMAP_MODE, EPH_EN, HAD_UPDATE,
          GD_UPDATE_DIS, XT_EN, INT_CAP_XT_EN, VCMD_EN, VIOMMU_EN, GA_UPDATE_DIS, GAPPI_EN,
          TMPM_EN, GCR3_TRP_MODE, IRT_CACHE_DIS, GST_BUFFER_TRP_MODE, SNPAVIC_EN);
  // spotless:on

  private static final long MILLISECOND = 1_000_000L;

  private Control() {}

  /**
   * InvTimeOut in nanoseconds: how long a device may take to answer an invalidation.
   *
   * @return 0 for none; the reserved code 7 counts as none
   */
  public static long invalidationTimeout(long control) {
    int code = (int) INV_TIME_OUT.get(control);
    long nanos = MILLISECOND;
    for (int step = 1; step < code; step++) {
      nanos *= 10;
    }
    return code == 0 || code == 7 ? 0 : nanos;
  }
}
