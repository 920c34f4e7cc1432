package org.ioasis.benchmark.product;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.benchmark.rig.DriverRig;
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

/**
 * A domain is invalidated as a driver does it, through the queue with its synchronisation, while a
 * unit's translation cache is full of another domain's. What the other domain has cached is found
 * again by taking its tables away behind the cache's back: what still translates, was cached.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DomainInvalidationBenchmark {
  private static final int MOVER = 0x108, KEEPER = 0x110;
  private static final int RIGHTS = DmaRequest.READ | DmaRequest.WRITE;
  private static final long PAGE = 4096;
  private static final long FIRST = 1L << 32;

  /** Pages apart from each other, more than any driver invalidates one by one. */
  private static final int PAGES = 20;

  /** Odd pages, so that no larger page fits. */
  private static final long OUTPUT = (1L << 33) + PAGE, OTHER_OUTPUT = (1L << 40) + PAGE;

  /**
   * Entries of the cache, however many are in use: each translation after an invalidation takes one
   * and leaves it dead, so a small cache would be full of dead ones, the other domain's crowded
   * out.
   */
  private static final long CACHE = 1 << 21;

  private static final int WARM_UP = 3_000;

  /** Of the other domain's entries, so many of a hundred must still be there. */
  private static final int KEPT_PERCENT = 99;

  /** Whose unit and driver. */
  @Param("vtd")
  public String vendor;

  /** Entries that the other domain has cached. */
  @Param({"1024", "1048576"})
  public int entries;

  private DriverRig rig;
  private DomainBatch batch;
  private DmaBurst burst;
  private final DmaRequest request = new DmaRequest();
  private final DmaRequest other = new DmaRequest();
  private long cached;
  private long turn;

  /** Warms all vendors, fills the cache with the other domain. */
  @Setup
  public void open() {
    Vendors.warm();
    rig = new DriverRig(Vendors.of(vendor), Map.of(Vendors.of(vendor).translationCache(), CACHE));
    DriverDomain mover = rig.domain();
    DriverDomain keeper = rig.domain();
    batch = mover.batch();
    burst = rig.device(MOVER, false, mover).burst();
    request.set(MOVER, DmaRequest.NO_PASID, FIRST, 4, DmaRequest.READ);
    other.set(KEEPER, DmaRequest.NO_PASID, FIRST, 4, DmaRequest.READ);
    DmaBurst filler = rig.device(KEEPER, false, keeper).burst();
    long bytes = entries * PAGE;
    DomainBatch tables = keeper.batch();
    check(tables.map(FIRST, OUTPUT, bytes, RIGHTS) == bytes, "not mapped");
    tables.sync();
    for (long at = 0; at < bytes; at += PAGE) {
      filler.begin();
      check(Translation.isPresent(filler.translate(other.iova(FIRST + at))), "refused");
      filler.end();
    }
    // Not synchronised: the cache is not told.
    check(tables.unmap(new IovaRange(FIRST, FIRST + bytes - 1)) == bytes, "not unmapped");
    for (int i = 0; i < WARM_UP; i++) {
      invalidate();
    }
    cached = present();
    check(cached > entries / 2, "too few entries are cached: " + cached);
  }

  /** Looks whether the other domain has its hits, and ends driver, unit and machine. */
  @TearDown
  public void close() {
    long kept = present();
    check(kept * 100 >= cached * KEPT_PERCENT, kept + " of " + cached + " entries are left");
    rig.close();
  }

  private long present() {
    long found = 0;
    for (long at = 0; at < entries * PAGE; at += PAGE) {
      found += Translation.isPresent(rig.unit().probe(other.iova(FIRST + at))) ? 1 : 0;
    }
    return found;
  }

  /** Pages move, their domain is invalidated; the next translation is the new one. */
  @Benchmark
  public long invalidate() {
    turn++;
    long output = (turn & 1) == 0 ? OUTPUT : OTHER_OUTPUT;
    for (long at = FIRST; at < FIRST + 2 * PAGES * PAGE; at += 2 * PAGE) {
      batch.unmap(new IovaRange(at, at + PAGE - 1));
    }
    check(batch.sync().complete(), "not synchronised");
    for (long at = FIRST; at < FIRST + 2 * PAGES * PAGE; at += 2 * PAGE) {
      check(batch.map(at, output, PAGE, RIGHTS) == PAGE, "not mapped");
    }
    burst.begin();
    long answer = burst.translate(request);
    burst.end();
    check(
        Translation.isPresent(answer) && Translation.address(answer) == output, "something stale");
    return answer;
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
