package org.ioasis.iopf.core;

/**
 * A user's queue as people see it.
 *
 * @param id its identity
 * @param owner the bundle that made it
 * @param capacity most faults unread
 * @param unread faults that wait to be read
 * @param unanswered groups read and not answered
 * @param overflows groups that did not fit
 */
public record QueueInfo(
    int id, long owner, int capacity, int unread, int unanswered, long overflows) {
  static QueueInfo of(QueueCore queue) {
    return new QueueInfo(
        queue.handle().id(),
        queue.owner(),
        queue.capacity(),
        queue.unreadFaults(),
        queue.unanswered(),
        queue.overflows());
  }
}
