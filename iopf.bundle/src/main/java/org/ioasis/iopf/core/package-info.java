/**
 * The router without a framework around it: {@link org.ioasis.iopf.core.Router} takes what drivers
 * read, a {@link org.ioasis.iopf.core.Lane} per device collects it into groups, and each {@link
 * org.ioasis.iopf.core.GroupCore} is answered once.
 *
 * <p>The way of a fault: {@code UnitSink} (the driver's thread) validates; {@code Lane} collects,
 * drops what repeats, limits, routes and puts the group into the device's ring; a thread of the
 * {@code Dispatcher} delivers it to the handler or queue of its page table. Whoever answers first,
 * of handler, user, time-out and drain, decides by one compare-and-set; the answer leaves through
 * the device's {@code Outbox}.
 */
package org.ioasis.iopf.core;
