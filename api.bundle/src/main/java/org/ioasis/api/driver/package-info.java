/**
 * Drivers: what an operating system does with a unit, written against registers and memory alone. A
 * vendor bundle registers a {@link org.ioasis.api.driver.DriverFactory}; it makes an {@link
 * org.ioasis.api.driver.IommuDriver} in a {@link org.ioasis.api.driver.DriverEnvironment}, which
 * holds no unit: behind its registers may be a model of this platform, another process, or silicon.
 *
 * <p>Tables: {@link org.ioasis.api.driver.DriverDomain} is one page table, changed through {@link
 * org.ioasis.api.driver.DomainBatch}es and made of a {@link org.ioasis.api.driver.DomainSpec}.
 * Devices: {@link org.ioasis.api.driver.DriverDevice} attaches, replaces and detaches domains, with
 * and without a PASID, and says in an {@link org.ioasis.api.driver.AttachOutcome} how it went.
 *
 * <p>Faults go to a {@link org.ioasis.api.driver.FaultSink}; answers come back as {@link
 * org.ioasis.api.driver.FaultAnswer}s.
 *
 * <p>Optional, by {@link org.ioasis.api.driver.IommuDriver#capability}: {@link
 * org.ioasis.api.driver.NestedDomain} (of a domain), {@link
 * org.ioasis.api.driver.VirtualIommuSupport} with virtual devices, event and hardware queues,
 * {@link org.ioasis.api.driver.InterruptRemapping}, {@link org.ioasis.api.driver.PasidCommands}.
 *
 * <p>Vendor data crosses as {@link org.ioasis.api.Blob}s. Partial success is a result.
 */
@Export
@Version("1.0.0")
package org.ioasis.api.driver;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
