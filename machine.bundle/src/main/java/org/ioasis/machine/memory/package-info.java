/**
 * The memory of a machine. {@link org.ioasis.machine.memory.SparseMemory} is the one final class
 * behind {@link org.ioasis.api.memory.MachineMemory}, so that the loads of every walk stay
 * monomorphic; {@link org.ioasis.machine.memory.FramePool} hands out frames of it under an owner.
 * Exported so that vendor bundles and benchmarks may name the class where a virtual call counts.
 */
@Export
@Version("1.0.0")
package org.ioasis.machine.memory;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
