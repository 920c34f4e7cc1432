package org.ioasis.benchmark.floor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Floor of opening and closing a burst: whoever invalidates must see that it is open before the
 * first translation (one volatile store) and that it has ended after the last access (one release
 * store).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BurstFloor {
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int PADDED_WORDS = 32;
  private static final int MIDDLE = 16;

  private final long[] slot = new long[PADDED_WORDS];
  private long count;

  /** One volatile store, one release store, to a line of its own. */
  @Benchmark
  public long beginEnd() {
    long odd = count + 1;
    SLOT.setVolatile(slot, MIDDLE, odd);
    count = odd + 1;
    SLOT.setRelease(slot, MIDDLE, odd + 1);
    return odd;
  }

  /** A bare atomic add, for scale. */
  @Benchmark
  public long atomicAdd() {
    return (long) SLOT.getAndAdd(slot, MIDDLE, 1L);
  }
}
