package org.ioasis.iopf.core;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.fault.Route;
import org.ioasis.api.fault.RoutingTable;
import org.ioasis.api.machine.TimeSource;

/** A router with one device for one race; what becomes ready is run by whoever settles. */
class Stage implements FaultOrigin {
  private static final RoutingKey PLACE = RoutingKey.of(1);
  private static final RoutingTable TABLE =
      new RoutingTable(
          1,
          List.of(
              Route.of(
                  PLACE,
                  new Handle<>(Device.class, 1, 0, 1),
                  1,
                  new Handle<>(Domain.class, 1, 0, 1),
                  1)));
  private static final Blob RECORD = new Blob("stress", ByteBuffer.allocate(0));

  /** A clock that stands; its one action is the wheel's. */
  private static final class Clock implements TimeSource {
    volatile long now;
    volatile Runnable action;

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public Timer schedule(long delayNanos, Runnable newAction) {
      action = newAction;
      return () -> true;
    }

    @Override
    public boolean await(BooleanSupplier condition, long timeoutNanos) {
      while (!condition.getAsBoolean()) {
        LockSupport.parkNanos(100);
      }
      return true;
    }
  }

  private final Clock clock = new Clock();
  private final ConcurrentLinkedQueue<Turn> ready = new ConcurrentLinkedQueue<>();
  private final AtomicInteger sent = new AtomicInteger();
  private volatile FaultGroup group;
  final Router router = new Router(new Surroundings(ready::add, Watcher.NONE, Settings.DEFAULT));

  Stage() {
    router.setOrigin(this);
    router.addHandler(given -> group = given, 1, "stress", 0, 1);
  }

  void ask() {
    router
        .sink("u")
        .recoverable(
            new RecoverableFault(
                FaultKind.PAGE_REQUEST,
                1,
                -1,
                0x1000,
                1,
                false,
                7,
                true,
                FaultStage.UNKNOWN,
                FaultClass.UNKNOWN,
                0,
                RECORD,
                0));
  }

  void settle() {
    for (Turn turn = ready.poll(); turn != null; turn = ready.poll()) {
      turn.run();
    }
  }

  int answer() {
    FaultGroup given = group;
    if (given == null) {
      return 0;
    }
    try {
      given.complete(FaultResponse.SUCCESS);
      return 1;
    } catch (IoasisException late) {
      return 0;
    }
  }

  void timeOut() {
    clock.now = Settings.DEFAULT.timeoutNanos();
    Runnable due = clock.action;
    if (due != null) {
      due.run();
    }
  }

  int drain() {
    return router.drain(DrainScope.of(PLACE)).closed();
  }

  /** Answers that reached the driver, after everything has run. */
  int sent() {
    settle();
    return sent.get();
  }

  int open() {
    return router.open(DrainScope.ALL);
  }

  @Override
  public RoutingTable routes() {
    return TABLE;
  }

  @Override
  public BatchResult respond(List<FaultAnswer> answers) {
    sent.addAndGet(answers.size());
    return BatchResult.all(answers.size());
  }

  @Override
  public SyncResult drain(int sourceId, int pasid) {
    return SyncResult.COMPLETE;
  }

  @Override
  public boolean uses(Handle<FaultQueue> queue) {
    return false;
  }

  @Override
  public TimeSource time() {
    return clock;
  }
}
