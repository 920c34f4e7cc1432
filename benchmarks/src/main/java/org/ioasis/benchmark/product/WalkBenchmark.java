package org.ioasis.benchmark.product;

import java.util.concurrent.TimeUnit;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.benchmark.rig.Caches;
import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.benchmark.rig.Format;
import org.ioasis.benchmark.rig.Rig;
import org.ioasis.benchmark.rig.Sequence;
import org.ioasis.benchmark.rig.Settling;
import org.ioasis.benchmark.rig.Vendors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Translations that nearly all miss the translation cache: the pages are picked from 64 times as
 * many as it holds, or more. Each costs the failed look-up, the walk, and the fill.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WalkBenchmark {
  private static final int BATCH = 64;

  /** Whose unit. */
  @Param("vtd")
  public String vendor;

  /** Which tables. */
  @Param("SECOND_STAGE")
  public Format format;

  /** How many of them. */
  @Param({"L2", "DRAM"})
  public Footprint footprint;

  /** With which caches. */
  @Param("DEFAULT")
  public Caches caches;

  /** Whether all vendors have translated before in this virtual machine, or only this one. */
  @Param("false")
  public boolean alone;

  private Rig rig;
  private DmaBurst burst;
  private DmaRequest request;
  private int bits;
  private long state = Sequence.SEED;

  /** Always 0, which the compiler does not know: it ties one walk to the one before. */
  private long zero;

  /** Warms all vendors, or the one, then builds the tables and walks until all is compiled. */
  @Setup
  public void open() {
    if (alone) {
      Vendors.warmAlone(vendor, format);
    } else {
      Vendors.warm();
    }
    rig = Vendors.of(vendor).open(format, footprint, caches, 1);
    burst = rig.burst(0);
    request = rig.request(0);
    bits = footprint.pagesLg2();
    burst.begin();
    Settling.settle(this::dependent);
    burst.end();
  }

  /** Opens the burst that all walks of an iteration are made in. */
  @Setup(Level.Iteration)
  public void begin() {
    burst.begin();
  }

  /** Closes it. */
  @TearDown(Level.Iteration)
  public void end() {
    burst.end();
  }

  /** Ends the machine. */
  @TearDown
  public void close() {
    rig.close();
  }

  /** Each walk waits for the one before: latency. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long dependent() {
    long s = state;
    long last = 0;
    for (int i = 0; i < BATCH; i++) {
      s = Sequence.next(s);
      last = translate(Footprint.iova(Sequence.pick(s, bits) ^ (last & zero)));
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
      sum += translate(Footprint.iova(Sequence.pick(s, bits)));
    }
    state = s;
    return sum;
  }

  private long translate(long iova) {
    long answer = burst.translate(request.iova(iova));
    if (!Translation.isPresent(answer)) {
      throw new IllegalStateException("refused: " + Translation.toString(answer));
    }
    return answer;
  }
}
