/**
 * Page faults from device to handler and back, and reports of faults that nobody can mend.
 *
 * <p>A {@link org.ioasis.api.fault.Fault} carries the user's label of the device and the attachment
 * it was routed by; faults come in {@link org.ioasis.api.fault.FaultGroup}s, complete, each
 * answered exactly once with a {@link org.ioasis.api.fault.FaultResponse}. One {@link
 * org.ioasis.api.fault.FaultHandler} serves one page table; {@link
 * org.ioasis.api.fault.FaultObserver}s look on. A user outside gets a {@link
 * org.ioasis.api.fault.FaultQueue} of records as {@link org.ioasis.api.fault.FaultRecords} lays
 * them out, which are the kernel's, and may wait for it with a {@link
 * org.ioasis.api.fault.FaultPipe}.
 *
 * <p>{@link org.ioasis.api.fault.FaultService} has the routes, the queues and the time-outs; what
 * has failed for good reaches {@link org.ioasis.api.fault.FaultReportListener}s.
 *
 * <p>Drivers know none of this: they speak to a {@link org.ioasis.api.driver.FaultSink}. Between
 * them and the router stand two small contracts: {@link org.ioasis.api.fault.FaultRouter}, where
 * the owner of the drivers hands their records over, and {@link org.ioasis.api.fault.FaultOrigin},
 * where the router finds routes and answers.
 */
@Export
@Version("1.0.0")
package org.ioasis.api.fault;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
