/**
 * Machines: a physical memory, time, a scheduler, interrupt routing, units, endpoints, and the
 * fabric between them. The platform runs one machine made from Config Admin configurations; a
 * replay, a vector or a test makes private ones that share nothing. {@link
 * org.ioasis.machine.DefaultMachineFactory} makes them all.
 */
package org.ioasis.machine;
