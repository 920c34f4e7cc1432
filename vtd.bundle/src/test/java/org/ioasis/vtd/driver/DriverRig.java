package org.ioasis.vtd.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.ioasis.api.driver.DeviceControl;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.vtd.UnitUnderTest;

/** A private machine with one unit, one device behind it, and a driver in front of it. */
final class DriverRig implements AutoCloseable {
  static final int SID = 0x329;
  static final String UNIT = "dmar0";

  /** Unit and way of running it. */
  enum Kind {
    /** 128-bit queue, non-coherent walks, legacy mode. */
    LEGACY(0x80D2008C222F0606L, 0xF42L, 0, 2),
    /** The same with caching mode. */
    CACHING(0x80D2008C222F0686L, 0xF42L, 0, 2),
    /** A scalable unit run in legacy mode: 256-bit queue. */
    WIDE_LEGACY(0x81D2008C222F0606L, 0x0003C99800F00F43L, 1, 2),
    /** Scalable mode, second stage. */
    SECOND(0x81D2008C222F0606L, 0x0003C99800F00FC3L, 0, 2),
    /** Scalable mode, first stage. */
    FIRST(0x81D2008C222F0606L, 0x0003C99800F00F43L, 0, 1),
    /** Scalable mode with caching mode, three fault records, no SRTP invalidation. */
    SCALABLE_CACHING(0x01D2028C222F0686L, 0x0003C99800F00F43L, 0, 2),
    /** Everything, second stage. */
    FULL(FullRig.CAP, FullRig.ECAP, 0, 2);

    final long cap;
    final long ecap;
    final long legacy;
    final int stage;

    Kind(long cap, long ecap, long legacy, int stage) {
      this.cap = cap;
      this.ecap = ecap;
      this.legacy = legacy;
      this.stage = stage;
    }

    boolean scalable() {
      return legacy == 0 && (ecap >>> 43 & 1) != 0;
    }
  }

  /** Everything the driver said. */
  static final class Faults implements FaultSink {
    final List<UnrecoverableFault> seen = new CopyOnWriteArrayList<>();
    final List<Long> lost = new CopyOnWriteArrayList<>();

    @Override
    public void recoverable(RecoverableFault fault) {
      throw new AssertionError("nothing waits in this unit: " + fault);
    }

    @Override
    public void unrecoverable(UnrecoverableFault fault) {
      seen.add(fault);
    }

    @Override
    public void lost(boolean recoverable, long atLeast) {
      lost.add(atLeast);
    }

    @Override
    public void withdrawn(RecoverableFault fault) {
      throw new AssertionError("nothing waits in this unit: " + fault);
    }
  }

  final Kind kind;
  final Machine machine;
  final HardwareUnit unit;
  final FrameAllocator frames;
  final DriverEnvironment environment;
  final Faults faults = new Faults();
  final DmaPort port;
  final List<String> controls = new ArrayList<>();
  IommuDriver driver;

  DriverRig(Kind kind, Scheduler.Mode mode) {
    this(kind, mode, mmio -> mmio);
  }

  DriverRig(Kind kind, Scheduler.Mode mode, UnaryOperator<Mmio> between) {
    this.kind = kind;
    MachineSpec spec =
        MachineSpec.isolated("rig", 48, List.of(MemoryRegion.ram(0, 1L << 30)))
            .withScheduler(mode)
            .withSeed(42);
    machine =
        new DefaultMachineFactory()
            .create(mode == Scheduler.Mode.THREADED ? spec.onRealTime() : spec);
    Profile profile =
        new Profile(
            "vtd",
            kind.name(),
            Map.of("VER", 0x10L, "CAP", kind.cap, "ECAP", kind.ecap),
            Map.of("haw", 48L),
            List.of(),
            0);
    unit = UnitUnderTest.factory().create(machine.environment(UNIT), profile);
    machine.fabric().install(UNIT, unit);
    frames = machine.frames(UNIT);
    environment =
        new DriverEnvironment(
            UNIT,
            between.apply(unit.mmio()),
            machine.memory(),
            frames,
            machine.interrupts(),
            machine.time(),
            new Control());
    port = machine.fabric().join(endpoint(), new Endpoint() {});
    machine.fabric().port(SID).orElseThrow().open(UNIT);
    driver = newDriver();
  }

  static EndpointSpec endpoint() {
    return new EndpointSpec("nic", SID, false, false, false, false, 20);
  }

  static DeviceFacts facts() {
    return new DeviceFacts(endpoint(), List.of(), false);
  }

  IommuDriver newDriver() {
    return new VtdDriverFactory()
        .create(environment, Map.of("legacy", kind.legacy, "timeout.millis", 60_000L));
  }

  DriverRig started() {
    driver.start(faults);
    return this;
  }

  /** One translation in a burst of its own, as the device gets it. */
  long translate(int pasid, long iova, int access) {
    DmaBurst burst = port.burst();
    DmaRequest request = new DmaRequest().set(SID, pasid, iova, 8, access);
    burst.begin();
    try {
      return burst.translate(request);
    } finally {
      burst.end();
    }
  }

  /** Whether such an access is let through to this address. */
  boolean reaches(int pasid, long iova, int access, long address) {
    long answer = translate(pasid, iova, access);
    return Translation.isPresent(answer) && Translation.address(answer) == address;
  }

  /** Whether such an access is refused. */
  boolean refuses(int pasid, long iova, int access) {
    return !Translation.isPresent(translate(pasid, iova, access));
  }

  @Override
  public void close() {
    driver.close();
    machine.close();
  }

  private final class Control implements DeviceControl {
    @Override
    public Optional<EndpointSpec> device(int sourceId) {
      return machine.fabric().port(sourceId).map(control -> control.spec());
    }

    @Override
    public void enable(int sourceId, boolean ats, boolean pageRequests, boolean pasid) {
      controls.add("%x %s %s %s".formatted(sourceId, ats, pageRequests, pasid));
    }

    @Override
    public void isolate(int sourceId) {
      throw new AssertionError("no device TLB is in use: %x".formatted(sourceId));
    }
  }
}
