package org.ioasis.api.domain;

import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.ioasis.api.device.Device;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.machine.Mmio;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A virtual IOMMU: a guest's view of a unit.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface VirtualIommu {
  /** The right to it. */
  Handle<VirtualIommu> handle();

  /** The nest parent. */
  Handle<Domain> parent();

  /** What the type returns to its user. */
  Blob data();

  /**
   * A register window of the unit that the guest may use directly.
   *
   * @throws org.ioasis.api.IoasisException DENIED unless the client is trusted; UNSUPPORTED if the
   *     type has none
   */
  Mmio window();

  /**
   * Makes a device known by the guest's id.
   *
   * @throws org.ioasis.api.IoasisException EXISTS if the device has one, or the id is taken
   */
  VirtualDevice addDevice(Handle<Device> device, long virtualId);

  /**
   * Processes a guest's invalidation commands; see {@link Domain#invalidate}. Devices in them are
   * the guest's ids, and so is the label of a failure.
   */
  BatchResult invalidate(Blob records, int recordBytes);

  /**
   * A queue of one type of events.
   *
   * @param depth 1 to 2^19
   * @throws org.ioasis.api.IoasisException UNSUPPORTED for another type; EXISTS if this type has
   *     one; INVALID for another depth
   */
  EventQueue createEventQueue(String type, int depth);

  /**
   * A queue in guest memory that hardware serves. The memory stays mapped while it lives.
   *
   * @param memory where, in the nest parent's space; physically contiguous
   * @throws org.ioasis.api.IoasisException NOT_FOUND if it is not mapped; MEMORY_FAULT if not
   *     contiguous; EXISTS if the index is taken; HARDWARE if a lower index is missing; UNSUPPORTED
   *     for another type
   */
  HardwareQueue createHardwareQueue(String type, int index, IovaRange memory);

  /**
   * Ends it.
   *
   * @throws org.ioasis.api.IoasisException BUSY while something uses it, naming it
   */
  void destroy();
}
