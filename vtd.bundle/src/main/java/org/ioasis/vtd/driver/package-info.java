/**
 * What an operating system's driver does for Intel VT-d: table pages, entries, invalidations and
 * waiting for them, fault queues, page responses. It holds MMIO, memory, interrupts and time, and
 * never a unit of the hardware room.
 */
package org.ioasis.vtd.driver;
