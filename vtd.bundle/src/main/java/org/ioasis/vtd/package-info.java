/**
 * The Intel VT-d model: root and context entries, scalable-mode PASID tables, first- and second-
 * stage walks, queued invalidation. Follows the "Intel Virtualization Technology for Directed I/O".
 *
 * <p>The bundle has three rooms: {@code format} (bit layouts), {@code hardware} (the silicon) and
 * {@code driver} (what an operating system does). Hardware and driver meet only through MMIO and
 * structures in memory.
 */
package org.ioasis.vtd;
