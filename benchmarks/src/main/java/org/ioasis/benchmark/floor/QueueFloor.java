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
 * Floor of what goes through a queue in memory: the words of the entries, the volatile store of the
 * tail, and on the other side their loads and the store of the head.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class QueueFloor {
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int RING_WORDS = 512, MIDDLE = 16;

  private final long[] ring = new long[RING_WORDS];
  private final long[] pointers = new long[3 * MIDDLE];
  private long at;

  private long through(int words) {
    long first = at;
    for (long word = first; word < first + words; word++) {
      ring[(int) word & RING_WORDS - 1] = word;
    }
    at = first + words;
    WORDS.setVolatile(pointers, MIDDLE, at);
    long tail = (long) WORDS.getVolatile(pointers, MIDDLE);
    long sum = 0;
    for (long word = (long) WORDS.getVolatile(pointers, 2 * MIDDLE); word < tail; word++) {
      sum += ring[(int) word & RING_WORDS - 1];
    }
    WORDS.setVolatile(pointers, 2 * MIDDLE, tail);
    return sum;
  }

  /** An invalidation and the wait for it: two entries of two words. */
  @Benchmark
  public long invalidate() {
    return through(4);
  }

  /** A record of four words one way, an answer and the wait for it the other. */
  @Benchmark
  public long roundTrip() {
    return through(4) + through(4);
  }
}
