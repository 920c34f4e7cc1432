package org.ioasis.benchmark.product;

import java.util.concurrent.TimeUnit;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.benchmark.floor.StoreFloor;
import org.ioasis.benchmark.rig.Caches;
import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.benchmark.rig.Format;
import org.ioasis.benchmark.rig.Rig;
import org.ioasis.benchmark.rig.Vendors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What memory adds to mapping: the entries of {@link StoreFloor}, stored through the contract. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class StoreBenchmark {
  private static final long BYTES =
      (long) Footprint.L2.leafTables() * Footprint.TABLE_WORDS * Long.BYTES;
  private static final long PAGE = 4096;

  /** Whose machine. */
  @Param("vtd")
  public String vendor;

  private Rig rig;
  private PhysicalMemory memory;
  private long at;
  private long output = 3;

  /** Warms all vendors. */
  @Setup
  public void open() {
    Vendors.warm();
    rig = Vendors.of(vendor).open(Format.SECOND_STAGE, Footprint.L2, Caches.DEFAULT, 1);
    memory = rig.memory();
  }

  /** Ends the machine. */
  @TearDown
  public void close() {
    rig.close();
  }

  /** The entries of one batch, in order, over pages that no table lies in. */
  @Benchmark
  @OperationsPerInvocation(StoreFloor.BATCH)
  public boolean store() {
    long entry = output;
    long address = Rig.OUTPUT + at;
    boolean stored = true;
    for (int i = 0; i < StoreFloor.BATCH; i++) {
      stored &= memory.store64(address, entry);
      address += Long.BYTES;
      entry += PAGE;
    }
    output = entry;
    at = (at + StoreFloor.BATCH * Long.BYTES) & (BYTES - 1);
    return stored;
  }
}
