package org.ioasis.benchmark.product;

import java.util.concurrent.TimeUnit;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.benchmark.rig.Caches;
import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.benchmark.rig.Format;
import org.ioasis.benchmark.rig.Rig;
import org.ioasis.benchmark.rig.Settling;
import org.ioasis.benchmark.rig.Trace;
import org.ioasis.benchmark.rig.Vendors;
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

/** The mixed trace through fabric and unit: a burst per run of 16 requests. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TraceBenchmark {
  /** Whose unit. */
  @Param("vtd")
  public String vendor;

  /** Which tables. */
  @Param("SECOND_STAGE")
  public Format format;

  private final DmaBurst[] bursts = new DmaBurst[Trace.DEVICES];
  private final DmaRequest[] reusable = new DmaRequest[Trace.DEVICES];
  private Rig rig;
  private long[] requests;
  private int[] devices;
  private int run;

  /** Warms all vendors, then builds tables and trace and replays until all is compiled. */
  @Setup
  public void open() {
    Vendors.warm();
    requests = Trace.requests();
    devices = Trace.devices();
    rig = Vendors.of(vendor).open(format, Footprint.L2, Caches.DEFAULT, Trace.DEVICES);
    for (int device = 0; device < Trace.DEVICES; device++) {
      bursts[device] = rig.burst(device);
      reusable[device] = rig.request(device);
    }
    Settling.settle(this::replay);
  }

  /** Ends the machine. */
  @TearDown
  public void close() {
    rig.close();
  }

  /** The next run of the trace. */
  @Benchmark
  @OperationsPerInvocation(Trace.RUN)
  public long replay() {
    int current = run;
    run = (current + 1) & (Trace.RUNS - 1);
    int device = devices[current];
    DmaBurst burst = bursts[device];
    DmaRequest request = reusable[device];
    long sum = 0;
    burst.begin();
    for (int i = 0; i < Trace.RUN; i++) {
      long word = requests[current * Trace.RUN + i];
      request
          .iova(Trace.iova(word))
          .access(Trace.isWrite(word) ? DmaRequest.WRITE : DmaRequest.READ);
      long answer = burst.translate(request);
      if (!Translation.isPresent(answer)) {
        throw new IllegalStateException("refused: " + Translation.toString(answer));
      }
      sum += Translation.address(answer);
    }
    burst.end();
    return sum;
  }
}
