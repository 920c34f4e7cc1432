package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Extended feature register, 64 bits: what the unit can do. "IOMMU Extended Feature Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Efr {
  // spotless:off
  public static final Field PREF_SUP             = bit ("PreFSup",             0);
  public static final Field PPR_SUP              = bit ("PPRSup",              1);
  public static final Field XT_SUP               = bit ("XTSup",               2);
  public static final Field NX_SUP               = bit ("NXSup",               3);
  public static final Field GT_SUP               = bit ("GTSup",               4);
  public static final Field GAPPI_SUP            = bit ("GAPPISup",            5);
  public static final Field IA_SUP               = bit ("IASup",               6);
  public static final Field GA_SUP               = bit ("GASup",               7);
  public static final Field HE_SUP               = bit ("HESup",               8);
  public static final Field PC_SUP               = bit ("PCSup",               9);
  public static final Field HATS                 = bits("HATS",               11,  10);
  public static final Field GATS                 = bits("GATS",               13,  12);
  public static final Field GLX_SUP              = bits("GLXSup",             15,  14);
  public static final Field SMI_F_SUP            = bits("SmiFSup",            17,  16);
  public static final Field SMI_FRC              = bits("SmiFRC",             20,  18);
  public static final Field GAM_SUP              = bits("GAMSup",             23,  21);
  public static final Field DUAL_PPR_LOG_SUP     = bits("DualPprLogSup",      25,  24);
  public static final Field DUAL_EVENT_LOG_SUP   = bits("DualEventLogSup",    29,  28);
  public static final Field SATS_SUP             = bit ("SATSSup",            31);
  public static final Field PAS_MAX              = bits("PASmax",             36,  32);
  public static final Field US_SUP               = bit ("USSup",              37);
  public static final Field DEV_TBL_SEG_SUP      = bits("DevTblSegSup",       39,  38);
  public static final Field PPR_OVRFLW_EARLY_SUP = bit ("PprOvrflwEarlySup",  40);
  public static final Field PPR_AUTO_RSP_SUP     = bit ("PprAutoRspSup",      41);
  public static final Field MARC_SUP             = bits("MarcSup",            43,  42);
  public static final Field BLK_STOP_MRK_SUP     = bit ("BlkStopMrkSup",      44);
  public static final Field PERF_OPT_SUP         = bit ("PerfOptSup",         45);
  public static final Field MSI_CAP_MMIO_SUP     = bit ("MsiCapMmioSup",      46);
  public static final Field SNOOP_ATTR_SUP       = bit ("SnoopAttrSup",       47);
  public static final Field GIO_SUP              = bit ("GIoSup",             48);
  public static final Field HA_SUP               = bit ("HASup",              49);
  public static final Field EPH_SUP              = bit ("EPHSup",             50);
  public static final Field ATTR_FW_SUP          = bit ("AttrFWSup",          51);
  public static final Field HD_SUP               = bit ("HDSup",              52);
  public static final Field V2_HD_DIS_SUP        = bit ("V2HDDisSup",         53);
  public static final Field INV_IOTLB_TYPE_SUP   = bit ("InvIotlbTypeSup",    54);
  public static final Field VIOMMU_SUP           = bit ("vIommuSup",          55);
  public static final Field VM_GUARD_IO_SUP      = bit ("VMGuardIoSup",       56);
  public static final Field VM_TABLE_SIZE        = bits("VMTableSize",        60,  57);
  public static final Field GA_UPDATE_DIS_SUP    = bit ("GAUpdateDisSup",     61);
  public static final Field FORCE_PHY_DEST_SUP   = bit ("ForcePhyDestSup",    62);
  public static final Field SNP_SUP              = bit ("SNPSup",             63);

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("Extended Feature", 64,
          PREF_SUP, PPR_SUP, XT_SUP, NX_SUP, GT_SUP, GAPPI_SUP, IA_SUP, GA_SUP, HE_SUP, PC_SUP,
          HATS, GATS, GLX_SUP, SMI_F_SUP, SMI_FRC, GAM_SUP, DUAL_PPR_LOG_SUP,
          DUAL_EVENT_LOG_SUP, SATS_SUP, PAS_MAX, US_SUP, DEV_TBL_SEG_SUP, PPR_OVRFLW_EARLY_SUP,
          PPR_AUTO_RSP_SUP, MARC_SUP, BLK_STOP_MRK_SUP, PERF_OPT_SUP, MSI_CAP_MMIO_SUP,
          SNOOP_ATTR_SUP, GIO_SUP, HA_SUP, EPH_SUP, ATTR_FW_SUP, HD_SUP, V2_HD_DIS_SUP,
          INV_IOTLB_TYPE_SUP, VIOMMU_SUP, VM_GUARD_IO_SUP, VM_TABLE_SIZE, GA_UPDATE_DIS_SUP,
          FORCE_PHY_DEST_SUP, SNP_SUP);
  // spotless:on

  /** HATS: no v1 tables. */
  public static final int HATS_NONE = 3;

  private Efr() {}

  /** Levels of v1 tables that are translated at most, 4 to 6; 0 if there are none. */
  public static int hostLevels(long efr) {
    int code = (int) HATS.get(efr);
    return code == HATS_NONE ? 0 : code + 4;
  }

  /** Levels of v2 tables that are translated at most, 4 or 5. */
  public static int guestLevels(long efr) {
    return GATS.get(efr) == 0 ? 4 : 5;
  }

  /** Width of PASIDs in bits, 1 to 20. */
  public static int pasidBits(long efr) {
    return (int) Math.min(PAS_MAX.get(efr) + 1, 20);
  }
}
