package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.GuestPte;
import org.ioasis.kit.cache.ConfigurationCache;
import org.ioasis.kit.cache.TagTree;

/**
 * A device table entry, decoded. Immutable; one is made when the entry has been read. "Device Table
 * Entry Format".
 */
final class DeviceEntry extends ConfigurationCache.Entry {
  private static final int GLX_RESERVED = 3;
  private static final int IOCTL_RESERVED = 3;

  /** The four words. */
  final long word0, word1, word2, word3;

  /** V, TV. */
  final boolean valid, translates;

  /** V=1 and a bit or value in words 0 and 1 that must not be there. */
  final boolean malformed;

  /** A bit in words 2 and 3 that must be 0; matters with IV=1. */
  final boolean interruptMalformed;

  /** Levels of the host table, 0 to 7. */
  final int mode;

  /** Root of the host table. */
  final long hostRoot;

  /** HAD as far as the unit updates: 0, {@link Dte#HAD_ACCESSED} or {@link Dte#HAD_DIRTY}. */
  final int had;

  /** What IR and IW permit, as {@link Access} bits. */
  final int rights;

  /** GV, GIoV. */
  final boolean guest, guestWithoutPasid;

  /** Levels of the GCR3 table - 1. */
  final int glx;

  /** Root of the GCR3 table. */
  final long gcr3Root;

  /** Levels of v2 tables, 4 or 5; 0 if GuestPagingMode is illegal. */
  final int guestLevels;

  /** DomainID. */
  final int domain;

  /** Key of the tag of host translations. */
  final long hostTag;

  /** I: translation and translated requests are accepted. */
  final boolean iotlb;

  /** SA, SE. */
  final boolean suppressAll, suppressAfterFirst;

  /** EX. */
  final boolean excluded;

  /** PPR: page requests are accepted. */
  final boolean pageRequests;

  DeviceEntry(int deviceId, Capabilities can, long word0, long word1, long word2, long word3) {
    super(deviceId);
    this.word0 = word0;
    this.word1 = word1;
    this.word2 = word2;
    this.word3 = word3;
    this.valid = Dte.V.isSet(word0);
    this.translates = Dte.TV.isSet(word0);
    this.mode = (int) Dte.MODE.get(word0);
    this.hostRoot = Dte.HOST_ROOT.inPlace(word0);
    this.had = had(can, (int) Dte.HAD.get(word0));
    this.rights =
        (Dte.IR.isSet(word0) ? Access.READ : 0) | (Dte.IW.isSet(word0) ? Access.WRITE : 0);
    this.guest = Dte.GV.isSet(word0);
    this.guestWithoutPasid = Dte.GIOV.isSet(word0);
    this.glx = (int) Dte.GLX.get(word0);
    this.gcr3Root = Dte.gcr3Root(word0, word1);
    this.guestLevels = guestLevels(can, (int) Dte.GUEST_PAGING.get(word2));
    this.domain = (int) Dte.DOMAIN_ID.get(word0, word1);
    this.hostTag = TagTree.key(domain, TagTree.NO_CONTEXT);
    this.iotlb = Dte.I.isSet(word0, word1);
    this.suppressAll = Dte.SA.isSet(word0, word1);
    this.suppressAfterFirst = Dte.SE.isSet(word0, word1);
    this.excluded = Dte.EX.isSet(word0, word1);
    this.pageRequests = Dte.PPR.isSet(word0) && can.pageRequests();
    this.malformed = valid && isMalformed(can);
    this.interruptMalformed = ((word2 & can.reservedDte(2)) | (word3 & can.reservedDte(3))) != 0;
  }

  private static int had(Capabilities can, int had) {
    if (!can.hostAccessed() || had == Dte.HAD_NONE) {
      return Dte.HAD_NONE;
    }
    return had == Dte.HAD_DIRTY && can.hostDirty() ? Dte.HAD_DIRTY : Dte.HAD_ACCESSED;
  }

  private static int guestLevels(Capabilities can, int mode) {
    return switch (mode) {
      case GuestPte.PAGING_4_LEVEL -> 4;
      case GuestPte.PAGING_5_LEVEL -> can.guestLevels() >= 5 ? 5 : 0;
      default -> 0;
    };
  }

  private boolean isMalformed(Capabilities can) {
    return ((word0 & can.reservedDte(0)) | (word1 & can.reservedDte(1))) != 0
        || (can.hostAccessed() && Dte.HAD.get(word0) == Dte.HAD_RESERVED)
        || (guest && glx == GLX_RESERVED)
        || Dte.IOCTL.get(word0, word1) == IOCTL_RESERVED;
  }

  /** Whether a bit of the whole entry is set that must be 0, whatever V and IV say. */
  boolean hasReservedBits(Capabilities can) {
    return interruptMalformed || ((word0 & can.reservedDte(0)) | (word1 & can.reservedDte(1))) != 0;
  }

  /** The DeviceID. */
  int deviceId() {
    return (int) key();
  }

  /** Whether the mode is one that host tables of this unit can have; 0 has none. */
  boolean hasLegalMode(Capabilities can) {
    return mode <= can.hostLevels();
  }

  /** IV. */
  boolean remapsInterrupts() {
    return Dte.IV.isSet(word2);
  }
}
