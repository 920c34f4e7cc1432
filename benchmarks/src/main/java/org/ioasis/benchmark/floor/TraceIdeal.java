package org.ioasis.benchmark.floor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.benchmark.rig.Trace;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Ideal of a trace replay: for each run the two stores of a burst, for each request the probe, and
 * where it misses the four loads and the fill. The devices share the tables, not the domain.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TraceIdeal {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int MIDDLE = 16;
  private static final int READ = 1, WRITE = 2;

  private final long[] slot = new long[2 * MIDDLE];
  private final long[] cache = IdealIotlb.empty();
  private final int[] domains = new int[Trace.DEVICES];
  private long[] requests;
  private int[] devices;
  private long[] words;
  private int run;
  private int way;

  /** Builds tables and trace. */
  @Setup
  public void build() {
    words = TableImage.of(Footprint.L2);
    requests = Trace.requests();
    devices = Trace.devices();
    for (int device = 0; device < domains.length; device++) {
      domains[device] = device + 1;
    }
  }

  /** The next run of the trace. */
  @Benchmark
  @OperationsPerInvocation(Trace.RUN)
  public long replay() {
    int current = run;
    run = (current + 1) & (Trace.RUNS - 1);
    int domain = domains[devices[current]];
    SLOT.setVolatile(slot, MIDDLE, 2L * current + 1);
    long sum = 0;
    for (int i = 0; i < Trace.RUN; i++) {
      long request = requests[current * Trace.RUN + i];
      sum += translate(Trace.iova(request), Trace.isWrite(request) ? WRITE : READ, domain);
    }
    SLOT.setRelease(slot, MIDDLE, 2L * current + 2);
    return sum;
  }

  private long translate(long iova, int right, int domain) {
    int set = IdealIotlb.set(iova);
    long tag = IdealIotlb.tag(iova, domain);
    long data = IdealIotlb.probe(cache, set, tag);
    if (data == 0) {
      data = TableImage.walk(words, iova) << 12 | READ | WRITE;
      IdealIotlb.fill(cache, set, way++, tag, data);
    }
    if ((data & right) == 0) {
      throw new IllegalStateException("ideal replay refuses 0x" + Long.toHexString(iova));
    }
    return (data & -4096L) | (iova & 0xFFF);
  }
}
