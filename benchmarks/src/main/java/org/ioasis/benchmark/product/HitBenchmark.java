package org.ioasis.benchmark.product;

import java.util.concurrent.TimeUnit;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.benchmark.floor.HitIdeal;
import org.ioasis.benchmark.rig.Caches;
import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.benchmark.rig.Format;
import org.ioasis.benchmark.rig.Rig;
import org.ioasis.benchmark.rig.Sequence;
import org.ioasis.benchmark.rig.Vendors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A translation that hits, inside an open burst. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class HitBenchmark {
  /** Whose unit. */
  @Param("vtd")
  public String vendor;

  /** Which tables it walked when it filled its cache. */
  @Param("SECOND_STAGE")
  public Format format;

  private Rig rig;
  private DmaBurst burst;
  private DmaRequest request;
  private long state = Sequence.SEED;

  /** Warms all vendors, then fills the cache of the one that is measured. */
  @Setup
  public void open() {
    Vendors.warm();
    rig = Vendors.of(vendor).open(format, Footprint.L2, Caches.DEFAULT, 1);
    burst = rig.burst(0);
    request = rig.request(0);
    for (int page = 0; page < 1 << HitIdeal.PAGES_LG2; page++) {
      burst.begin();
      long answer = burst.translate(request.iova(Footprint.iova(page)));
      burst.end();
      if (!Rig.isRight(answer, page)) {
        throw new IllegalStateException("wrong answer: " + Translation.toString(answer));
      }
    }
  }

  /** Opens the burst that all requests of an iteration are made in. */
  @Setup(Level.Iteration)
  public void begin() {
    burst.begin();
  }

  /** Closes it. */
  @TearDown(Level.Iteration)
  public void end() {
    burst.end();
  }

  /** Ends the machine. */
  @TearDown
  public void close() {
    rig.close();
  }

  /** 16 requests to random pages that are all cached. */
  @Benchmark
  @OperationsPerInvocation(HitIdeal.BATCH)
  public long hit() {
    long s = state;
    long sum = 0;
    for (int i = 0; i < HitIdeal.BATCH; i++) {
      s = Sequence.next(s);
      request.iova(Footprint.iova(Sequence.pick(s, HitIdeal.PAGES_LG2)));
      long answer = burst.translate(request);
      if (!Translation.isPresent(answer)) {
        throw new IllegalStateException("refused: " + Translation.toString(answer));
      }
      sum += Translation.address(answer);
    }
    state = s;
    return sum;
  }
}
