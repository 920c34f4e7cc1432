package org.ioasis.domain.device;

import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.space.Space;

/**
 * What devices need of the makers of spaces.
 *
 * <p><b>Threading:</b> any thread.
 */
public interface Spaces {
  /** An empty space of a client. */
  Space create(Client owner, AddressSpaceSpec spec);

  /** As {@link org.ioasis.api.domain.AddressSpace#map}. */
  long map(Space space, MapRequest request);
}
