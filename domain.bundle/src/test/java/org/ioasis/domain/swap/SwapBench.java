package org.ioasis.domain.swap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DevicePolicy;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.DmaLoad;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.LoadReport;
import org.ioasis.api.engine.LoadSpec;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.machine.engine.DefaultEngineFactory;

/**
 * A unit of each vendor, a space with many mappings of one page, and devices that work in it: two
 * engines that verify every byte, a probe that measures gaps, one that raises interrupts, and one
 * by which the test looks.
 */
final class SwapBench implements AutoCloseable {
  /** A tour that goes once from every vendor to every other. */
  static final List<String> TOUR =
      List.of("VTD", "SMMUV3", "VTD", "AMDVI", "SMMUV3", "AMDVI", "VTD");

  /** Accesses a second that each engine is asked for. */
  static final long PACE = 2_000;

  /** How long its devices wait at a closed port: longer than any swap takes. */
  private static final long WAIT = 60_000_000_000L;

  private static final int ENGINES = 2;
  private static final long PART = 64 * Rig.PAGE;
  private static final long BASE = 0x10_0000;
  private static final long PROBED = BASE + ENGINES * PART;
  private static final long MANY = 1L << 32;

  final Rig rig;
  final AddressSpace space;
  final GapProbe probe;
  private final int mappings;
  private final long others; // of these mappings, those of one page for reading
  private final TestDevice looker;
  private final InterruptSender sender;
  private final List<DmaLoad> loads = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();

  SwapBench(int mappings) {
    this.mappings = mappings;
    DeviceSettings settings =
        new DeviceSettings().route("0x0-0xffff=VTD").policy(new DevicePolicy(true, WAIT, 0, true));
    rig = new Rig(settings, Scheduler.Mode.INLINE, true);
    for (SwapLoadTest.Vendor vendor : SwapLoadTest.Vendor.values()) {
      rig.unit(vendor.name(), vendor.hardware, "full").drivers(vendor.driver);
    }
    space = rig.space("s");
    others = fill();
    for (int i = 0; i < ENGINES; i++) {
      DmaEngine engine = engine("engine" + i, 0x100 + 8 * i, true);
      attach("engine" + i);
      LoadSpec spec = new LoadSpec(DmaRequest.NO_PASID, BASE + i * PART, PART, 64, PACE, 77 + i);
      DmaLoad load = engine.load(spec);
      loads.add(load);
      threads.add(new Thread(() -> load.run(stop::get), "engine" + i));
    }
    probe = new GapProbe(rig.machine, "probe", 0x200, PROBED);
    attach("probe");
    threads.add(new Thread(probe, "probe"));
    sender = new InterruptSender(engine("sender", 0x300, false).channel());
    sender.begin(attach("sender"));
    threads.add(new Thread(sender, "sender"));
    looker = rig.device("looker", 0x400);
    attach("looker");
  }

  private Device attach(String name) {
    Device device = rig.core.deviceService(rig.client).bind(name, Binding.of("bench", 1));
    Rig.attach(device, space);
    return device;
  }

  private DmaEngine engine(String name, int sourceId, boolean waits) {
    return engine(new EndpointSpec(name, sourceId, false, false, false, false, 0), waits);
  }

  /**
   * A device of its own that moves bytes.
   *
   * @param waits whether it waits at a closed port and for the end of a stall
   */
  DmaEngine engine(EndpointSpec endpoint, boolean waits) {
    EngineSpec spec = EngineSpec.of(endpoint);
    return new DefaultEngineFactory()
        .create(rig.machine, waits ? spec.blockedWait(WAIT).answerWait(WAIT) : spec.blockedWait(0));
  }

  /** Maps what the devices use, and one page again and again; how often. */
  private long fill() {
    MemorySource memory = rig.memory("m", (int) (ENGINES * PART / Rig.PAGE) + 1);
    for (long at = 0; at <= ENGINES * PART; at += Rig.PAGE) {
      space.map(MapRequest.of(memory.handle(), at, Rig.PAGE, Rig.RW).at(BASE + at));
    }
    long again = mappings - space.mappingCount();
    for (long i = 0; i < again; i++) {
      space.map(MapRequest.of(memory.handle(), 0, Rig.PAGE, DmaRequest.READ).at(other(i)));
    }
    return again;
  }

  private static long other(long i) {
    return MANY + i * 2 * Rig.PAGE;
  }

  /** Lets the devices work. */
  SwapBench start() throws InterruptedException {
    threads.forEach(Thread::start);
    awaitChanges(1);
    return this;
  }

  /** Exchanges units; everything comes along. */
  SwapReport swap(String from, String to, SwapRequest.Order order) {
    SwapReport report =
        rig.core.swapService().swap(new SwapRequest(from, to, order, SwapRequest.Formats.REFUSE));
    assertThat(report.objections()).isEmpty();
    assertThat(report.performed()).isTrue();
    assertThat(report.devices()).noneMatch(SwapReport.DeviceSwap::quarantined);
    return report;
  }

  /** Waits until the probe has seen so many units. */
  void awaitChanges(long changes) throws InterruptedException {
    for (int i = 0; i < 10_000 && probe.changes() < changes; i++) {
      Thread.sleep(1);
    }
    assertThat(probe.changes()).isEqualTo(changes);
  }

  /** Every {@code step}-th of the many mappings leads to the same page, and nothing between. */
  void assertMapped(long step) {
    assertThat(space.mappingCount()).isEqualTo(mappings);
    long page = Translation.address(looker.translate(Rig.NO_PASID, BASE, DmaRequest.READ));
    for (long i = 0; i < others; i += step) {
      long there = looker.translate(Rig.NO_PASID, other(i), DmaRequest.READ);
      if (!Translation.isPresent(there) || Translation.address(there) != page) {
        throw new AssertionError(
            "mapping %d is lost: %s".formatted(i, Translation.toString(there)));
      }
    }
    assertThat(looker.reads(other(others) - Rig.PAGE)).isFalse();
  }

  /** Bytes of frames that the drivers hold. */
  long frames() {
    return rig.core.parts().hosts().framesHeld();
  }

  /** Ends the work; no byte was wrong, nothing passed or was lost that should not. */
  void finish() throws InterruptedException {
    stop.set(true);
    probe.stop();
    sender.stop();
    for (Thread thread : threads) {
      thread.join(20_000);
    }
    for (DmaLoad load : loads) {
      LoadReport report = load.report();
      assertThat(report.accesses()).isPositive();
      assertThat(report.wrongBytes()).isZero();
      assertThat(report.refused()).isEqualTo(Map.of());
    }
    assertThat(probe.wrong()).isZero();
    assertThat(probe.refused()).isZero();
    assertThat(probe.leaked()).isZero();
    assertThat(sender.sent()).isPositive();
    assertThat(sender.refused()).isZero();
    assertThat(sender.handled()).as("interrupts that arrived").isEqualTo(sender.sent());
  }

  /**
   * Accesses per second of all engines, of the time in which their ports were open.
   *
   * @param closedNanos how long a port was closed in all
   */
  double enginesPerSecond(long closedNanos) {
    return loads.stream()
        .map(DmaLoad::report)
        .mapToDouble(r -> r.accesses() * 1e9 / (r.elapsedNanos() - closedNanos))
        .sum();
  }

  @Override
  public void close() {
    stop.set(true);
    probe.stop();
    sender.stop();
    rig.close();
  }
}
