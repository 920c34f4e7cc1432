package org.ioasis.iopf.core;

import org.ioasis.iopf.core.GroupCore.Send;

/**
 * Hands the groups of one device on, one at a time and in order. A handler that does not return is
 * left behind with its thread: after the time-out of the group it was given another delivery takes
 * this one's place.
 *
 * <p><b>Threading:</b> {@link #work} by one thread at a time; {@link #abandon} by any. {@code this}
 * guards which group is in a handler's hand and whether the place was taken.
 */
final class Delivery extends Turn {
  private final Lane lane;
  private GroupCore inHand;
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
   * Takes the place of this delivery away if it is inside the handler of a group whose deadline has
   * passed.
   *
   * @return that group; null if it is not
   */
  synchronized GroupCore abandon(long nowNanos) {
    if (over || inHand == null || inHand.deadlineNanos() - nowNanos > 0) {
      return null;
    }
    over = true;
    return inHand;
  }

  private synchronized void hold(GroupCore group) {
    inHand = group;
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
    router.counters().count(Counter.DELIVERED);
    router.observers().delivered(group);
    hold(group);
    try {
      to.handler().handle(group);
    } catch (Throwable thrown) { // whatever a foreign bundle throws, also an error of its linkage
      router.watcher().threw(to.name(), thrown);
      group.end(Ending.THREW, Send.HERE);
    } finally {
      hold(null);
      if (over) {
        to.returned();
      }
    }
  }
}
