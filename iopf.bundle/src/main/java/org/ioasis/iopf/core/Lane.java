package org.ioasis.iopf.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.function.Predicate;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.fault.DrainReport;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.fault.Route;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.iopf.core.GroupCore.Send;

/**
 * One device's way through the router: its incomplete groups, its open ones, a ring of groups to be
 * delivered, and its outbox. Devices share nothing here, so none waits for another.
 *
 * <p><b>Order of an end.</b> A group leaves {@code open} before its answer leaves the outbox: the
 * device may use the group's index again from the moment it has the answer, and must not be taken
 * for one that repeats itself.
 *
 * <p><b>Threading:</b> any thread. {@code lock} guards collector, open groups, bucket and the
 * ring's writing end; no handler, driver, user or clock runs under it.
 */
final class Lane {
  private final Router router;
  private final int sourceId;
  private final Lock lock;
  private final Collector collector;
  private final Map<Long, GroupCore> open = new HashMap<>();
  private final Bucket bucket;
  private final Ring ring;
  private final int most;
  private final Outbox outbox;
  private volatile Delivery delivery;
  private volatile String unitId = "";

  Lane(Router router, int sourceId) {
    Surroundings around = router.around();
    Settings settings = around.settings();
    this.router = router;
    this.sourceId = sourceId;
    this.lock = around.locks().get();
    this.collector = new Collector(router.counters(), settings);
    this.bucket = new Bucket(settings.rate(), settings.burst());
    this.most = 1 << settings.groupsLg2();
    this.ring = new Ring(settings.groupsLg2() + 1); // as many again that died before delivery
    this.outbox = new Outbox(router, around.dispatcher());
    this.delivery = new Delivery(this, around.dispatcher());
  }

  Router router() {
    return router;
  }

  int sourceId() {
    return sourceId;
  }

  /** The unit that handed over its last fault. */
  String unitId() {
    return unitId;
  }

  Outbox outbox() {
    return outbox;
  }

  Ring ring() {
    return ring;
  }

  /** Takes a well-formed fault of the device; the route was found when it came. */
  void accept(RecoverableFault fault, UnitSink sink, Route route, TimeWheel wheel) {
    if (!unitId.equals(sink.unitId())) {
      unitId = sink.unitId(); // a store would take the line from the thread that delivers
    }
    long key = Checks.key(fault.kind(), fault.pasid(), fault.group());
    if (fault.last()) {
      complete(fault, key, route, wheel);
    } else {
      begin(fault, new Partial(this, sink, key, fault.pasid()), wheel);
    }
  }

  private void begin(RecoverableFault fault, Partial fresh, TimeWheel wheel) {
    List<Partial> dropped = new ArrayList<>(0);
    boolean begun;
    lock.lock();
    try {
      begun = collector.add(fault, fresh, dropped);
    } finally {
      lock.unlock();
    }
    dropped.forEach(wheel::cancel);
    if (begun) {
      wheel.add(fresh, wheel.time().nanoTime() + router.around().settings().partialNanos());
    }
  }

  private void complete(RecoverableFault last, long key, Route route, TimeWheel wheel) {
    long now = wheel.time().nanoTime();
    GroupCore group;
    Partial begun;
    Ending refused = null;
    lock.lock();
    try {
      begun = collector.take(key);
      List<RecoverableFault> records = collector.complete(begun, last);
      GroupCore same = open.get(key);
      if (same != null && same.open()) {
        router.counters().count(Counter.DUPLICATE_GROUPS);
        group = null;
      } else { // one that has ended is about to leave; the hardware may have freed its tag
        long deadline = now + router.timeouts().of(last.sourceId(), last.pasid(), route);
        group = new GroupCore(this, key, route, records, now, deadline);
        if (!bucket.take(now)) {
          refused = Ending.RATE;
        } else if (open.size() >= most || !ring.offer(group)) {
          refused = Ending.FLOOD;
        } else {
          open.put(key, group);
        }
      }
    } finally {
      lock.unlock();
    }
    if (begun != null) {
      wheel.cancel(begun);
    }
    if (group != null) {
      admit(group, refused, wheel);
    }
  }

  private void admit(GroupCore group, Ending refused, TimeWheel wheel) {
    router.counters().count(Counter.GROUPS);
    if (refused != null) {
      group.end(refused, Send.LATER);
      return;
    }
    wheel.add(group, group.deadlineNanos());
    delivery.kick();
    if (router.isClosed() || router.wheel() != wheel) {
      group.end(Ending.STOP, Send.LATER); // it may have come after the last look of the closing
    }
  }

  /** A stop marker: what the PASID has begun will never be complete. */
  void stopped(int pasid) {
    drop(partial -> partial.pasid == pasid, Counter.PARTIAL_ENDED);
  }

  /** The unit behind a sink has lost records: what was begun there is incomplete for good. */
  void lost(UnitSink sink) {
    drop(partial -> partial.sink == sink, Counter.PARTIAL_LOST);
  }

  private int drop(Predicate<Partial> which, Counter counter) {
    List<Partial> dropped;
    lock.lock();
    try {
      dropped = collector.removeIf(which, counter);
    } finally {
      lock.unlock();
    }
    dropped.forEach(router::cancel);
    return dropped.size();
  }

  /** A partial group has grown too old. */
  void expired(Partial partial) {
    lock.lock();
    try {
      if (collector.remove(partial)) {
        router.counters().count(Counter.PARTIAL_EXPIRED);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The hardware has ended a transaction or group by itself. */
  void withdrawn(RecoverableFault fault) {
    long key = Checks.key(fault.kind(), fault.pasid(), fault.group());
    GroupCore group;
    Partial begun;
    lock.lock();
    try {
      group = open.get(key);
      begun = collector.take(key);
    } finally {
      lock.unlock();
    }
    if (begun != null) {
      router.cancel(begun);
    }
    if (group == null || !group.end(Ending.WITHDRAWN, Send.LATER)) {
      outbox.withdraw(fault.kind(), fault.pasid(), fault.group());
    }
  }

  /** Answers something that never became a group. */
  void refuse(RecoverableFault fault) {
    outbox.add(FaultAnswer.to(fault, PageResponse.Code.INVALID_REQUEST));
    outbox.kick();
  }

  /** What follows the end of a group; called once for each, by whoever ended it. */
  void ended(GroupCore group, Ending how, Send send) {
    lock.lock();
    try {
      open.remove(group.key, group);
    } finally {
      lock.unlock();
    }
    router.cancel(group);
    QueueCore queue = group.queue;
    if (queue != null) {
      queue.ended(group, how);
    }
    if (how.told()) {
      outbox.add(FaultAnswer.to(group.source(), code(how.response())));
    }
    router.count(group, how);
    if (send == Send.HERE) {
      outbox.runHere();
    } else if (send == Send.LATER && how.told()) {
      outbox.kick();
    }
    router.tell(group, how);
  }

  private static PageResponse.Code code(FaultResponse response) {
    return switch (response) {
      case SUCCESS -> PageResponse.Code.SUCCESS;
      case INVALID -> PageResponse.Code.INVALID_REQUEST;
      case FAILURE -> PageResponse.Code.RESPONSE_FAILURE;
    };
  }

  /**
   * A group met its time-out. If a handler is inside a call that has had its time, the lane goes on
   * without that thread; if one was given this group late, it is looked after later.
   */
  void timedOut(GroupCore group) {
    long now = group.deadlineNanos();
    long later = delivery.patience(group, now);
    TimeWheel wheel = router.wheel();
    if (later - now > 0 && wheel != null) {
      wheel.add(new Patience(this, later), later);
    }
    leaveBehind(now);
  }

  /** The end of a handler's patience, in the wheel; nothing happens if it has returned. */
  private static final class Patience extends TimeWheel.Due {
    private final Lane lane;
    private final long end;

    Patience(Lane lane, long end) {
      this.lane = lane;
      this.end = end;
    }

    @Override
    void expire() {
      lane.leaveBehind(end);
    }
  }

  private void leaveBehind(long now) {
    GroupCore held = delivery.abandon(now);
    if (held == null) {
      return;
    }
    HandlerEntry handler = held.handler;
    handler.stuck();
    router.watcher().stalled(handler.name(), held.faults());
    Delivery fresh = new Delivery(this, router.around().dispatcher());
    delivery = fresh;
    fresh.kick();
  }

  /** The open groups that match. */
  List<GroupCore> open(Predicate<GroupCore> which) {
    lock.lock();
    try {
      return open.values().stream().filter(which).toList();
    } finally {
      lock.unlock();
    }
  }

  /** How many groups are open. */
  int openGroups() {
    lock.lock();
    try {
      return open.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many groups are incomplete. */
  int partialGroups() {
    lock.lock();
    try {
      return collector.size();
    } finally {
      lock.unlock();
    }
  }

  /** Ends what is open and drops what is incomplete. Waits for no handler. */
  DrainReport drain(Predicate<GroupCore> groups, Predicate<Partial> partials, Ending how) {
    int incomplete = drop(partials, Counter.PARTIAL_ENDED);
    int answered = 0;
    int closed = 0;
    for (GroupCore group : open(groups)) {
      if (group.end(how, Send.TOGETHER)) {
        closed++;
      } else {
        answered++;
      }
    }
    if (closed > 0) {
      outbox.runHere();
    }
    return new DrainReport(answered, closed, 0, incomplete);
  }
}
