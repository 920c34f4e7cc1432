package org.ioasis.amdvi.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.EnumSet;
import java.util.Set;
import org.ioasis.amdvi.format.Efr;
import org.ioasis.amdvi.format.Efr2;
import org.ioasis.amdvi.format.HostPte;
import org.ioasis.api.Blob;
import org.ioasis.api.driver.DriverCapabilities;
import org.ioasis.api.driver.DriverFeature;

/**
 * What the unit offers, as far as this driver uses it. "Extended Feature Register".
 *
 * @param efr EFR
 * @param efr2 EFR2
 * @param deviceTlbs whether the capability header has IotlbSup; no register says so
 * @param cachesAbsent whether it has NpCache: refusals may be cached
 * @param hostBits widest physical address that entries may hold
 */
record Claims(long efr, long efr2, boolean deviceTlbs, boolean cachesAbsent, int hostBits) {
  /** First DomainID handed out; 0 tags devices that are attached to nothing. */
  static final int FIRST_DOMAIN = 1;

  /** DomainIDs end here. */
  static final int DOMAINS = 1 << 16;

  /** v1 levels of a domain unless a width is asked for: 48 bits. */
  private static final int USUAL_LEVELS = 4;

  private static final int LEAST_LEVELS = 2;

  /** The deepest v1 tables this driver writes: the address of a sixth level is all 64 bits. */
  private static final int MOST_LEVELS = 5;

  /** Width of a v2 IOVA: the lower canonical half of four levels. */
  private static final int GUEST_BITS = 47;

  private static final int LARGEST_LEAF_LG2 = 38;

  /** v1 levels of the deepest domain, 0 without v1 tables. */
  int hostLevels() {
    return Math.min(MOST_LEVELS, Efr.hostLevels(efr));
  }

  /**
   * v1 levels of a domain.
   *
   * @param inputBits the width it has to translate, 0 for the usual one
   * @return 2 to 5; 0 if the unit has none that is wide enough
   */
  int hostLevels(int inputBits) {
    int most = hostLevels();
    if (inputBits == 0) {
      return Math.min(USUAL_LEVELS, most);
    }
    for (int levels = LEAST_LEVELS; levels <= most; levels++) {
      if (HostPte.inputWidth(levels) >= inputBits) {
        return levels;
      }
    }
    return 0;
  }

  /** Leaf sizes of v1 tables of so many levels: every power of two below the top level's span. */
  static long hostPages(int levels) {
    int largest = Math.min(LARGEST_LEAF_LG2, HostPte.defaultSizeLg2(levels) + 8);
    return (2L << largest) - (1L << HostPte.defaultSizeLg2(1));
  }

  /** EFR.IASup: one command empties every cache. */
  boolean invalidatesAll() {
    return Efr.IA_SUP.isSet(efr);
  }

  /**
   * EFR.GTSup and GIoSup: v2 tables, for requests without a PASID too. And IASup: nothing else
   * takes away what a predecessor left under PASIDs that this driver does not know.
   */
  boolean guestTables() {
    return Efr.GT_SUP.isSet(efr) && Efr.GIO_SUP.isSet(efr) && invalidatesAll();
  }

  /** Widest IOVA of a v2 domain. */
  int guestBits() {
    return guestTables() ? GUEST_BITS : 0;
  }

  /** Leaf sizes of v2 tables. */
  static long guestPages() {
    return 1L << 12 | 1L << 21 | 1L << 30;
  }

  /** Whether v2 leaves can forbid execution. */
  boolean noExecute() {
    return Efr.NX_SUP.isSet(efr);
  }

  /** Width of PASIDs, 0 if devices cannot use any. */
  int pasidBits() {
    int reach = 9 * ((int) Efr.GLX_SUP.get(efr) + 1);
    return guestTables() ? Math.min(reach, Efr.pasidBits(efr)) : 0;
  }

  /** Whether page requests can be taken and answered. */
  boolean pageRequests() {
    return Efr.PPR_SUP.isSet(efr) && deviceTlbs;
  }

  /** Whether a user&#39;s GCR3 table, in guest addresses, can stand over v1 tables. */
  boolean nesting() {
    return guestTables() && hostLevels() > 0 && Efr2.GCR3_TRP_MODE_SUP.isSet(efr2);
  }

  /** EFR.HASup and HDSup. */
  boolean dirtyTracking() {
    return hostLevels() > 0 && Efr.HA_SUP.isSet(efr) && Efr.HD_SUP.isSet(efr);
  }

  /** Whether the unit&#39;s messages are programmed in the register block. */
  boolean messages() {
    return Efr.MSI_CAP_MMIO_SUP.isSet(efr);
  }

  /** The same in neutral words. */
  DriverCapabilities neutral() {
    int host = hostLevels();
    return new DriverCapabilities(
        AmdViDriverFactory.AMDVI,
        features(),
        (host > 0 ? hostPages(host) : 0) | (guestTables() ? guestPages() : 0),
        Math.max(host > 0 ? HostPte.inputWidth(host) : 0, guestBits()),
        hostBits,
        pasidBits(),
        true,
        DOMAINS - FIRST_DOMAIN,
        hardwareInfo());
  }

  private Set<DriverFeature> features() {
    Set<DriverFeature> features = EnumSet.noneOf(DriverFeature.class);
    features.add(DriverFeature.INTERRUPT_REMAPPING);
    add(features, hostLevels() > 0, DriverFeature.SECOND_STAGE, DriverFeature.WRITE_ONLY);
    add(features, guestTables(), DriverFeature.FIRST_STAGE);
    add(features, pasidBits() > 0, DriverFeature.PASID);
    add(features, nesting(), DriverFeature.NESTED, DriverFeature.USER_PASID_TABLE);
    add(features, pageRequests(), DriverFeature.PAGE_REQUESTS);
    add(features, deviceTlbs, DriverFeature.ATS);
    add(features, dirtyTracking(), DriverFeature.DIRTY_TRACKING);
    add(features, hostLevels() > 0, DriverFeature.ENFORCE_SNOOP);
    add(features, guestTables() && noExecute(), DriverFeature.EXECUTE_PERMISSION);
    return features;
  }

  private static void add(Set<DriverFeature> to, boolean offered, DriverFeature... features) {
    if (offered) {
      to.addAll(Set.of(features));
    }
  }

  /** EFR and EFR2: the kernel&#39;s structure for this kind. */
  private Blob hardwareInfo() {
    ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(efr).putLong(efr2).flip();
    return new Blob("amdvi.hw-info", bytes);
  }
}
