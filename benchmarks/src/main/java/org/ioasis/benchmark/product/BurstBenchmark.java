package org.ioasis.benchmark.product;

import java.util.concurrent.TimeUnit;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.benchmark.rig.Caches;
import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.benchmark.rig.Format;
import org.ioasis.benchmark.rig.Rig;
import org.ioasis.benchmark.rig.Vendors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A burst without an access, on a port that is open. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class BurstBenchmark {
  /** Whose unit is behind the port. */
  @Param("vtd")
  public String vendor;

  private Rig rig;
  private DmaBurst burst;

  /** Warms all vendors. */
  @Setup
  public void open() {
    Vendors.warm();
    rig = Vendors.of(vendor).open(Format.SECOND_STAGE, Footprint.L2, Caches.DEFAULT, 1);
    burst = rig.burst(0);
  }

  /** Ends the machine. */
  @TearDown
  public void close() {
    rig.close();
  }

  /** Opens and closes. */
  @Benchmark
  public DmaBurst beginEnd() {
    burst.begin();
    burst.end();
    return burst;
  }
}
