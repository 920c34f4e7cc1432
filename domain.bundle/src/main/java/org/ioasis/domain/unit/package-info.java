/**
 * The hosting of drivers. {@link org.ioasis.domain.unit.UnitHosts} keeps one {@link
 * org.ioasis.domain.unit.UnitHost} per installed unit; a host makes the driver when a factory of
 * the unit's kind is there, hands the driver over to a successor when the factory is exchanged, and
 * contains a driver that throws: its ports are blocked before anybody is told.
 *
 * <p>Everybody above speaks to drivers through {@link org.ioasis.domain.unit.HostedDomain}, {@link
 * org.ioasis.domain.unit.HostedBatch} and {@link org.ioasis.domain.unit.HostedDevice}, which stay
 * what they are while the driver behind them is exchanged.
 */
package org.ioasis.domain.unit;
