package org.ioasis.api.fault;

import org.ioasis.api.Handle;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.IommuDriver;

/**
 * Which groups are meant, in drains and in rules for time-outs.
 *
 * @param domain of this page table, or null for all
 * @param key of this source id and PASID, or null for all; a PASID of {@link
 *     org.ioasis.api.driver.IommuDriver#ALL_PASIDS} means the whole device
 */
public record DrainScope(Handle<Domain> domain, RoutingKey key) {
  /** All groups there are. */
  public static final DrainScope ALL = new DrainScope(null, null);

  /** Groups of a page table. */
  public static DrainScope of(Handle<Domain> domain) {
    return new DrainScope(domain, null);
  }

  /** Groups of a source id, with any PASID and without. */
  public static DrainScope ofDevice(int sourceId) {
    return new DrainScope(null, new RoutingKey(sourceId, IommuDriver.ALL_PASIDS));
  }

  /**
   * Groups of a place of a device. A route that also serves PASIDs without a route of their own
   * covers those, too.
   */
  public static DrainScope of(RoutingKey key) {
    return new DrainScope(null, key);
  }
}
