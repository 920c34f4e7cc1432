package org.ioasis.domain.swap;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.ioasis.amdvi.driver.AmdViDriverFactory;
import org.ioasis.amdvi.hardware.AmdviFactory;
import org.ioasis.api.IovaRange;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.DmaLoad;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.LoadReport;
import org.ioasis.api.engine.LoadSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.InterruptSource;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.domain.Rig;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.machine.engine.DefaultEngineFactory;
import org.ioasis.smmuv3.driver.SmmuDriverFactory;
import org.ioasis.smmuv3.hardware.SmmuFactory;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.ioasis.vtd.hardware.VtdFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Units of different vendors are exchanged while engines move and verify every byte. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class SwapLoadTest {
  /** A vendor as this test needs it. */
  @SuppressWarnings("ImmutableEnumChecker") // factories hold nothing
  enum Vendor {
    VTD(new VtdFactory(), new VtdDriverFactory()),
    SMMUV3(new SmmuFactory(), new SmmuDriverFactory()),
    AMDVI(new AmdviFactory(), new AmdViDriverFactory());

    final HardwareFactory hardware;
    final DriverFactory driver;

    Vendor(HardwareFactory hardware, DriverFactory driver) {
      this.hardware = hardware;
      this.driver = driver;
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(SwapLoadTest.class);
  private static final int ENGINES = 3;
  private static final long PACE = 20_000; // accesses a second of each engine
  private static final long PART = 64 * Rig.PAGE;
  private static final long BASE = 0x10_0000;

  /** Every ordered pair of vendors, both orders of a swap. */
  static Stream<Arguments> pairs() {
    return Arrays.stream(Vendor.values())
        .flatMap(
            from ->
                Arrays.stream(Vendor.values())
                    .flatMap(
                        to ->
                            Arrays.stream(SwapRequest.Order.values())
                                .map(order -> Arguments.of(from, to, order))));
  }

  /** Those of different vendors. */
  static Stream<Arguments> differentVendors() {
    return pairs().filter(pair -> pair.get()[0] != pair.get()[1]);
  }

  /** A space with mappings, three engines in it, a load on each. */
  private static final class Bench implements AutoCloseable {
    final Rig rig;
    final AddressSpace space;
    final List<DmaEngine> engines = new ArrayList<>();
    final List<DmaLoad> loads = new ArrayList<>();
    final List<Thread> threads = new ArrayList<>();
    final AtomicBoolean stop = new AtomicBoolean();

    Bench(Vendor from, Vendor to, int mappings) {
      rig =
          new Rig(new DeviceSettings().route("0x0-0xffff=a"), Scheduler.Mode.INLINE, true)
              .unit("a", from.hardware, "full")
              .unit("b", to.hardware, "full")
              .drivers(from.driver);
      if (to != from) {
        rig.drivers(to.driver);
      }
      space = rig.space("s");
      MemorySource memory = rig.memory("m", (int) (ENGINES * PART / Rig.PAGE));
      for (long at = 0; at < ENGINES * PART; at += Rig.PAGE) {
        space.map(MapRequest.of(memory.handle(), at, Rig.PAGE, Rig.RW).at(BASE + at));
      }
      for (long more = ENGINES * PART / Rig.PAGE; more < mappings; more++) {
        space.map(
            MapRequest.of(memory.handle(), 0, Rig.PAGE, DmaRequest.READ)
                .at((1L << 32) + more * 2 * Rig.PAGE));
      }
      for (int i = 0; i < ENGINES; i++) {
        start(i);
      }
    }

    private void start(int i) {
      String name = "engine" + i;
      DmaEngine engine =
          new DefaultEngineFactory()
              .create(
                  rig.machine,
                  EngineSpec.of(
                      new EndpointSpec(name, 0x100 + 8 * i, false, false, false, false, 0)));
      Device device = rig.core.deviceService(rig.client).bind(name, Binding.of("bench", i));
      Rig.attach(device, space);
      DmaLoad load =
          engine.load(new LoadSpec(DmaRequest.NO_PASID, BASE + i * PART, PART, 64, PACE, 77 + i));
      Thread thread = new Thread(() -> load.run(stop::get), name);
      thread.setDaemon(true);
      thread.start();
      engines.add(engine);
      loads.add(load);
      threads.add(thread);
    }

    SwapReport swap(String from, String to, SwapRequest.Order order) {
      return rig.core
          .swapService()
          .swap(new SwapRequest(from, to, order, SwapRequest.Formats.REFUSE));
    }

    void awaitProgress() throws InterruptedException {
      for (DmaLoad load : loads) {
        load.mark();
      }
      for (DmaLoad load : loads) {
        for (int i = 0; i < 2000 && load.report().accesses() < 50; i++) {
          Thread.sleep(1);
        }
        assertThat(load.report().accesses()).isGreaterThanOrEqualTo(50);
      }
    }

    List<LoadReport> finish() throws InterruptedException {
      stop.set(true);
      for (Thread thread : threads) {
        thread.join(10_000);
      }
      return loads.stream().map(DmaLoad::report).toList();
    }

    @Override
    public void close() {
      stop.set(true);
      rig.close();
    }
  }

  @ParameterizedTest
  @MethodSource("differentVendors")
  void noByteIsWrongNoMappingIsLostAndNoFrameStays(Vendor from, Vendor to, SwapRequest.Order order)
      throws Exception {
    rounds(from, to, order, 300, 1);
  }

  @Tag("stress")
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  @ParameterizedTest
  @MethodSource("pairs")
  void theSameWithAMillionMappingsWhileTheSpaceChanges(
      Vendor from, Vendor to, SwapRequest.Order order) throws Exception {
    rounds(from, to, order, 1_000_000, 3); // a hundred rounds: SwapGapTest
  }

  @ParameterizedTest
  @EnumSource(SwapRequest.Order.class)
  void interruptMessagesAreNeitherLostNorDoubled(SwapRequest.Order order) throws Exception {
    try (Bench bench = new Bench(Vendor.VTD, Vendor.AMDVI, 192)) {
      AtomicLong arrived = new AtomicLong();
      AtomicLong sent = new AtomicLong();
      AtomicLong refused = new AtomicLong();
      InterruptSource.Vector vector = bench.rig.machine.interrupts().allocate("test", () -> {});
      bench
          .rig
          .machine
          .interrupts()
          .addSink(
              (address, data) -> {
                if (address == vector.address() && data == vector.data()) {
                  arrived.incrementAndGet();
                }
              });
      DmaChannel channel = bench.engines.get(0).channel();
      Thread sender =
          new Thread(
              () -> {
                while (!bench.stop.get()) {
                  TransferStatus status = channel.interrupt(vector.address(), vector.data());
                  (status == TransferStatus.OK ? sent : refused).incrementAndGet();
                }
              });
      sender.start();
      thereAndBack(bench, order, 192, new ArrayList<>());
      bench.stop.set(true);
      sender.join();
      assertThat(refused.get()).isZero();
      assertThat(sent.get()).isPositive();
      assertThat(arrived.get()).isEqualTo(sent.get());
      vector.close();
    }
  }

  /** There and back, a number of times, with changes of the space meanwhile. */
  private static void rounds(
      Vendor from, Vendor to, SwapRequest.Order order, int mappings, int rounds) throws Exception {
    List<Long> blackouts = new ArrayList<>();
    try (Bench bench = new Bench(from, to, mappings)) {
      bench.awaitProgress();
      long frames = bench.rig.core.parts().hosts().framesHeld();
      AtomicBoolean changing = new AtomicBoolean(true);
      MemorySource extra = bench.rig.memory("extra", 4);
      Thread changer = new Thread(() -> change(bench.space, extra, changing));
      for (int round = 0; round < rounds; round++) {
        thereAndBack(bench, order, mappings, blackouts);
        if (round == 0) {
          changer.start();
        }
      }
      changing.set(false);
      changer.join();
      thereAndBack(bench, order, mappings, blackouts); // tables that no change has touched
      for (LoadReport report : bench.finish()) {
        assertThat(report.wrongBytes()).isZero();
        assertThat(report.refused()).isEqualTo(Map.of());
      }
      assertThat(bench.rig.core.parts().hosts().framesHeld()).isEqualTo(frames);
      blackouts.sort(null);
      LOG.info(
          "{} to {} {}, {} mappings: blackout in us median {}, p99 {}, longest {}",
          from,
          to,
          order,
          mappings,
          at(blackouts, 50) / 1000,
          at(blackouts, 99) / 1000,
          at(blackouts, 100) / 1000);
    }
  }

  private static void thereAndBack(
      Bench bench, SwapRequest.Order order, int mappings, List<Long> blackouts)
      throws InterruptedException {
    for (String[] way : new String[][] {{"a", "b"}, {"b", "a"}}) {
      SwapReport report = bench.swap(way[0], way[1], order);
      assertThat(report.objections()).isEmpty();
      assertThat(report.performed()).isTrue();
      assertThat(report.mappings()).isGreaterThanOrEqualTo(Math.min(mappings, 192));
      assertThat(report.devices()).hasSize(ENGINES).noneMatch(SwapReport.DeviceSwap::quarantined);
      report.devices().forEach(device -> blackouts.add(device.blackoutNanos()));
      bench.awaitProgress();
    }
  }

  private static long at(List<Long> sorted, int percent) {
    return sorted.get(Math.min(sorted.size() - 1, sorted.size() * percent / 100));
  }

  private static void change(AddressSpace space, MemorySource memory, AtomicBoolean until) {
    for (long i = 0; until.get(); i++) {
      long iova = 0x7000_0000L + (i % 64) * 8 * Rig.PAGE;
      space.map(MapRequest.of(memory.handle(), 0, 4 * Rig.PAGE, Rig.RW).at(iova));
      space.unmap(IovaRange.of(iova, 4 * Rig.PAGE), UnmapMode.WHOLE);
    }
  }
}
