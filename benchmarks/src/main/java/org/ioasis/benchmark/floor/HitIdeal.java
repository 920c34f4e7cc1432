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

/** Ideal of a translation that hits: the probe alone, with the check of the right. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HitIdeal {
  /** log2 of the pages that are asked for; they fit into the sets of any sane cache of 512. */
  public static final int PAGES_LG2 = 6;

  /** Requests per call. */
  public static final int BATCH = 16;

  private static final int DOMAIN = 7;
  private static final int READ = 1;

  private final long[] cache = IdealIotlb.empty();
  private long state = Sequence.SEED;
  private int domain = DOMAIN;

  /** Fills the cache. */
  @Setup
  public void fill() {
    int[] ways = new int[cache.length];
    for (int page = 0; page < 1 << PAGES_LG2; page++) {
      long iova = Footprint.iova(page);
      int set = IdealIotlb.set(iova);
      IdealIotlb.fill(
          cache, set, ways[set]++, IdealIotlb.tag(iova, DOMAIN), (long) page << 12 | READ);
    }
  }

  /** 16 requests to random pages that are all there. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long hit() {
    long s = state;
    long sum = 0;
    for (int i = 0; i < BATCH; i++) {
      s = Sequence.next(s);
      long iova = Footprint.iova(Sequence.pick(s, PAGES_LG2));
      long data = IdealIotlb.probe(cache, IdealIotlb.set(iova), IdealIotlb.tag(iova, domain));
      if ((data & READ) == 0) {
        throw new IllegalStateException("ideal cache misses 0x" + Long.toHexString(iova));
      }
      sum += (data & -4096L) | (iova & 0xFFF);
    }
    state = s;
    return sum;
  }
}
