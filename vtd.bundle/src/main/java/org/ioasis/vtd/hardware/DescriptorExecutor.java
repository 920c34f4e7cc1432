package org.ioasis.vtd.hardware;

import org.ioasis.kit.layout.Layout;
import org.ioasis.vtd.format.ContextCacheInvalidate;
import org.ioasis.vtd.format.Descriptor;
import org.ioasis.vtd.format.InterruptEntryCacheInvalidate;
import org.ioasis.vtd.format.InvalidationWait;
import org.ioasis.vtd.format.IotlbInvalidate;
import org.ioasis.vtd.format.PasidCacheInvalidate;
import org.ioasis.vtd.format.PasidIotlbInvalidate;
import org.ioasis.vtd.format.QueueRegisters;

/**
 * Checks and executes invalidation descriptors. VT-d, "Invalidation Descriptors". The type is
 * checked first (IQEI 3), then reserved bits and reserved values of fields (IQEI 4).
 *
 * <p>Types whose capability the unit does not claim are unknown types. What goes to devices is
 * {@link DeviceDescriptors}' to execute.
 *
 * <p><b>Threading:</b> stateless but for the caches it invalidates.
 */
final class DescriptorExecutor {
  /** The descriptor is a wait: complete it after the grace. */
  static final int WAIT = -1;

  /** The status write of a wait failed: IQE without further information. */
  static final int NO_WRITE = -2;

  private final Capabilities capabilities;
  private final TranslationCaches caches;
  private final InterruptEntryCache interrupts;
  private final long pageDrain;
  private final int domainMask;

  DescriptorExecutor(
      Capabilities capabilities, TranslationCaches caches, InterruptEntryCache interrupts) {
    this.capabilities = capabilities;
    this.caches = caches;
    this.interrupts = interrupts;
    this.pageDrain = capabilities.pageRequestDrain() ? 0 : InvalidationWait.PD.mask();
    this.domainMask = (1 << capabilities.domainIdBits()) - 1;
  }

  /** Whether a translation table mode is one that this unit knows. */
  boolean supportsMode(int ttm) {
    return switch (ttm) {
      case Latched.TTM_LEGACY -> true;
      case Latched.TTM_SCALABLE -> capabilities.scalable();
      case Latched.TTM_ABORT -> capabilities.abortDma();
      default -> false;
    };
  }

  /** Whether IQA.DW=1 is legal. */
  boolean supportsWideDescriptors() {
    return capabilities.scalable() || capabilities.abortDma();
  }

  /** Whether this is a wait descriptor. */
  boolean isWait(long[] words) {
    return Descriptor.type(words[0]) == InvalidationWait.CODE;
  }

  /**
   * Executes a descriptor.
   *
   * @param words four words; the upper two are 0 in a queue of 128-bit descriptors
   * @param wide whether the queue holds 256-bit descriptors
   * @return 0 when it is done, an IQEI number when it is refused, or {@link #WAIT}
   */
  int execute(long[] words, boolean wide) {
    return switch (Descriptor.type(words[0])) {
      case ContextCacheInvalidate.CODE -> contextCache(words);
      case IotlbInvalidate.CODE -> iotlb(words);
      case InterruptEntryCacheInvalidate.CODE ->
          capabilities.interruptRemapping() ? interruptEntryCache(words) : unknown();
      case InvalidationWait.CODE -> invalidationWait(words);
      case PasidIotlbInvalidate.CODE -> wide ? pasidIotlb(words) : unknown();
      case PasidCacheInvalidate.CODE -> wide ? pasidCache(words) : unknown();
      default -> unknown();
    };
  }

  static int unknown() {
    return QueueRegisters.IQEI_TYPE;
  }

  static int reserved() {
    return QueueRegisters.IQEI_RESERVED;
  }

  static boolean hasReserved(long[] words, Layout layout) {
    return ((words[0] & layout.reserved(0))
            | (words[1] & layout.reserved(1))
            | (words[2] & layout.reserved(2))
            | (words[3] & layout.reserved(3)))
        != 0;
  }

  private int contextCache(long[] words) {
    if (hasReserved(words, ContextCacheInvalidate.LAYOUT)) {
      return reserved();
    }
    int domain = (int) ContextCacheInvalidate.DID.get(words) & domainMask;
    switch ((int) ContextCacheInvalidate.G.get(words)) {
      case ContextCacheInvalidate.GLOBAL -> caches.invalidateContextGlobal();
      case ContextCacheInvalidate.DOMAIN -> caches.invalidateContextDomain(domain);
      case ContextCacheInvalidate.DEVICE ->
          caches.invalidateContextDevice(
              (int) ContextCacheInvalidate.SID.get(words),
              (int) ContextCacheInvalidate.FM.get(words),
              domain);
      default -> {
        return reserved();
      }
    }
    return QueueRegisters.IQEI_NONE;
  }

  private int iotlb(long[] words) {
    if (hasReserved(words, IotlbInvalidate.LAYOUT)) {
      return reserved();
    }
    int domain = (int) IotlbInvalidate.DID.get(words) & domainMask;
    switch ((int) IotlbInvalidate.G.get(words)) {
      case IotlbInvalidate.GLOBAL -> caches.invalidateIotlbGlobal();
      case IotlbInvalidate.DOMAIN -> caches.invalidateIotlbDomain(domain);
      case IotlbInvalidate.PAGE -> {
        return iotlbPages(words, domain);
      }
      default -> {
        return reserved();
      }
    }
    return QueueRegisters.IQEI_NONE;
  }

  private int iotlbPages(long[] words, int domain) {
    int am = (int) IotlbInvalidate.AM.get(words);
    if (!capabilities.pageSelective()) {
      caches.invalidateIotlbDomain(domain);
    } else if (am > capabilities.mamv()) {
      return reserved();
    } else {
      caches.invalidateIotlbPages(
          domain, IotlbInvalidate.ADDR.inPlace(words), am, IotlbInvalidate.IH.isSet(words));
    }
    return QueueRegisters.IQEI_NONE;
  }

  private int interruptEntryCache(long[] words) {
    if (hasReserved(words, InterruptEntryCacheInvalidate.LAYOUT)) {
      return reserved();
    }
    int mask = (int) InterruptEntryCacheInvalidate.IM.get(words);
    if (!InterruptEntryCacheInvalidate.G.isSet(words)) {
      interrupts.invalidateAll();
    } else if (mask > capabilities.mhmv()) {
      return reserved();
    } else {
      interrupts.invalidate((int) InterruptEntryCacheInvalidate.IIDX.get(words), mask);
    }
    return QueueRegisters.IQEI_NONE;
  }

  private int invalidationWait(long[] words) {
    long purpose =
        words[0]
            & (InvalidationWait.IF.mask()
                | InvalidationWait.SW.mask()
                | InvalidationWait.FN.mask());
    boolean refused =
        hasReserved(words, InvalidationWait.LAYOUT) || (words[0] & pageDrain) != 0 || purpose == 0;
    return refused ? reserved() : WAIT;
  }

  private int pasidIotlb(long[] words) {
    if (hasReserved(words, PasidIotlbInvalidate.LAYOUT)) {
      return reserved();
    }
    int domain = (int) PasidIotlbInvalidate.DID.get(words) & domainMask;
    int pasid = (int) PasidIotlbInvalidate.PASID.get(words);
    switch ((int) PasidIotlbInvalidate.G.get(words)) {
      case PasidIotlbInvalidate.ALL -> caches.invalidatePasidIotlb(domain, pasid);
      case PasidIotlbInvalidate.PAGE ->
          caches.invalidatePasidIotlbPages(
              domain,
              pasid,
              PasidIotlbInvalidate.ADDR.inPlace(words),
              (int) PasidIotlbInvalidate.AM.get(words),
              PasidIotlbInvalidate.IH.isSet(words));
      default -> {
        return reserved();
      }
    }
    return QueueRegisters.IQEI_NONE;
  }

  private int pasidCache(long[] words) {
    if (hasReserved(words, PasidCacheInvalidate.LAYOUT)) {
      return reserved();
    }
    int domain = (int) PasidCacheInvalidate.DID.get(words) & domainMask;
    int pasid = (int) PasidCacheInvalidate.PASID.get(words);
    switch ((int) PasidCacheInvalidate.G.get(words)) {
      case PasidCacheInvalidate.DOMAIN -> caches.invalidatePasidDomain(domain);
      case PasidCacheInvalidate.PASID_IN_DOMAIN -> caches.invalidatePasid(domain, pasid);
      case PasidCacheInvalidate.GLOBAL -> caches.invalidatePasidGlobal();
      default -> {
        return reserved();
      }
    }
    return QueueRegisters.IQEI_NONE;
  }
}
