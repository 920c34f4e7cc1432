package org.ioasis.vtd.driver;

import java.util.Arrays;
import org.ioasis.vtd.format.ContextCacheInvalidate;
import org.ioasis.vtd.format.Descriptor;
import org.ioasis.vtd.format.IotlbInvalidate;
import org.ioasis.vtd.format.PasidCacheInvalidate;
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
    return this;
  }

  private void add(long low, long high) {
    if (2 * count == words.length) {
      words = Arrays.copyOf(words, 2 * words.length);
    }
    words[2 * count] = low;
    words[2 * count + 1] = high;
    count++;
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
