/**
 * A modelled DMA engine: a device that reads, writes, makes atomic accesses and sends interrupts,
 * with and without PASIDs, holds a device TLB, asks for pages and waits for stalled transactions,
 * so that everything behind a port can be exercised.
 *
 * <p>An {@link org.ioasis.api.engine.EngineFactory} joins a {@link org.ioasis.api.engine.DmaEngine}
 * to a machine; the platform&#39;s own engines are services. Work goes through {@link
 * org.ioasis.api.engine.DmaChannel}s, one thread each, and ends with a {@link
 * org.ioasis.api.engine.TransferStatus}. A {@link org.ioasis.api.engine.DmaLoad} moves bytes
 * without end, verifies every one, and says in a {@link org.ioasis.api.engine.LoadReport} what it
 * met.
 *
 * <p>An engine is a device, and devices are hostile: whoever holds one reaches no memory that the
 * unit behind its port does not grant.
 */
@Export
@Version("0.1.0")
package org.ioasis.api.engine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
