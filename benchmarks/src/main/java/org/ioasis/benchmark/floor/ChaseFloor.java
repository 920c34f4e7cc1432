package org.ioasis.benchmark.floor;

import java.util.concurrent.TimeUnit;
import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.benchmark.rig.Sequence;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Floor of a 4-level walk: its four loads over the same footprint, and nothing else. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class ChaseFloor {
  private static final int BATCH = 64;

  /** Which tables. */
  @Param({"L2", "DRAM"})
  public Footprint footprint;

  private long[] words;
  private int bits;
  private long state = Sequence.SEED;

  /** Always 0, which the compiler does not know: it ties one walk to the one before. */
  private long zero;

  /** Builds the tables. */
  @Setup
  public void build() {
    words = TableImage.of(footprint);
    bits = footprint.pagesLg2();
  }

  /** Each walk waits for the one before: latency. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long dependent() {
    long s = state;
    long last = 0;
    for (int i = 0; i < BATCH; i++) {
      s = Sequence.next(s);
      last = TableImage.walk(words, Footprint.iova(Sequence.pick(s, bits) ^ (last & zero)));
    }
    state = s;
    return last;
  }

  /** The walks overlap as far as the processor can: throughput. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long independent() {
    long s = state;
    long sum = 0;
    for (int i = 0; i < BATCH; i++) {
      s = Sequence.next(s);
      sum += TableImage.walk(words, Footprint.iova(Sequence.pick(s, bits)));
    }
    state = s;
    return sum;
  }
}
