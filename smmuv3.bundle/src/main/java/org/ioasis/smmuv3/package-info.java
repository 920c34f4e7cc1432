/**
 * The Arm SMMUv3 model: stream table entries, context descriptors, the command and event queues.
 * Follows the "Arm System Memory Management Unit Architecture Specification, version 3".
 *
 * <p>The bundle has three rooms: {@code format} (bit layouts), {@code hardware} (the silicon) and
 * {@code driver} (what an operating system does). Hardware and driver meet only through MMIO and
 * structures in memory.
 */
package org.ioasis.smmuv3;
