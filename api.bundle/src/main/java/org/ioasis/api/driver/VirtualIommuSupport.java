package org.ioasis.api.driver;

import java.util.List;
import org.ioasis.api.Blob;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Optional capability of a driver: virtual IOMMUs, each a slice of the unit for one guest.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface VirtualIommuSupport {
  /** Types that can be made, for example {@code smmuv3.viommu}. */
  List<String> types();

  /**
   * Makes one.
   *
   * @param parent the guest's memory: a domain with NEST_PARENT
   * @param data type, and what the type wants; its bytes may be empty
   * @throws org.ioasis.api.IoasisException UNSUPPORTED for another type; INVALID if {@code parent}
   *     is no nest parent
   */
  DriverVirtualIommu create(DriverDomain parent, Blob data);
}
