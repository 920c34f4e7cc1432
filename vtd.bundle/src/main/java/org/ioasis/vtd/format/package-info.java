/**
 * Bit layouts of Intel VT-d: registers, entries, descriptors and records, numbered as the
 * specification prints them. Pure functions on {@code long}s; the only place where a shift or a
 * mask of this specification stands. Called by the two other rooms, calls neither.
 *
 * <p>Registers: {@link org.ioasis.vtd.format.RegisterMap} has the offsets; {@link
 * org.ioasis.vtd.format.Cap}, {@link org.ioasis.vtd.format.Ecap}, {@link
 * org.ioasis.vtd.format.Gcmd}, {@link org.ioasis.vtd.format.Rtaddr}, {@link
 * org.ioasis.vtd.format.Irta}, {@link org.ioasis.vtd.format.Ccmd}, {@link
 * org.ioasis.vtd.format.IotlbRegisters}, {@link org.ioasis.vtd.format.Fsts}, {@link
 * org.ioasis.vtd.format.EventControl}, {@link org.ioasis.vtd.format.QueueRegisters} and {@link
 * org.ioasis.vtd.format.Pmen} the fields. Faults: {@link org.ioasis.vtd.format.FaultRecord}, {@link
 * org.ioasis.vtd.format.FaultReason}. Queue: {@link org.ioasis.vtd.format.Descriptor} and a class
 * per descriptor type. The rest are the structures that walks read.
 */
package org.ioasis.vtd.format;
