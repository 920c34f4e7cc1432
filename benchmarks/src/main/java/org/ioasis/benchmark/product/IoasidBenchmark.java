package org.ioasis.benchmark.product;

import java.util.BitSet;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.ioasis.allocator.core.Allocator;
import org.ioasis.allocator.core.Client;
import org.ioasis.allocator.core.Clients;
import org.ioasis.allocator.core.Surroundings;
import org.ioasis.allocator.core.Watcher;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetToken;
import org.ioasis.api.machine.TimeSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;

/** IOASIDs beside what one would write with the Java library: a map for look-ups, a bit set. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class IoasidBenchmark {
  private static final TimeSource STILL =
      new TimeSource() {
        @Override
        public long nanoTime() {
          return 0;
        }

        @Override
        public Timer schedule(long delayNanos, Runnable action) {
          return () -> true;
        }

        @Override
        public boolean await(BooleanSupplier condition, long timeoutNanos) {
          return condition.getAsBoolean();
        }
      };

  /** Ids that are out while the benchmark runs. */
  @Param({"1000", "1000000"})
  public int out;

  private final AllocationRequest any = AllocationRequest.within(List.of());
  private final ConcurrentHashMap<Integer, Object> map = new ConcurrentHashMap<>();
  private final BitSet bits = new BitSet(1 << 20);
  private IoasidSet set;

  /** Where a thread is in the sequence of look-ups. */
  @State(Scope.Thread)
  public static class Cursor {
    private int at = 1;

    int next(int out) {
      at = at * 1_103_515_245 + 12_345;
      return 1 + (int) (((at & 0xFFFF_FFFFL) * out) >>> 32);
    }
  }

  /** Hands the ids out. */
  @Setup
  public void setUp() {
    Allocator allocator =
        new Allocator(
            new Surroundings(
                STILL, Runnable::run, () -> {}, Watcher.NONE, 1, Long.MAX_VALUE, 16_384, false),
            1 << 20,
            0);
    Client client = new Clients(allocator).client(1, "benchmark");
    set = client.allocateSet(new SetToken("benchmark", 1), 1_000_100);
    for (int i = 1; i <= out; i++) {
      Object data = i;
      map.put(set.allocate(any.with(data)).value(), data);
      bits.set(i);
    }
  }

  /** Look-up with the owner checked. */
  @Benchmark
  @Threads(1)
  public Object find(Cursor cursor) {
    return set.find(cursor.next(out));
  }

  /** The same by two threads. */
  @Benchmark
  @Threads(2)
  public Object findByTwo(Cursor cursor) {
    return set.find(cursor.next(out));
  }

  /** Look-up in a map, nothing checked. */
  @Benchmark
  public Object findInConcurrentHashMap(Cursor cursor) {
    return map.get(cursor.next(out));
  }

  /** An id's life with its three events. */
  @Benchmark
  public Object allocateFree() {
    Pasid id = set.allocate(any);
    set.free(id);
    return id;
  }

  /** The lowest free bit, taken and given back; cost grows with what is out. */
  @Benchmark
  public int allocateFreeInBitSet() {
    synchronized (bits) {
      int id = bits.nextClearBit(1);
      bits.set(id);
      bits.clear(id);
      return id;
    }
  }
}
