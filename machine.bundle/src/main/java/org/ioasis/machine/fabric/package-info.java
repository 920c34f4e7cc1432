/**
 * The interconnect of a machine: {@link org.ioasis.machine.fabric.MachineFabric} routes the ports
 * of devices to units, {@link org.ioasis.machine.fabric.BurstRegistry} knows which bursts are open
 * and so when a grace has elapsed.
 */
package org.ioasis.machine.fabric;
