package org.ioasis.iopf.core;

import org.ioasis.iopf.core.GroupCore.Send;

/**
 * Hands the groups of one device on, one at a time and in order. A handler that does not return is
 * left behind with its thread: another delivery takes this one's place when the deadline of the
 * group it was given has passed, and it has had at least half of that group's time-out. A group
 * that waited in the ring for most of its time is its device's backlog, and no sign of a handler
 * that stalls.
 *
 * <p><b>Threading:</b> {@link #work} by one thread at a time; the others by any. {@code this}
 * guards which group is in a handler's hand, since when, and whether the place was taken.
 */
final class Delivery extends Turn {
  private final Lane lane;
  private GroupCore inHand;
  private long since;
  private volatile boolean over;

  Delivery(Lane lane, Dispatcher dispatcher) {
    super(dispatcher);
    this.lane = lane;
  }

  @Override
  public boolean isOver() {
    return over;
  }

  /**
   * Takes the place of this delivery away if it is inside a handler that has had its time.
   *
   * @return the group it is inside with; null if it is not, or may stay
   */
  synchronized GroupCore abandon(long nowNanos) {
    if (over || inHand == null || patience() - nowNanos > 0) {
      return null;
    }
    over = true;
    return inHand;
  }

  /**
   * When the handler that is inside with a group will have had its time.
   *
   * @param otherwise the result if none is
   */
  synchronized long patience(GroupCore group, long otherwise) {
    return over || inHand != group ? otherwise : patience();
  }

  private long patience() {
    long deadline = inHand.deadlineNanos();
    long half = since + (deadline - inHand.bornNanos) / 2;
    return half - deadline > 0 ? half : deadline;
  }

  /** Whether the group, which is in a handler's hand from now on, is still open. */
  private synchronized boolean hold(GroupCore group, long nowNanos) {
    inHand = group;
    since = nowNanos;
    return group.open();
  }

  private synchronized void release() {
    inHand = null;
  }

  @Override
  boolean work() {
    GroupCore group = lane.ring().poll();
    while (group != null && !group.open()) {
      group = lane.ring().poll();
    }
    if (group == null) {
      return false;
    }
    if (group.route.queue() != null) {
      lane.router().queues().deliver(group);
    } else {
      call(group);
    }
    return !isOver() && !lane.ring().isEmpty();
  }

  private void call(GroupCore group) {
    Router router = lane.router();
    HandlerEntry to = router.handlers().of(group.domain().id());
    if (to == null) {
      group.end(Ending.NO_HANDLER, Send.HERE);
      return;
    }
    if (to.isStuck()) {
      group.end(Ending.STALLED, Send.HERE);
      return;
    }
    group.cookie = router.handlers().nextCookie();
    group.handler = to;
    if (to.isGone()) {
      group.end(Ending.HANDLER_GONE, Send.HERE); // its going did not see the group
      return;
    }
    TimeWheel wheel = router.wheel();
    try {
      if (!hold(group, wheel == null ? group.bornNanos : wheel.time().nanoTime())) {
        return; // ended on its way here
      }
      router.counters().count(Counter.DELIVERED);
      router.observers().delivered(group);
      to.handler().handle(group);
    } catch (Throwable thrown) { // whatever a foreign bundle throws, also an error of its linkage
      router.watcher().threw(to.name(), thrown);
      group.end(Ending.THREW, Send.HERE);
    } finally {
      release();
      if (over) {
        to.returned();
      }
    }
  }
}
