/**
 * Interrupt routing of a machine: {@link org.ioasis.machine.interrupt.InterruptController} maps a
 * message to a vector, whose handler runs in the machine's scheduler.
 */
package org.ioasis.machine.interrupt;
