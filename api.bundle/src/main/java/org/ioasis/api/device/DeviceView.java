package org.ioasis.api.device;

import java.util.List;
import java.util.Optional;
import org.ioasis.api.driver.ReservedRegion;
import org.ioasis.api.machine.EndpointSpec;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A device as everybody may see it. Registered as a service with {@value #NAME}, {@value
 * #SOURCE_ID} and {@value #UNIT_ID}; gives no right to anything.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface DeviceView {
  /** Service property: name, a String. */
  String NAME = "ioasis.device.name";

  /** Service property: source id, an Integer. */
  String SOURCE_ID = "ioasis.device.source";

  /** Service property: identity of the unit that serves it, a String; absent while none does. */
  String UNIT_ID = "ioasis.unit.id";

  /** Identity and abilities as the fabric has them. */
  EndpointSpec endpoint();

  /** Further source ids of its requests. */
  List<Integer> aliases();

  /** Unit that serves it, or empty. */
  Optional<String> unitId();

  /** Devices that cannot be told from it by the hardware, itself included. */
  DeviceGroup group();

  /** Ranges that are not free for its mappings. */
  List<ReservedRegion> reservedRegions();

  /** How it is with caches. */
  Coherence coherence();

  /** How it wants to be treated. */
  DevicePolicy policy();

  /** Who has bound it, for people; empty if nobody. */
  Optional<String> owner();
}
