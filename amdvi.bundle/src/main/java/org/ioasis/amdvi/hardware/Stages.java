package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.GuestPte;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagTree;

/**
 * Both kinds of tables behind their caches: IOTLB, then the table of the last level, then the whole
 * walk. A hit that does not allow the access is walked again from the top, so that what is recorded
 * is what memory says.
 *
 * <p><b>Threading:</b> any thread. Nothing is locked; a v2 root that is not cached is the only
 * thing that is allocated.
 */
final class Stages {
  private final Capabilities capabilities;
  private final TranslationCaches caches;
  private final HostWalk hostWalk;
  private final GuestWalk guestWalk;

  Stages(PhysicalMemory memory, Capabilities capabilities, TranslationCaches caches) {
    this.capabilities = capabilities;
    this.caches = caches;
    this.hostWalk = new HostWalk(memory, caches.walks, capabilities);
    this.guestWalk = new GuestWalk(memory, caches.walks, capabilities, this::throughHost);
  }

  /** Whether memory under a word of the IOTLB may be used for an access without a walk. */
  private static boolean allows(long word, int needs) {
    int flags = needs & (CacheWord.RIGHTS | Walked.DIRTY);
    int needed = flags & ~Walked.SUPERVISOR;
    return CacheWord.has(word, needed)
        && ((word & CacheWord.PRIVILEGED_ONLY) == 0 || (flags & Walked.SUPERVISOR) != 0);
  }

  private int tag(long key, long epoch) {
    return epoch >= 0 ? caches.tags.tag(key) : caches.tags.peek(key);
  }

  /**
   * A host translation of a device whose mode is 1 to 6 and legal.
   *
   * @param needs {@link HostWalk#walk}
   * @param epoch or {@link InvalidationEpoch#NO_FILL}
   * @return {@link Walked}
   */
  long host(DeviceEntry device, long address, int needs, long epoch) {
    long version = caches.tags.version();
    int tag = tag(device.hostTag, epoch);
    if (tag != TagTree.NO_TAG) {
      long word = caches.iotlb.lookup(tag, address);
      if (word != 0 && allows(word, needs) && caches.tags.version() == version) {
        return TranslationCaches.walked(word);
      }
      long pointer = hostWalk.cachedLeafTable(tag, address);
      if (pointer != 0) {
        long walked = hostWalk.walkLeafTable(pointer, device, address, needs, epoch);
        if (walked > 0 && caches.tags.version() == version) {
          return keep(epoch, tag, address, executable(walked));
        }
      }
    }
    long walked = hostWalk.walk(device, address, needs, tag, epoch);
    return Walked.isFault(walked) ? walked : keep(epoch, tag, address, executable(walked));
  }

  /**
   * The same from tables alone, under a tag that is alive in the epoch.
   *
   * @return {@link Walked}
   */
  long knownHost(DeviceEntry device, int tag, long address, int needs, long epoch) {
    long pointer = hostWalk.cachedLeafTable(tag, address);
    long walked = pointer == 0 ? 0 : hostWalk.walkLeafTable(pointer, device, address, needs, epoch);
    if (walked <= 0) {
      walked = hostWalk.walk(device, address, needs, tag, epoch);
    }
    return walked > 0 ? keep(epoch, tag, address, executable(walked)) : walked;
  }

  /**
   * The same for a guest translation of a device without host tables, of which all but the address
   * has been checked.
   */
  long knownGuest(DeviceEntry device, int pasid, int tag, long address, int needs, long epoch) {
    if (!isUsable(device, pasid, address)) {
      return Walked.fault(Walked.NOT_PRESENT);
    }
    long pointer = guestWalk.cachedLeafTable(tag, address);
    long walked =
        pointer == 0 ? 0 : guestWalk.walkLeafTable(pointer, device, address, needs, epoch);
    if (walked <= 0) {
      long root = root(device, pasid, false, epoch);
      walked =
          Walked.isFault(root) ? root : guestWalk.walk(device, root, address, needs, tag, epoch);
    }
    return walked > 0 ? keep(epoch, tag, address, walked) : walked;
  }

  private static long executable(long walked) {
    return walked | Access.granted(Walked.rights(walked));
  }

  private long keep(long epoch, int tag, long address, long walked) {
    if (tag != TagTree.NO_TAG && epoch >= 0) {
      caches.fill(epoch, tag, address, walked);
    }
    return walked;
  }

  private long throughHost(DeviceEntry device, long guestAddress, int needs, long epoch) {
    long walked = host(device, guestAddress, needs, epoch);
    return Walked.isFault(walked)
        ? Walked.nested(walked, guestAddress, (needs & Access.WRITE) != 0)
        : Walked.output(walked, guestAddress);
  }

  /**
   * A guest translation, and where the device has host tables the translation of what it leads to.
   * The device&#39;s mode is 0 or legal.
   *
   * @param needs {@link GuestWalk#walk}
   * @return {@link Walked}
   */
  long guest(
      DeviceEntry device,
      int pasid,
      long address,
      int needs,
      boolean rootIsGuestAddress,
      long epoch) {
    if (device.guestLevels == 0 || device.glx > capabilities.maxGlx()) {
      return Walked.fault(Walked.ILLEGAL_LEVEL);
    }
    if (isBeyond(device, pasid) || !isUsable(device, pasid, address)) {
      return Walked.fault(Walked.NOT_PRESENT);
    }
    long walked = guestStage(device, pasid, address, needs, rootIsGuestAddress, epoch);
    if (Walked.isFault(walked) || device.mode == 0) {
      return walked;
    }
    long guestAddress = Walked.output(walked, address);
    long under = host(device, guestAddress, hostNeeds(needs), epoch);
    if (Walked.isFault(under)) {
      return Walked.nested(under, guestAddress, (needs & Access.WRITE) != 0);
    }
    int sizeLg2 = Math.min(Walked.sizeLg2(walked), Walked.sizeLg2(under));
    int rights = Walked.rights(walked) & (Walked.rights(under) | Walked.SUPERVISOR);
    boolean dirty = Walked.isDirty(walked) && Walked.isDirty(under);
    long base = Walked.output(under, guestAddress) & -(1L << sizeLg2);
    return Walked.page(base, sizeLg2, rights | (dirty ? Walked.DIRTY : 0));
  }

  /** What the page behind a guest translation must grant. */
  private static int hostNeeds(int needs) {
    return Access.host(needs & (Access.READ | Access.WRITE | Access.EXECUTE))
        | (needs & Walked.DIRTY);
  }

  /** Whether a PASID is one that no GCR3 table of the device can hold. */
  private boolean isBeyond(DeviceEntry device, int pasid) {
    int bits = Math.min(9 * (device.glx + 1), capabilities.pasidBits());
    return pasid >>> bits != 0;
  }

  /** Canonical, or for PASID 0 within the width as an unsigned number. */
  private static boolean isUsable(DeviceEntry device, int pasid, long address) {
    return pasid == 0
        ? address >>> GuestPte.sizeLg2(device.guestLevels + 1) == 0
        : GuestPte.isCanonical(address, device.guestLevels);
  }

  private long guestStage(
      DeviceEntry device,
      int pasid,
      long address,
      int needs,
      boolean rootIsGuestAddress,
      long epoch) {
    long version = caches.tags.version();
    int tag = tag(TagTree.key(device.domain, pasid), epoch);
    if (tag != TagTree.NO_TAG) {
      long word = caches.iotlb.lookup(tag, address);
      if (word != 0 && allows(word, needs) && caches.tags.version() == version) {
        return TranslationCaches.walked(word);
      }
      long pointer = guestWalk.cachedLeafTable(tag, address);
      if (pointer != 0) {
        long walked = guestWalk.walkLeafTable(pointer, device, address, needs, epoch);
        if (walked > 0 && caches.tags.version() == version) {
          return keep(epoch, tag, address, walked);
        }
      }
    }
    long root = root(device, pasid, rootIsGuestAddress, epoch);
    if (Walked.isFault(root)) {
      return root;
    }
    long walked = guestWalk.walk(device, root, address, needs, tag, epoch);
    return Walked.isFault(walked) ? walked : keep(epoch, tag, address, walked);
  }

  private long root(DeviceEntry device, int pasid, boolean rootIsGuestAddress, long epoch) {
    long key = GuestContext.key(device.domain, pasid);
    GuestContext known = caches.contexts.lookup(key);
    if (known != null) {
      return known.root;
    }
    long root = guestWalk.root(device, pasid, rootIsGuestAddress, epoch);
    if (!Walked.isFault(root) && epoch >= 0) {
      caches.contexts.fill(epoch, new GuestContext(key, root));
    }
    return root;
  }
}
