package org.ioasis.benchmark.floor;

import java.util.concurrent.TimeUnit;
import org.ioasis.benchmark.rig.Footprint;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Floor of mapping and unmapping: one plain 64-bit store per page, over the leaf tables of {@link
 * Footprint#L2}, a batch of 256 pages after the other.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StoreFloor {
  /** Pages of a batch. */
  public static final int BATCH = 256;

  private static final int WORDS = Footprint.L2.leafTables() * Footprint.TABLE_WORDS;
  private static final long PAGE = 4096;

  private final long[] leaves = new long[WORDS];
  private int at;
  private long output = 3;

  /** The entries of one batch, in order. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long[] map() {
    long entry = output;
    int first = at;
    for (int i = first; i < first + BATCH; i++) {
      leaves[i] = entry;
      entry += PAGE;
    }
    output = entry;
    at = (first + BATCH) & (WORDS - 1);
    return leaves;
  }
}
