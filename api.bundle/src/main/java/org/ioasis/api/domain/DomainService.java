package org.ioasis.api.domain;

import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Hardware page tables and what stands on them. Bundle-scoped: what a bundle made goes with it.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface DomainService {
  /**
   * Makes a domain.
   *
   * @throws org.ioasis.api.IoasisException UNSUPPORTED naming the missing capability bit, or for a
   *     fault queue on a nest parent; NOT_FOUND for an unknown device or queue; INVALID for a base
   *     that is no nest parent or data that is not legal
   */
  Domain create(DomainRequest request);

  /**
   * The living domain behind a handle, whichever instance of the service made it.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if it was destroyed
   */
  Domain domain(Handle<Domain> handle);

  /**
   * Makes a virtual IOMMU over a nest parent.
   *
   * @param data type, and what the type wants; its bytes may be empty
   * @throws org.ioasis.api.IoasisException UNSUPPORTED for another type; NOT_FOUND for an unknown
   *     domain; INVALID if it is no nest parent
   */
  VirtualIommu createVirtualIommu(Handle<Device> device, Handle<Domain> parent, Blob data);

  /** The living virtual IOMMU behind a handle; the refusal of {@link #domain}. */
  VirtualIommu virtualIommu(Handle<VirtualIommu> handle);

  /**
   * Destroys any object by its handle, as an endpoint with one name space of identities does.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if it was destroyed; BUSY while another object
   *     uses it, naming it
   */
  void destroy(Handle<?> handle);
}
