package org.ioasis.api.driver;

import java.util.Optional;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.machine.Mmio;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A virtual IOMMU: devices known by a guest's own ids, nested domains, a guest's invalidations, and
 * where the unit offers it, queues that hardware serves for the guest.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface DriverVirtualIommu extends AutoCloseable {
  /** What the type returns to its user; its bytes may be empty. */
  Blob data();

  /** A register window that a trusted user may be given, if the type has one. */
  Optional<Mmio> window();

  /** A nested domain over this virtual IOMMU's parent; see {@link IommuDriver#createDomain}. */
  DriverDomain createNested(Blob data, Set<DomainFlag> flags);

  /**
   * Makes a device known by the guest's id; closing the result forgets it.
   *
   * @param virtualId 64 bits of the guest's, for SMMUv3 its StreamID
   * @throws org.ioasis.api.IoasisException EXISTS if the device or the id is taken here
   */
  VirtualDeviceLease addDevice(DriverDevice device, long virtualId);

  /** A guest's invalidation commands, with its virtual ids in them; see {@link NestedDomain}. */
  NestedDomain invalidations();

  /**
   * Starts to report a type of events to a sink; closing the result ends it.
   *
   * @throws org.ioasis.api.IoasisException UNSUPPORTED for an unknown type; EXISTS if this type is
   *     reported already
   */
  AutoCloseable events(String type, VirtualEventSink sink);

  /**
   * Gives a queue in guest memory to the hardware; closing the result takes it back.
   *
   * @param address physical address of the queue, contiguous and held by the caller
   * @throws org.ioasis.api.IoasisException UNSUPPORTED for an unknown type; EXISTS if the index is
   *     taken; HARDWARE if a lower index is missing
   */
  AutoCloseable hardwareQueue(String type, int index, long address, long length);

  /**
   * Ends it.
   *
   * @throws org.ioasis.api.IoasisException BUSY while devices, domains or queues use it
   */
  @Override
  void close();

  /** A device's place in a virtual IOMMU. */
  @ProviderType
  interface VirtualDeviceLease extends AutoCloseable {
    /** The guest's id. */
    long virtualId();

    @Override
    void close();
  }
}
