package org.ioasis.benchmark.product;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.benchmark.floor.StoreFloor;
import org.ioasis.benchmark.rig.DriverRig;
import org.ioasis.benchmark.rig.Footprint;
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

/**
 * 4 KiB mappings through the driver room: in batches of 256 pages and one by one. When the window
 * is full, it is unmapped and synchronised inside the measured time, so each figure of a map is an
 * upper bound that holds its share of an unmap, and the other way round.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MapBenchmark {
  private static final long PAGE = 4096;
  private static final long BATCH_BYTES = StoreFloor.BATCH * PAGE;
  private static final long FIRST = 1L << 32;

  /** As many leaf tables as {@link StoreFloor} has. */
  private static final long WINDOW =
      (long) Footprint.L2.leafTables() * Footprint.TABLE_WORDS * PAGE;

  /** An odd page, so that no larger page fits. */
  private static final long OUTPUT = (1L << 33) + PAGE;

  private static final int WARM_UP = 10_000;
  private static final int RIGHTS = DmaRequest.READ | DmaRequest.WRITE;

  /** Whose driver. */
  @Param("vtd")
  public String vendor;

  private DriverRig rig;
  private DomainBatch batch;
  private long at;

  /** Where the window is left to unmap; none is mapped at its end. */
  private long unmapped = WINDOW;

  /** Warms all vendors and starts a driver with one paging domain. */
  @Setup
  public void open() {
    Vendors.warm();
    rig = new DriverRig(Vendors.of(vendor), Map.of());
    batch = rig.domain().batch();
    for (int i = 0; i < WARM_UP; i++) {
      invalidate();
    }
  }

  /** Ends driver, unit and machine. */
  @TearDown
  public void close() {
    rig.close();
  }

  /** 256 pages in one call. */
  @Benchmark
  @OperationsPerInvocation(StoreFloor.BATCH)
  public long batch() {
    long iova = next();
    long mapped = batch.map(iova, OUTPUT + (iova - FIRST), BATCH_BYTES, RIGHTS);
    check(mapped, BATCH_BYTES);
    return mapped;
  }

  /** The same pages in 256 calls. */
  @Benchmark
  @OperationsPerInvocation(StoreFloor.BATCH)
  public long oneByOne() {
    long iova = next();
    long mapped = 0;
    for (long offset = 0; offset < BATCH_BYTES; offset += PAGE) {
      mapped += batch.map(iova + offset, OUTPUT + (iova - FIRST) + offset, PAGE, RIGHTS);
    }
    check(mapped, BATCH_BYTES);
    return mapped;
  }

  /** 256 pages unmapped in one call, with a synchronisation each; the window was mapped in one. */
  @Benchmark
  @OperationsPerInvocation(StoreFloor.BATCH)
  public long unmap() {
    if (unmapped == WINDOW) {
      check(batch.map(FIRST, OUTPUT, WINDOW, RIGHTS), WINDOW);
      unmapped = 0;
    }
    long iova = FIRST + unmapped;
    unmapped += BATCH_BYTES;
    long gone = batch.unmap(new IovaRange(iova, iova + BATCH_BYTES - 1));
    check(gone, BATCH_BYTES);
    check(batch.sync());
    return gone;
  }

  /** One page mapped, unmapped and invalidated: through the queue, until the unit has done it. */
  @Benchmark
  public long invalidate() {
    check(batch.map(FIRST, OUTPUT, PAGE, RIGHTS), PAGE);
    long gone = batch.unmap(new IovaRange(FIRST, FIRST + PAGE - 1));
    check(batch.sync());
    return gone;
  }

  private long next() {
    if (at == WINDOW) {
      check(batch.unmap(new IovaRange(FIRST, FIRST + WINDOW - 1)), WINDOW);
      check(batch.sync());
      at = 0;
    }
    long iova = FIRST + at;
    at += BATCH_BYTES;
    return iova;
  }

  private static void check(SyncResult result) {
    if (!result.complete()) {
      throw new IllegalStateException(result.toString());
    }
  }

  private static void check(long bytes, long expected) {
    if (bytes != expected) {
      throw new IllegalStateException(bytes + " bytes instead of " + expected);
    }
  }
}
