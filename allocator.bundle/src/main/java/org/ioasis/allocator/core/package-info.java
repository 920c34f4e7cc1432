/**
 * The allocator without OSGi. {@link org.ioasis.allocator.core.Allocator} owns the books; {@link
 * org.ioasis.allocator.core.Client} is one bundle's view of them.
 *
 * <p><b>Lock order.</b> There is one {@link org.ioasis.allocator.core.ShortLock}. It guards every
 * table, set, counter and queue head; nothing that may wait, and nothing that is not of this
 * package, runs while it is held. Look-ups take no lock.
 */
package org.ioasis.allocator.core;
