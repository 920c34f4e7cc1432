/**
 * Rings in guest memory, as command, event and page-request queues are: a power of two of entries
 * of equal size, one side writes and moves the tail, the other reads and moves the head.
 *
 * <p>Vendors differ in two things only, and {@link org.ioasis.kit.queue.Ring} states both: whether
 * pointers carry a <em>wrap bit</em> above the index (then all entries can be used, and equal
 * pointers are an empty ring), or not (then one entry stays free, so that a full ring is told from
 * an empty one).
 *
 * <p>Pointers count entries. Whoever has byte offsets in his registers converts in his format room.
 * Pointers come from software and may be anything: they are masked to the ring before anything is
 * done with them, so no loop runs longer than the ring has entries and no access leaves the ring.
 *
 * <p>Who owns the registers that hold the pointers, what an error does to them and who is told, is
 * the vendor's business and not here.
 */
@Export
@Version("1.0.0")
package org.ioasis.kit.queue;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
