/**
 * IOASIDs: numbers that name I/O address spaces on the bus, PASIDs and SubstreamIDs, for all
 * vendors. Three types are kept apart: a {@link org.ioasis.api.ioasid.Pasid} is a number that
 * travels with a request; an address space is what such a number leads to; a PASID table is a whole
 * table of them that a user owns. "IOASID" names only the allocator's number.
 *
 * <p>{@link org.ioasis.api.ioasid.IoasidService} has the capacity and the sets; an {@link
 * org.ioasis.api.ioasid.IoasidSet} has a token, a quota and ids; an {@link
 * org.ioasis.api.ioasid.IoasidLease} is a reference that keeps an id from being reused. An {@link
 * org.ioasis.api.ioasid.IoasidListener} is told {@link org.ioasis.api.ioasid.IoasidEvent}s; a
 * {@link org.ioasis.api.ioasid.CustomAllocator} takes the choice of numbers over.
 *
 * <p><b>States of an id</b>
 *
 * <pre>
 *            allocate            lease             last lease closed
 *   FREE ------------&gt; IDLE ------------&gt; ACTIVE ------------&gt; IDLE
 *    ^                   |                  | free
 *    |       free        |                  v
 *    +-------------------+            FREE_PENDING: no new lease, FREE was told
 *    |                                      | last lease closed, acknowledged
 *    +--------------------------------------+ RECLAIM is told
 * </pre>
 *
 * <p>An acknowledgement that is outstanding keeps a freed id in FREE_PENDING as a lease does.
 */
@Export
@Version("1.0.0")
package org.ioasis.api.ioasid;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
