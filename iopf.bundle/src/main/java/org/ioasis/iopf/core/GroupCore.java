package org.ioasis.iopf.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.fault.Fault;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.fault.Route;

/**
 * A complete group. Whoever sets {@code ending} from null, by compare-and-set, has answered it and
 * alone does what follows; everybody else is late.
 *
 * <p><b>Threading:</b> any thread.
 */
final class GroupCore extends TimeWheel.Due implements FaultGroup {
  /** Who sends the answer. */
  enum Send {
    /** The calling thread, unless another is sending for the device. */
    HERE,
    /** A thread of the dispatcher: the caller must not wait for a driver. */
    LATER,
    /** The caller, when it has ended more. */
    TOGETHER
  }

  private static final VarHandle ENDING;

  static {
    try {
      ENDING = MethodHandles.lookup().findVarHandle(GroupCore.class, "ending", Ending.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final Lane lane;
  final long key;
  final Route route;
  final long bornNanos;
  private final List<Fault> faults;
  private final long deadlineNanos;
  private volatile Ending ending;

  /** The handler it was given to, or null. */
  volatile HandlerEntry handler;

  /** The queue it was put into, or null; set before it can be read there. */
  volatile QueueCore queue;

  /** Names it: set once, before it is handed on. */
  volatile int cookie;

  GroupCore(
      Lane lane,
      long key,
      Route route,
      List<RecoverableFault> records,
      long bornNanos,
      long deadlineNanos) {
    this.lane = lane;
    this.key = key;
    this.route = route;
    this.bornNanos = bornNanos;
    this.deadlineNanos = deadlineNanos;
    List<Fault> all = new ArrayList<>(records.size());
    for (RecoverableFault record : records) {
      all.add(fault(route, record));
    }
    this.faults = List.copyOf(all);
  }

  private static Fault fault(Route route, RecoverableFault record) {
    return new Fault(
        route.device(),
        route.label(),
        record.pasid(),
        record.address(),
        record.access(),
        record.privileged(),
        record.group(),
        record.last(),
        0,
        route,
        record);
  }

  /** The record that made it complete: what the answer names. */
  RecoverableFault source() {
    return faults.get(faults.size() - 1).source();
  }

  /** Where the request came from, which for a user's PASID table is not the route's place. */
  RoutingKey place() {
    return new RoutingKey(source().sourceId(), source().pasid());
  }

  @Override
  public int cookie() {
    return cookie;
  }

  @Override
  public List<Fault> faults() {
    return faults;
  }

  @Override
  public Handle<Domain> domain() {
    return route.domain();
  }

  @Override
  public Handle<Device> device() {
    return route.device();
  }

  @Override
  public long deadlineNanos() {
    return deadlineNanos;
  }

  @Override
  public boolean open() {
    return ending == null;
  }

  /** How it ended; null while it is open. */
  Ending ending() {
    return ending;
  }

  @Override
  public void complete(FaultResponse response) {
    Objects.requireNonNull(response, "response");
    HandlerEntry to = handler;
    QueueCore in = queue;
    String by = in != null ? in.name() : to != null ? to.name() : "handler";
    if (!end(Ending.answered(response, by), Send.HERE)) {
      throw late();
    }
  }

  /**
   * Ends it if nobody has.
   *
   * @param send who sends the answer
   * @return whether this was the end
   */
  boolean end(Ending how, Send send) {
    if (!ENDING.compareAndSet(this, null, how)) {
      return false;
    }
    lane.ended(this, how, send);
    return true;
  }

  /** Counts and says that an answer came late. */
  IoasisException late() {
    lane.router().counters().count(Counter.LATE);
    return new IoasisException(
        Reason.LATE,
        "answer to group 0x%x of %s refused: answered by %s before"
            .formatted(source().group(), place(), ending.by()));
  }

  @Override
  void expire() {
    if (end(Ending.TIME_OUT, Send.LATER)) {
      lane.timedOut(this);
    }
  }
}
