/**
 * The modelled DMA engine: {@link org.ioasis.machine.engine.ModelledEngine} is the device on the
 * fabric, {@code Channel} one stream of its accesses, {@code DeviceTlb}, {@code PageAsker} and
 * {@code StallList} what it holds, {@code VerifiedLoad} the load generator on top.
 */
package org.ioasis.machine.engine;
