/**
 * Devices. {@link org.ioasis.domain.device.Devices} has one {@link
 * org.ioasis.domain.device.DeviceCore} for each port of the fabric and the lock of the structure;
 * {@link org.ioasis.domain.device.Attaching} attaches, replaces and detaches; {@link
 * org.ioasis.domain.device.Sharing} shares and unshares; {@link org.ioasis.domain.device.Tenants}
 * keeps the observers of assignments; {@link org.ioasis.domain.device.Origin} is where the router
 * of page faults finds routes and answers.
 */
package org.ioasis.domain.device;
