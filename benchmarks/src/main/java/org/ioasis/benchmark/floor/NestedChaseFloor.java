package org.ioasis.benchmark.floor;

import java.util.concurrent.TimeUnit;
import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.benchmark.rig.Sequence;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Floor of a nested walk of four levels over four: its 24 loads, and nothing else. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class NestedChaseFloor {
  private static final int BATCH = 64;

  private long[] words;
  private int host;
  private int bits;
  private long state = Sequence.SEED;

  /** Always 0, which the compiler does not know: it ties one walk to the one before. */
  private long zero;

  /** Builds the tables. */
  @Setup
  public void build() {
    NestedImage image = new NestedImage(Footprint.L2);
    words = image.words;
    host = image.host;
    bits = Footprint.L2.pagesLg2();
  }

  /** Each walk waits for the one before: latency. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long dependent() {
    long s = state;
    long last = 0;
    for (int i = 0; i < BATCH; i++) {
      s = Sequence.next(s);
      last = NestedImage.walk(words, host, Footprint.iova(Sequence.pick(s, bits) ^ (last & zero)));
    }
    state = s;
    return last;
  }
}
