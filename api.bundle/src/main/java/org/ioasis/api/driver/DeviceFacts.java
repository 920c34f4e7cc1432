package org.ioasis.api.driver;

import java.util.List;
import java.util.Objects;
import org.ioasis.api.machine.EndpointSpec;

/**
 * What a driver must know of a device.
 *
 * @param endpoint identity and abilities as the fabric has them
 * @param aliases further source ids under which its requests may arrive; empty for most
 * @param mayNotSnoop whether it can send requests that do not snoop caches
 */
public record DeviceFacts(EndpointSpec endpoint, List<Integer> aliases, boolean mayNotSnoop) {
  /** Copies the list. */
  public DeviceFacts {
    Objects.requireNonNull(endpoint, "endpoint");
    aliases = List.copyOf(aliases);
  }

  /** The source id it usually has. */
  public int sourceId() {
    return endpoint.sourceId();
  }
}
