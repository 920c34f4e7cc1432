package org.ioasis.benchmark.product;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.Translation.Refusal;
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
 * From the device to the driver and back: the unit writes a record and raises its interrupt, the
 * driver drains the queue, its answer goes through the command queue, the device is told. One
 * thread does it all, so this is the work without any waiting; the router's share is {@link
 * FaultBenchmark}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class PageRequestBenchmark {
  private static final int SOURCE = 0x108;
  private static final long IOVA = 0x1234_5000L;
  private static final int GROUPS = 256;
  private static final int WARM_UP = 10_000;

  /** Whose unit and driver. */
  @Param("vtd")
  public String vendor;

  /** Whether the transaction waits in the unit, instead of the device asking for a page. */
  @Param("false")
  public boolean stall;

  private DriverRig rig;
  private DmaPort port;
  private DmaBurst burst;
  private final DmaRequest request = new DmaRequest();
  private int group;

  /** Warms all vendors and attaches a device to an empty domain. */
  @Setup
  public void open() {
    Vendors.warm();
    rig = new DriverRig(Vendors.of(vendor), Map.of());
    port = rig.device(SOURCE, stall, rig.domain(DomainFlag.FAULT_CAPABLE));
    burst = port.burst();
    request.set(SOURCE, DmaRequest.NO_PASID, IOVA, 4, DmaRequest.READ);
    for (int i = 0; i < WARM_UP; i++) {
      roundTrip();
    }
  }

  /** Ends driver, unit and machine. */
  @TearDown
  public void close() {
    rig.close();
  }

  /** One page request or stalled transaction, answered with success. */
  @Benchmark
  public long roundTrip() {
    long before = rig.answers();
    if (stall) {
      burst.begin();
      long answer = burst.translate(request);
      burst.end();
      if (Translation.refusal(answer) != Refusal.STALLED) {
        throw new IllegalStateException("not stalled: " + Translation.toString(answer));
      }
    } else {
      group = (group + 1) % GROUPS;
      PageRequest page =
          new PageRequest(SOURCE, DmaRequest.NO_PASID, IOVA, DmaRequest.READ, false, group, true);
      if (!port.requestPage(page)) {
        throw new IllegalStateException("the port refused " + page);
      }
    }
    RecoverableFault fault = rig.asked.remove();
    BatchResult result =
        rig.driver().respond(List.of(FaultAnswer.to(fault, PageResponse.Code.SUCCESS)));
    long answers = rig.answers();
    if (answers != before + 1) {
      throw new IllegalStateException("%d answers; %s".formatted(answers - before, result));
    }
    return answers;
  }
}
