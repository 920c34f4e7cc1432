package org.ioasis.allocator.core;

/**
 * Something that hangs on an id: a lease, a binding, the end of it. Chained through itself, so that
 * hanging it up and taking it down allocates nothing and costs the same however many there are.
 *
 * <p><b>Threading:</b> under the allocator's lock.
 */
abstract class Link {
  Link previous;
  Link next;
}
