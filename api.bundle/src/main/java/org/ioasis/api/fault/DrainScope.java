package org.ioasis.api.fault;

import org.ioasis.api.Handle;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;

/**
 * Which groups are drained.
 *
 * @param domain of this page table, or null for all
 * @param key of this source id and PASID, or null for all
 */
public record DrainScope(Handle<Domain> domain, RoutingKey key) {
  /** Groups of a page table. */
  public static DrainScope of(Handle<Domain> domain) {
    return new DrainScope(domain, null);
  }

  /** Groups of a place of a device. */
  public static DrainScope of(RoutingKey key) {
    return new DrainScope(null, key);
  }
}
