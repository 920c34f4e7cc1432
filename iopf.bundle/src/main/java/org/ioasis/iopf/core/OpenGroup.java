package org.ioasis.iopf.core;

import org.ioasis.api.fault.Fault;

/**
 * An open group as people see it.
 *
 * @param unitId the unit that reported it
 * @param place source id and PASID
 * @param label the device's
 * @param domain identity of the page table
 * @param cookie 0 while it waits in the device's ring
 * @param where who has it
 * @param faults in order
 * @param waitedNanos since it was complete
 * @param leftNanos until it is answered INVALID
 */
public record OpenGroup(
    String unitId,
    String place,
    long label,
    int domain,
    int cookie,
    String where,
    java.util.List<Fault> faults,
    long waitedNanos,
    long leftNanos) {
  static OpenGroup of(GroupCore group, long now) {
    QueueCore queue = group.queue;
    HandlerEntry handler = group.handler;
    return new OpenGroup(
        group.lane.unitId(),
        group.place().toString(),
        group.route.label(),
        group.domain().id(),
        group.cookie(),
        queue != null ? queue.name() : handler != null ? handler.name() : "ring",
        group.faults(),
        now - group.bornNanos,
        group.deadlineNanos() - now);
  }
}
