package org.ioasis.benchmark.product;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultClass;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.FaultStage;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.fault.Route;
import org.ioasis.api.fault.RoutingTable;
import org.ioasis.api.machine.TimeSource;
import org.ioasis.iopf.Records;
import org.ioasis.iopf.Workers;
import org.ioasis.iopf.core.Router;
import org.ioasis.iopf.core.Settings;
import org.ioasis.iopf.core.Surroundings;
import org.ioasis.machine.time.Idler;
import org.ioasis.machine.time.RealTime;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A fault's way through the router: from the sink, where a driver hands it over, to the handler's
 * thread and back to the call that answers the device. The measuring thread is driver and device in
 * one: it parks until its answer has come, or looks for it without pause.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FaultBenchmark implements FaultOrigin {
  /** Faults of one batch. */
  public static final int BATCH = 64;

  /** Nothing is measured that ran into a time-out. */
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  private static final int LOOKS = 1_000_000;

  /** Whether threads look for work instead of parking. */
  @Param("false")
  public boolean spin;

  private final RealTime time = new RealTime("fault-benchmark", Idler.NONE);
  private final RecoverableFault[] faults = new RecoverableFault[BATCH];
  private RoutingTable table;
  private Workers workers;
  private Router router;
  private FaultSink sink;
  private int next;
  private volatile Thread asker;
  private volatile long answered;

  /** A router with one device and a handler that answers at once. */
  @Setup
  public void start() {
    Handle<Device> device = new Handle<>(Device.class, 1, 0, 1);
    Handle<Domain> domain = new Handle<>(Domain.class, 1, 0, 1);
    table = new RoutingTable(1, List.of(Route.of(new RoutingKey(0x20, 3), device, 1, domain, 1)));
    for (int i = 0; i < BATCH; i++) {
      faults[i] =
          new RecoverableFault(
              FaultKind.PAGE_REQUEST,
              0x20,
              3,
              0x1000L * i,
              1,
              false,
              i,
              true,
              FaultStage.UNKNOWN,
              FaultClass.UNKNOWN,
              0,
              new Blob("benchmark", ByteBuffer.allocate(32)),
              0);
    }
    // One device needs one thread; others that spun would take the processor it runs on.
    workers = new Workers(1, spin ? LOOKS : 0);
    router =
        new Router(new Surroundings(workers, new Records(), Settings.DEFAULT.limiting(9, 0, 1)));
    router.client(1).timeout(DrainScope.ALL, PATIENCE_NANOS);
    router.setOrigin(this);
    router.addHandler(group -> group.complete(FaultResponse.SUCCESS), 1, "benchmark", 0, 1);
    sink = router.sink("benchmark");
  }

  /** Ends its threads. */
  @TearDown
  public void end() {
    router.close();
    workers.close();
    time.close();
  }

  /** One fault there and back. */
  @Benchmark
  public long roundTrip() {
    asker = Thread.currentThread();
    long wanted = answered + 1;
    next = (next + 1) % BATCH;
    sink.recoverable(faults[next]);
    await(wanted);
    return wanted;
  }

  /** A batch of faults, and the last of their answers. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long throughput() {
    asker = Thread.currentThread();
    long wanted = answered + BATCH;
    for (RecoverableFault fault : faults) {
      sink.recoverable(fault);
    }
    await(wanted);
    return wanted;
  }

  private void await(long wanted) {
    while (answered < wanted) {
      if (spin) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
  }

  @Override
  public RoutingTable routes() {
    return table;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // one device, so one thread at a time answers
  public BatchResult respond(List<FaultAnswer> answers) {
    answered += answers.size();
    if (!spin) {
      LockSupport.unpark(asker);
    }
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
    return time;
  }
}
