package org.ioasis.api.fault;

import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;

/**
 * Where faults of one key go, and since which version of the table.
 *
 * @param key source id and PASID
 * @param device the bound device
 * @param domain the page table
 * @param version of the routing table in which this route came in; grows with every change
 */
public record Route(RoutingKey key, Handle<Device> device, Handle<Domain> domain, long version) {}
