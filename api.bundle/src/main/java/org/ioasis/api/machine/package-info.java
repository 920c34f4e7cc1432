/**
 * Machines and what holds them together. {@link org.ioasis.api.machine.MachineFactory} makes a
 * {@link org.ioasis.api.machine.Machine} from a {@link org.ioasis.api.machine.MachineSpec}; it has
 * memory, {@link org.ioasis.api.machine.TimeSource time}, a {@link
 * org.ioasis.api.machine.Scheduler}, {@link org.ioasis.api.machine.Interrupts} and the {@link
 * org.ioasis.api.machine.Fabric}.
 *
 * <p>Devices: an {@link org.ioasis.api.machine.Endpoint} is joined to the fabric and gets a {@link
 * org.ioasis.api.machine.DmaPort}; it works in a {@link org.ioasis.api.machine.DmaBurst} with a
 * reused {@link org.ioasis.api.machine.DmaRequest} and reads the packed {@link
 * org.ioasis.api.machine.Translation}. Whoever attaches devices holds the {@link
 * org.ioasis.api.machine.PortControl}.
 *
 * <p>Units: a {@link org.ioasis.api.machine.FabricUnit} is what the fabric asks; it lives in a
 * {@link org.ioasis.api.machine.UnitEnvironment} and is made after a {@link
 * org.ioasis.api.machine.Profile}. Software reaches it through {@link org.ioasis.api.machine.Mmio}
 * alone.
 */
@Export
@Version("1.3.0")
package org.ioasis.api.machine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
