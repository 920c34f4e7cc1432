/**
 * Physical memory as units, drivers and devices see it. {@link
 * org.ioasis.api.memory.PhysicalMemory} is the access contract, {@link
 * org.ioasis.api.memory.MachineMemory} adds what only the owner of a machine may do, {@link
 * org.ioasis.api.memory.MemoryRegion} and {@link org.ioasis.api.memory.MemoryBacking} say what lies
 * where, {@link org.ioasis.api.memory.FrameAllocator} hands out frames under an owner and tells a
 * {@link org.ioasis.api.memory.FrameSink} which. No method takes or returns an array, so that the
 * contract can also be served over a socket.
 */
@Export
@Version("1.1.0")
package org.ioasis.api.memory;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
