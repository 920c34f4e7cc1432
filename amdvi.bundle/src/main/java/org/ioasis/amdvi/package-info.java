/**
 * The AMD-Vi model: the device table, v1 and v2 page tables, the command buffer and the event log.
 * Follows the "AMD I/O Virtualization Technology (IOMMU) Specification".
 *
 * <p>The bundle has three rooms: {@code format} (bit layouts), {@code hardware} (the silicon) and
 * {@code driver} (what an operating system does). Hardware and driver meet only through MMIO and
 * structures in memory.
 */
package org.ioasis.amdvi;
