package org.ioasis.api.driver;

import java.util.Optional;
import org.ioasis.api.machine.EndpointSpec;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The little a driver may do to a device: what an operating system does through configuration
 * space. The platform implements it over the fabric; in front of foreign hardware somebody else
 * does.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
@ProviderType
public interface DeviceControl {
  /** What the device can do, as its own capability structures say; empty if it is not there. */
  Optional<EndpointSpec> device(int sourceId);

  /**
   * Sets the enable bits of the device's ATS, PRI and PASID capabilities. A driver switches on
   * after the unit's entry allows it, and switches off before the entry forbids it.
   *
   * @throws org.ioasis.api.IoasisException GONE if the device is not there; UNSUPPORTED if it lacks
   *     what is to be enabled
   */
  void enable(int sourceId, boolean ats, boolean pageRequests, boolean pasid);

  /**
   * Shuts the device out: blocks its port and returns after the grace. Called inside a sync for a
   * device that did not answer an invalidation, before any table frame is given back. Does nothing
   * if the device is gone.
   */
  void isolate(int sourceId);
}
