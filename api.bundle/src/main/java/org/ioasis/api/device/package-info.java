/**
 * Devices, what they are attached to, and who shares what.
 *
 * <p>A {@link org.ioasis.api.device.DeviceView} is what everybody may see of a device, registered
 * as a service. {@link org.ioasis.api.device.DeviceService#bind} makes its one user an owner, with
 * a {@link org.ioasis.api.device.Device}: attach, replace, detach, share and unshare, each also for
 * one PASID. A place of a device is a {@link org.ioasis.api.device.RoutingKey}, what is there an
 * {@link org.ioasis.api.device.Attachment}.
 *
 * <p>A {@link org.ioasis.api.device.Tenant} groups devices of one user; {@link
 * org.ioasis.api.device.AssignmentObserver}s hear of its first and last device before and after any
 * DMA.
 */
@Export
@Version("1.0.0")
package org.ioasis.api.device;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
