/**
 * Who runs the work of a machine's models: {@link org.ioasis.machine.work.MachineScheduler} with
 * one {@link org.ioasis.machine.work.Place} per queue.
 */
package org.ioasis.machine.work;
