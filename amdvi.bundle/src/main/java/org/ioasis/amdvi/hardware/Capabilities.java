package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.CapabilityHeader;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.Efr;
import org.ioasis.amdvi.format.Efr2;
import org.ioasis.api.machine.Profile;

/**
 * What one unit can do, out of its profile: EFR, EFR2, the header of its capability block, and the
 * choices.
 *
 * <p><b>Threading:</b> immutable.
 */
final class Capabilities {
  /** Names of the identification registers in a profile. */
  static final String EFR = "EXT_FEATURES", EFR2 = "EXT_FEATURES_2", HEADER = "CAP";

  /** Whether the machine has HyperTransport address windows, a profile parameter: 0 or 1. */
  static final String HT_WINDOWS = "ht.windows";

  // spotless:off
  /** Bits of EFR behind which there is a model. */
  static final long EFR_MODELLED =
      Efr.PREF_SUP.mask() | Efr.PPR_SUP.mask() | Efr.XT_SUP.mask() | Efr.NX_SUP.mask()
          | Efr.GT_SUP.mask() | Efr.IA_SUP.mask() | Efr.GA_SUP.mask() | Efr.HE_SUP.mask()
          | Efr.HATS.mask() | Efr.GATS.mask() | Efr.GLX_SUP.mask() | Efr.PAS_MAX.mask()
          | Efr.US_SUP.mask() | Efr.DEV_TBL_SEG_SUP.mask() | Efr.PPR_OVRFLW_EARLY_SUP.mask()
          | Efr.PPR_AUTO_RSP_SUP.mask() | Efr.MSI_CAP_MMIO_SUP.mask() | Efr.GIO_SUP.mask()
          | Efr.HA_SUP.mask() | Efr.EPH_SUP.mask() | Efr.HD_SUP.mask();

  /** Bits of EFR2 behind which there is a model. */
  static final long EFR2_MODELLED =
      Efr2.GCR3_TRP_MODE_SUP.mask() | Efr2.NUM_INT_REMAP_SUP.mask()
          | Efr2.HT_RANGE_IGNORE.mask();
  // spotless:on

  private final long efr;
  private final long efr2;
  private final long header;
  private final Choices choices;
  private final boolean htWindows;
  private final long reserved0;
  private final long reserved1;
  private final long reserved2;
  private final long reserved3;

  private Capabilities(Profile profile) {
    this.efr = profile.register(EFR);
    this.efr2 = profile.register(EFR2);
    this.header = profile.register(HEADER);
    this.choices = Choices.of(profile);
    this.htWindows = !Efr2.HT_RANGE_IGNORE.isSet(efr2) && profile.parameter(HT_WINDOWS, 1) != 0;
    this.reserved0 =
        Dte.LAYOUT.reserved(0)
            | unless(
                guestTables(),
                Dte.GV.mask() | Dte.GLX.mask() | Dte.GCR3_14_12.mask() | Dte.GIOV.mask())
            | unless(Efr.GIO_SUP.isSet(efr), Dte.GIOV.mask())
            | unless(pageRequests(), Dte.PPR.mask() | Dte.GPRP.mask());
    this.reserved1 =
        Dte.LAYOUT.reserved(1)
            | Dte.SATS.mask()
            | unless(guestTables(), Dte.GCR3_30_15.mask() | Dte.GCR3_51_31.mask());
    this.reserved2 =
        Dte.LAYOUT.reserved(2)
            | Dte.HPT_MODE.mask()
            | unless(guestTables(), Dte.GUEST_PAGING.mask());
    this.reserved3 =
        Dte.LAYOUT.reserved(3)
            | Dte.SOFTWARE.mask()
            | Dte.VIMU_EN.mask()
            | Dte.GDEVICE_ID.mask()
            | Dte.GUEST_ID.mask();
  }

  private static long unless(boolean condition, long mask) {
    return condition ? 0 : mask;
  }

  /**
   * The capabilities of a profile.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if a register is missing, INVALID if a
   *     parameter is out of range
   */
  static Capabilities of(Profile profile) {
    return new Capabilities(profile);
  }

  long efr() {
    return efr;
  }

  long efr2() {
    return efr2;
  }

  long header() {
    return header;
  }

  Choices choices() {
    return choices;
  }

  /** Levels of v1 tables at most, 4 to 6; 0 without v1 tables. */
  int hostLevels() {
    return Efr.hostLevels(efr);
  }

  /** Levels of v2 tables at most, 4 or 5. */
  int guestLevels() {
    return Efr.guestLevels(efr);
  }

  /** Highest legal GLX. */
  int maxGlx() {
    return (int) Math.min(Efr.GLX_SUP.get(efr), 2);
  }

  /** Width of PASIDs in bits. */
  int pasidBits() {
    return Efr.pasidBits(efr);
  }

  boolean guestTables() {
    return Efr.GT_SUP.isSet(efr);
  }

  boolean noExecute() {
    return Efr.NX_SUP.isSet(efr);
  }

  boolean userSupervisor() {
    return Efr.US_SUP.isSet(efr);
  }

  boolean hostAccessed() {
    return Efr.HA_SUP.isSet(efr);
  }

  boolean hostDirty() {
    return Efr.HD_SUP.isSet(efr);
  }

  boolean pageRequests() {
    return Efr.PPR_SUP.isSet(efr);
  }

  boolean earlyOverflow() {
    return pageRequests() && Efr.PPR_OVRFLW_EARLY_SUP.isSet(efr);
  }

  boolean autoResponse() {
    return pageRequests() && Efr.PPR_AUTO_RSP_SUP.isSet(efr);
  }

  boolean prefetch() {
    return Efr.PREF_SUP.isSet(efr);
  }

  boolean invalidateAll() {
    return Efr.IA_SUP.isSet(efr);
  }

  boolean guestApicEntries() {
    return Efr.GA_SUP.isSet(efr);
  }

  boolean x2Apic() {
    return Efr.XT_SUP.isSet(efr);
  }

  boolean hardwareErrors() {
    return Efr.HE_SUP.isSet(efr);
  }

  boolean messagesByMmio() {
    return Efr.MSI_CAP_MMIO_SUP.isSet(efr);
  }

  boolean enhancedPageRequests() {
    return pageRequests() && Efr.EPH_SUP.isSet(efr);
  }

  boolean manyInterrupts() {
    return Efr2.NUM_INT_REMAP_SUP.get(efr2) != 0;
  }

  /** log2 of the device table segments at most. */
  int segmentsLg2() {
    return (int) Efr.DEV_TBL_SEG_SUP.get(efr);
  }

  boolean gcr3ByGuestAddress() {
    return Efr2.GCR3_TRP_MODE_SUP.isSet(efr2);
  }

  /** Whether devices have translation caches of their own: IotlbSup. */
  boolean deviceIotlb() {
    return CapabilityHeader.IOTLB_SUP.isSet(header);
  }

  /** Whether FD_0000_0000h to FF_FFFF_FFFFh are HyperTransport windows. */
  boolean htWindows() {
    return htWindows;
  }

  /** Bits of a word of a device table entry that must be 0; words 0 and 1 count if V is set. */
  long reservedDte(int word) {
    return switch (word) {
      case 0 -> reserved0;
      case 1 -> reserved1;
      case 2 -> reserved2;
      default -> reserved3;
    };
  }
}
