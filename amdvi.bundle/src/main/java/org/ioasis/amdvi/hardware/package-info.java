/**
 * The silicon of AMD-Vi: registers, table walks, caches, command and fault queues. Software reaches
 * it only through MMIO and structures in memory; it answers with memory writes and interrupts. It
 * owns no thread and never calls the driver room.
 */
package org.ioasis.amdvi.hardware;
