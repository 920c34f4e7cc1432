package org.ioasis.vtd.hardware;

import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.vtd.format.Descriptor;
import org.ioasis.vtd.format.DeviceTlbInvalidate;
import org.ioasis.vtd.format.DeviceTlbRange;
import org.ioasis.vtd.format.PageGroupResponse;
import org.ioasis.vtd.format.PasidDeviceTlbInvalidate;
import org.ioasis.vtd.format.QueueRegisters;

/**
 * Descriptors that become messages to devices: device-TLB invalidations, with and without PASID,
 * and page group responses. VT-d, "Invalidation Descriptors". Checks as in {@link
 * DescriptorExecutor}.
 *
 * <p>MIP and PFSID tell hardware how to throttle; a model that sends one request after the other
 * has no use for them. A response code that PCIe does not define reaches the device as a failure.
 *
 * <p><b>Threading:</b> turns of the queue, without the unit's lock.
 */
final class DeviceDescriptors {
  private final boolean deviceTlb;
  private final boolean pageRequests;
  private final long pfsid;
  private final long pasidPfsid;
  private final DeviceTlbs deviceTlbs;
  private final PageRequests pages;

  DeviceDescriptors(Capabilities capabilities, DeviceTlbs deviceTlbs, PageRequests pages) {
    this.deviceTlb = capabilities.deviceTlb();
    this.pageRequests = capabilities.pageRequests();
    boolean throttles = capabilities.invalidationThrottling();
    this.pfsid =
        throttles ? 0 : DeviceTlbInvalidate.PFSID_LO.mask() | DeviceTlbInvalidate.PFSID_HI.mask();
    this.pasidPfsid =
        throttles
            ? 0
            : PasidDeviceTlbInvalidate.PFSID_LO.mask() | PasidDeviceTlbInvalidate.PFSID_HI.mask();
    this.deviceTlbs = deviceTlbs;
    this.pages = pages;
  }

  /** Whether a type is one of these, whatever the unit claims. */
  static boolean isOne(long word0) {
    int type = Descriptor.type(word0);
    return type == DeviceTlbInvalidate.CODE
        || type == PasidDeviceTlbInvalidate.CODE
        || type == PageGroupResponse.CODE;
  }

  /**
   * Executes a descriptor for which {@link #isOne} holds.
   *
   * @param words four words
   * @param wide whether the queue holds 256-bit descriptors
   * @return 0, or an IQEI number
   */
  int execute(long[] words, boolean wide) {
    return switch (Descriptor.type(words[0])) {
      case DeviceTlbInvalidate.CODE -> deviceTlb ? invalidate(words) : DescriptorExecutor.unknown();
      case PasidDeviceTlbInvalidate.CODE ->
          deviceTlb && wide ? invalidateWithPasid(words) : DescriptorExecutor.unknown();
      default -> pageRequests && wide ? respond(words) : DescriptorExecutor.unknown();
    };
  }

  private int invalidate(long[] words) {
    if (DescriptorExecutor.hasReserved(words, DeviceTlbInvalidate.LAYOUT)
        || (words[0] & pfsid) != 0) {
      return DescriptorExecutor.reserved();
    }
    issue(
        (int) DeviceTlbInvalidate.SID.get(words),
        DmaRequest.NO_PASID,
        DeviceTlbInvalidate.ADDR.inPlace(words),
        DeviceTlbInvalidate.S.isSet(words),
        false);
    return QueueRegisters.IQEI_NONE;
  }

  private int invalidateWithPasid(long[] words) {
    if (DescriptorExecutor.hasReserved(words, PasidDeviceTlbInvalidate.LAYOUT)
        || (words[0] & pasidPfsid) != 0) {
      return DescriptorExecutor.reserved();
    }
    issue(
        (int) PasidDeviceTlbInvalidate.SID.get(words),
        (int) PasidDeviceTlbInvalidate.PASID.get(words),
        PasidDeviceTlbInvalidate.ADDR.inPlace(words),
        PasidDeviceTlbInvalidate.S.isSet(words),
        PasidDeviceTlbInvalidate.G.isSet(words));
    return QueueRegisters.IQEI_NONE;
  }

  private void issue(int sourceId, int pasid, long address, boolean sized, boolean global) {
    long base = DeviceTlbRange.base(address, sized);
    int sizeLg2 = DeviceTlbRange.sizeLg2(address, sized);
    deviceTlbs.issue(new AtcInvalidation(sourceId, pasid, base, sizeLg2, global));
  }

  private int respond(long[] words) {
    if (DescriptorExecutor.hasReserved(words, PageGroupResponse.LAYOUT)) {
      return DescriptorExecutor.reserved();
    }
    boolean hasPasid = PageGroupResponse.PP.isSet(words);
    pages.send(
        new PageResponse(
            (int) PageGroupResponse.RID.get(words),
            hasPasid ? (int) PageGroupResponse.PASID.get(words) : DmaRequest.NO_PASID,
            (int) PageGroupResponse.PRGI.get(words),
            code((int) PageGroupResponse.RC.get(words))));
    return QueueRegisters.IQEI_NONE;
  }

  private static PageResponse.Code code(int rc) {
    return switch (rc) {
      case PageGroupResponse.SUCCESS -> PageResponse.Code.SUCCESS;
      case PageGroupResponse.INVALID_REQUEST -> PageResponse.Code.INVALID_REQUEST;
      default -> PageResponse.Code.RESPONSE_FAILURE;
    };
  }

  /** Whether every device-TLB invalidation has been completed. Under the lock. */
  boolean areInvalidationsDone() {
    return deviceTlbs.isDrained();
  }

  /** Whether the unit's own page responses have been sent. Under the lock. */
  boolean arePagesDrained() {
    return pages.isDrained();
  }

  /** Waits for no device any more. Under the lock. */
  void abandon() {
    deviceTlbs.abandon();
  }
}
