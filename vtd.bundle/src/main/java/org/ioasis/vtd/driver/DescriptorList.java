package org.ioasis.vtd.driver;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.vtd.format.ContextCacheInvalidate;
import org.ioasis.vtd.format.Descriptor;
import org.ioasis.vtd.format.DeviceTlbInvalidate;
import org.ioasis.vtd.format.DeviceTlbRange;
import org.ioasis.vtd.format.InterruptEntryCacheInvalidate;
import org.ioasis.vtd.format.InvalidationWait;
import org.ioasis.vtd.format.IotlbInvalidate;
import org.ioasis.vtd.format.PageGroupResponse;
import org.ioasis.vtd.format.PasidCacheInvalidate;
import org.ioasis.vtd.format.PasidDeviceTlbInvalidate;
import org.ioasis.vtd.format.PasidIotlbInvalidate;

/**
 * Invalidation descriptors in order, to be submitted together. VT-d, "Invalidation Descriptors".
 * Grows and is reused.
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class DescriptorList {
  private long[] words = new long[32];
  private int count;

  /** Per descriptor: source id of the device that has to complete it, or -1. */
  private int[] devices = new int[16];

  private int deviceCount;
  private boolean drainsPages;

  /** The number of descriptors. */
  int count() {
    return count;
  }

  /** Quadword 0 of a descriptor. */
  long low(int index) {
    return words[2 * index];
  }

  /** Quadword 1 of a descriptor; the others are 0 in every type used here. */
  long high(int index) {
    return words[2 * index + 1];
  }

  /** Forgets all. */
  DescriptorList clear() {
    count = 0;
    deviceCount = 0;
    drainsPages = false;
    return this;
  }

  private void add(long low, long high) {
    add(low, high, -1);
  }

  private void add(long low, long high, int device) {
    if (count == devices.length) {
      words = Arrays.copyOf(words, 2 * words.length);
      devices = Arrays.copyOf(devices, 2 * devices.length);
    }
    words[2 * count] = low;
    words[2 * count + 1] = high;
    devices[count++] = device;
    deviceCount += device >= 0 ? 1 : 0;
  }

  /** Whether devices have to complete something. */
  boolean hasDevices() {
    return deviceCount > 0;
  }

  /** Source ids of the devices that have to complete something. */
  Set<Integer> devices() {
    Set<Integer> ids = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      if (devices[i] >= 0) {
        ids.add(devices[i]);
      }
    }
    return ids;
  }

  /** What devices have to complete, without some of them. */
  DescriptorList devicesWithout(Set<Integer> silent) {
    DescriptorList rest = new DescriptorList();
    for (int i = 0; i < count; i++) {
      if (devices[i] >= 0 && !silent.contains(devices[i])) {
        rest.add(words[2 * i], words[2 * i + 1], devices[i]);
      }
    }
    rest.drainsPages = drainsPages;
    return rest;
  }

  /** Whether completion also means that page requests under way are in their queue. */
  boolean drainsPages() {
    return drainsPages;
  }

  /** Makes completion also mean that page requests under way are in their queue. */
  DescriptorList drainPages() {
    drainsPages = true;
    return this;
  }

  /** What follows starts after everything before has completed. */
  DescriptorList fence() {
    add(Descriptor.TYPE.of(InvalidationWait.CODE) | InvalidationWait.FN.mask(), 0);
    return this;
  }

  /**
   * A naturally aligned range in a device&#39;s TLB.
   *
   * @param pfsid source id of the physical function under ECAP.DIT, else 0
   * @param tag a PASID, or RID_PASID for requests without one
   * @param sizeLg2 log2 of its bytes, 12 to 63, or {@link DeviceTlbRange#ALL_LG2}
   */
  DescriptorList deviceTlb(int sourceId, int pfsid, int tag, long base, int sizeLg2) {
    long address = DeviceTlbRange.encode(base, sizeLg2);
    int sized = DeviceTlbRange.isSized(sizeLg2) ? 1 : 0;
    if (deviceCount == 0) {
      fence(); // the device could fetch again what the unit still holds
    }
    if (tag == DevicePlaces.RID_PASID) {
      add(
          Descriptor.TYPE.of(DeviceTlbInvalidate.CODE)
              | DeviceTlbInvalidate.PFSID_LO.of(pfsid & 0xF)
              | DeviceTlbInvalidate.PFSID_HI.of(pfsid >>> 4)
              | DeviceTlbInvalidate.SID.of(sourceId),
          DeviceTlbInvalidate.ADDR.ofInPlace(address) | DeviceTlbInvalidate.S.of(sized),
          sourceId);
    } else {
      add(
          Descriptor.TYPE.of(PasidDeviceTlbInvalidate.CODE)
              | PasidDeviceTlbInvalidate.PFSID_LO.of(pfsid & 0xF)
              | PasidDeviceTlbInvalidate.PFSID_HI.of(pfsid >>> 4)
              | PasidDeviceTlbInvalidate.SID.of(sourceId)
              | PasidDeviceTlbInvalidate.PASID.of(tag),
          PasidDeviceTlbInvalidate.ADDR.ofInPlace(address) | PasidDeviceTlbInvalidate.S.of(sized),
          sourceId);
    }
    return this;
  }

  /** The answer to a page request group. */
  DescriptorList pageGroup(FaultAnswer answer) {
    boolean hasPasid = answer.pasid() != DmaRequest.NO_PASID;
    int code =
        switch (answer.code()) {
          case SUCCESS -> PageGroupResponse.SUCCESS;
          case INVALID_REQUEST -> PageGroupResponse.INVALID_REQUEST;
          case RESPONSE_FAILURE -> PageGroupResponse.RESPONSE_FAILURE;
        };
    add(
        Descriptor.TYPE.of(PageGroupResponse.CODE)
            | PageGroupResponse.RID.of(answer.sourceId())
            | (hasPasid
                ? PageGroupResponse.PP.mask() | PageGroupResponse.PASID.of(answer.pasid())
                : 0)
            | PageGroupResponse.RC.of(code),
        PageGroupResponse.PRGI.of(answer.group()));
    return this;
  }

  /** Every interrupt entry. */
  DescriptorList interruptsGlobal() {
    add(Descriptor.TYPE.of(InterruptEntryCacheInvalidate.CODE), 0);
    return this;
  }

  /** One interrupt entry. */
  DescriptorList interrupt(int index) {
    add(
        Descriptor.TYPE.of(InterruptEntryCacheInvalidate.CODE)
            | InterruptEntryCacheInvalidate.G.of(1)
            | InterruptEntryCacheInvalidate.IIDX.of(index),
        0);
    return this;
  }

  /** Every context entry. */
  DescriptorList contextGlobal() {
    add(
        Descriptor.TYPE.of(ContextCacheInvalidate.CODE)
            | ContextCacheInvalidate.G.of(ContextCacheInvalidate.GLOBAL),
        0);
    return this;
  }

  /** The context entry of one source id, which carried this domain. */
  DescriptorList contextDevice(int sourceId, int did) {
    add(
        Descriptor.TYPE.of(ContextCacheInvalidate.CODE)
            | ContextCacheInvalidate.G.of(ContextCacheInvalidate.DEVICE)
            | ContextCacheInvalidate.SID.of(sourceId)
            | ContextCacheInvalidate.DID.of(did),
        0);
    return this;
  }

  /** Every PASID entry. */
  DescriptorList pasidGlobal() {
    add(
        Descriptor.TYPE.of(PasidCacheInvalidate.CODE)
            | PasidCacheInvalidate.G.of(PasidCacheInvalidate.GLOBAL),
        0);
    return this;
  }

  /** The entries of one PASID that carried this domain. */
  DescriptorList pasid(int did, int pasid) {
    add(
        Descriptor.TYPE.of(PasidCacheInvalidate.CODE)
            | PasidCacheInvalidate.G.of(PasidCacheInvalidate.PASID_IN_DOMAIN)
            | PasidCacheInvalidate.DID.of(did)
            | PasidCacheInvalidate.PASID.of(pasid),
        0);
    return this;
  }

  /** Every translation; reads and writes are drained. */
  DescriptorList iotlbGlobal() {
    add(iotlb(IotlbInvalidate.GLOBAL, 0), 0);
    return this;
  }

  /** Every translation of a domain. */
  DescriptorList iotlbDomain(int did) {
    add(iotlb(IotlbInvalidate.DOMAIN, did), 0);
    return this;
  }

  /**
   * Second-stage translations of 2^mask pages.
   *
   * @param leafOnly whether no table was replaced or removed
   */
  DescriptorList iotlbPages(int did, long address, int mask, boolean leafOnly) {
    add(
        iotlb(IotlbInvalidate.PAGE, did),
        IotlbInvalidate.ADDR.ofInPlace(address)
            | IotlbInvalidate.AM.of(mask)
            | IotlbInvalidate.IH.of(leafOnly ? 1 : 0));
    return this;
  }

  private static long iotlb(int granularity, int did) {
    return Descriptor.TYPE.of(IotlbInvalidate.CODE)
        | IotlbInvalidate.G.of(granularity)
        | IotlbInvalidate.DW.mask()
        | IotlbInvalidate.DR.mask()
        | IotlbInvalidate.DID.of(did);
  }

  /** Every translation of a PASID in a domain. */
  DescriptorList pasidIotlb(int did, int pasid) {
    add(pasidIotlb(PasidIotlbInvalidate.ALL, did, pasid), 0);
    return this;
  }

  /** First-stage translations of 2^mask pages of a PASID in a domain. */
  DescriptorList pasidIotlbPages(int did, int pasid, long address, int mask, boolean leafOnly) {
    add(
        pasidIotlb(PasidIotlbInvalidate.PAGE, did, pasid),
        PasidIotlbInvalidate.ADDR.ofInPlace(address)
            | PasidIotlbInvalidate.AM.of(mask)
            | PasidIotlbInvalidate.IH.of(leafOnly ? 1 : 0));
    return this;
  }

  private static long pasidIotlb(int granularity, int did, int pasid) {
    return Descriptor.TYPE.of(PasidIotlbInvalidate.CODE)
        | PasidIotlbInvalidate.G.of(granularity)
        | PasidIotlbInvalidate.DID.of(did)
        | PasidIotlbInvalidate.PASID.of(pasid);
  }
}
