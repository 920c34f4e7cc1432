package org.ioasis.api.device;

import java.util.List;
import java.util.function.IntConsumer;
import org.ioasis.api.Handle;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.driver.ChangeMode;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A bound device, in the hands of its owner. A place of it (requests without a PASID, or one PASID)
 * that holds nothing is blocked.
 *
 * <p><b>Threading:</b> any thread, outside bursts; changes of one device are serialised.
 */
@ProviderType
public interface Device {
  /** The right to it. */
  Handle<Device> handle();

  /** What everybody may see. */
  DeviceView view();

  /** The label from the binding. */
  long label();

  /**
   * Attaches to an empty place.
   *
   * @param pasid a PASID, or {@link org.ioasis.api.machine.DmaRequest#NO_PASID}
   * @throws org.ioasis.api.IoasisException BUSY if the place is taken; INVALID if the PASID is too
   *     large or taken by another attachment's way, or the target does not fit the device, with
   *     what does not; NOT_FOUND for a nested domain of a virtual IOMMU that does not know the
   *     device
   */
  Attachment attach(AttachTarget target, int pasid);

  /**
   * Replaces what is there, with no moment at which the place is empty.
   *
   * @param mode whether a blocked window is acceptable; a device that does not recover refuses it
   * @throws org.ioasis.api.IoasisException INVALID if nothing is there; UNSUPPORTED if it cannot be
   *     done without a window; otherwise as {@link #attach}. What was there stays then
   */
  Attachment replace(AttachTarget target, int pasid, ChangeMode mode);

  /** Empties a place. Always succeeds, also an empty one; faults under way are drained. */
  void detach(int pasid);

  /** What is attached where. */
  List<Attachment> attachments();

  /**
   * Leaves a shared space for one of its own, with no window for the devices that stay, nor for
   * itself if it takes a copy.
   */
  Attachment unshare(UnshareMode mode);

  /**
   * Maps memory for the device in one call, making space and domain if it has none.
   *
   * @return the first address
   * @throws org.ioasis.api.IoasisException INVALID unless bound with {@code implicit}; otherwise as
   *     {@link org.ioasis.api.domain.AddressSpace#map}
   */
  long map(MapRequest request);

  /**
   * Interrupts of the device, at most one block at a time; it ends with the binding as well.
   *
   * @param count 1, 2, 4, 8, 16 or 32
   * @param programmer programs the device, before this call returns and whenever a message changes
   * @param handler told the index of a message that arrived at least once
   * @throws org.ioasis.api.IoasisException EXISTS if it has one; GONE if no unit serves it;
   *     EXHAUSTED without entries or vectors; INVALID for another count
   */
  DeviceInterrupts interrupts(
      int count, DeviceInterrupts.Programmer programmer, IntConsumer handler);

  /** What the unit behind it is. */
  HardwareInfo hardwareInfo();

  /**
   * The same in a wanted type, if the unit has several.
   *
   * @throws org.ioasis.api.IoasisException UNSUPPORTED if it has not this one
   */
  HardwareInfo hardwareInfo(String type);

  /** The tenant it is assigned to; null takes it out. */
  void attachTenant(Handle<Tenant> tenant);

  /** Function-level reset; places keep what is attached. */
  void reset();

  /** Ends the binding: every place emptied, drained, its virtual devices ended, its tenant left. */
  void destroy();
}
