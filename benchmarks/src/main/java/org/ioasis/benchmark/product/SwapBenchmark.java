package org.ioasis.benchmark.product;

import java.util.concurrent.TimeUnit;
import org.ioasis.api.IovaRange;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.benchmark.rig.SwapRig;
import org.ioasis.benchmark.rig.Vendors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A page mapped into a space of 50,000 mappings, alone, or while another thread exchanges the unit
 * below for another vendor's and back without pause. Nearly all of an exchange is the back-fill.
 * Samples of elapsed time; the unmap is not in them.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SwapBenchmark {
  private static final int MAPPINGS = 50_000;
  private static final long PAGE = 4096;
  private static final int WINDOW = 1024;
  private static final int WARM_UP = 5_000;

  /** Whose unit is exchanged. */
  @Param("vtd")
  public String from;

  /** For whose. */
  @Param("smmuv3")
  public String to;

  /** Whether it is. */
  @Param("false")
  public boolean swapping;

  private SwapRig rig;
  private Thread swapper;
  private volatile boolean stop;
  private volatile RuntimeException failure;
  private volatile long swaps;
  private long page;

  /** Makes the space and exchanges the unit once, then perhaps goes on. */
  @Setup
  public void open() {
    rig = new SwapRig(Vendors.of(from), Vendors.of(to), MAPPINGS);
    rig.swap();
    rig.swap();
    for (int i = 0; i < WARM_UP; i++) {
      map();
      unmap();
    }
    stop = false;
    swapper = new Thread(this::swap, "swapper");
    swapper.setDaemon(true);
    if (swapping) {
      swapper.start();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one thread counts
  private void swap() {
    try {
      while (!stop) {
        rig.swap();
        swaps++;
      }
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  /** Ends everything. */
  @TearDown
  public void close() throws InterruptedException {
    stop = true;
    if (swapping) {
      swapper.join();
    }
    if (failure != null || (swapping && swaps == 0)) {
      throw new IllegalStateException("no swap", failure);
    }
    rig.close();
  }

  /** Takes the page away again. */
  @TearDown(Level.Invocation)
  public void unmap() {
    long at = (1L << 30) + page * PAGE;
    rig.space.unmap(new IovaRange(at, at + PAGE - 1), UnmapMode.WHOLE);
    page = (page + 1) % WINDOW;
  }

  /** One page. */
  @Benchmark
  public SwapRig map() {
    rig.map(page);
    return rig;
  }
}
