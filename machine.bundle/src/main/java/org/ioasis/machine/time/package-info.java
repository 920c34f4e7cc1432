/**
 * The time of a machine: {@link org.ioasis.machine.time.RealTime}, or {@link
 * org.ioasis.machine.time.SimulatedTime}, which moves only when told.
 */
package org.ioasis.machine.time;
