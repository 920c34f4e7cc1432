package org.ioasis.vtd.driver;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.ioasis.api.driver.DeviceControl;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.PortControl;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.vtd.UnitUnderTest;

/**
 * A machine whose unit offers everything, with devices that hold translations and ask for pages.
 */
final class FullRig implements AutoCloseable {
  static final int NO_PASID = DmaRequest.NO_PASID;
  static final long CAP = 0xD9D2_078C_2278_0E66L;
  static final long ECAP = 0x33_FF9E_E4F0_0FDFL;
  static final String UNIT = "dmar0";

  /** A device that says what it was told. */
  static final class Device implements Endpoint {
    final int sourceId;
    final List<AtcInvalidation> invalidations = new CopyOnWriteArrayList<>();
    final List<PageResponse> responses = new CopyOnWriteArrayList<>();
    final List<String> switches = new CopyOnWriteArrayList<>();
    volatile boolean silent;
    DmaPort port;

    Device(int sourceId) {
      this.sourceId = sourceId;
    }

    EndpointSpec spec() {
      return new EndpointSpec(
          "device-%x".formatted(sourceId), sourceId, true, true, true, false, 20);
    }

    DeviceFacts facts() {
      return new DeviceFacts(spec(), List.of(), false);
    }

    @Override
    public void invalidateAtc(AtcInvalidation invalidation, Runnable completed) {
      invalidations.add(invalidation);
      if (!silent) {
        completed.run();
      }
    }

    @Override
    public void pageResponse(PageResponse response) {
      responses.add(response);
    }

    /** One translation in a burst of its own. */
    long translate(int pasid, long iova, int access, int addressType) {
      DmaBurst burst = port.burst();
      burst.begin();
      try {
        return burst.translate(
            new DmaRequest().set(sourceId, pasid, iova, 8, access).addressType(addressType));
      } finally {
        burst.end();
      }
    }

    /** Where an access goes; -1 if it is refused. */
    long reach(int pasid, long iova, int access) {
      long answer = translate(pasid, iova, access, DmaRequest.AT_UNTRANSLATED);
      return Translation.isPresent(answer) ? Translation.address(answer) : -1;
    }

    /** Writes 8 bytes; false if that is refused. */
    boolean write(int pasid, long iova, long value) {
      DmaBurst burst = port.burst();
      burst.begin();
      try {
        long answer =
            burst.translate(new DmaRequest().set(sourceId, pasid, iova, 8, DmaRequest.WRITE));
        if (!Translation.isPresent(answer)) {
          return false;
        }
        burst.store(answer, 8, value);
        return true;
      } finally {
        burst.end();
      }
    }

    /** Sends a message; whether it arrives nobody tells the device. */
    void interrupt(long address, int data) {
      DmaBurst burst = port.burst();
      burst.begin();
      try {
        DmaRequest request = new DmaRequest().set(sourceId, NO_PASID, address, 4, DmaRequest.WRITE);
        burst.store(burst.translate(request), 4, data);
      } finally {
        burst.end();
      }
    }

    boolean ask(int pasid, long iova, int access, int group, boolean last) {
      return port.requestPage(new PageRequest(sourceId, pasid, iova, access, false, group, last));
    }
  }

  /** Everything the driver said. */
  static final class Sink implements FaultSink {
    final List<RecoverableFault> asked = new CopyOnWriteArrayList<>();
    final List<UnrecoverableFault> failed = new CopyOnWriteArrayList<>();
    final List<String> lost = new CopyOnWriteArrayList<>();

    @Override
    public void recoverable(RecoverableFault fault) {
      asked.add(fault);
    }

    @Override
    public void unrecoverable(UnrecoverableFault fault) {
      failed.add(fault);
    }

    @Override
    public void lost(boolean recoverable, long atLeast) {
      lost.add(recoverable + " " + atLeast);
    }

    @Override
    public void withdrawn(RecoverableFault fault) {
      throw new AssertionError("this unit withdraws nothing: " + fault);
    }
  }

  final Machine machine;
  final HardwareUnit unit;
  final FrameAllocator frames;
  final DriverEnvironment environment;
  final Sink sink = new Sink();
  final List<Integer> isolated = new CopyOnWriteArrayList<>();
  final Device a = new Device(0x329);
  final Device b = new Device(0x340);
  final Scheduler.Mode mode;
  IommuDriver driver;
  long legacy;

  FullRig(Scheduler.Mode mode) {
    this(mode, CAP, ECAP, mmio -> mmio);
  }

  FullRig(Scheduler.Mode mode, long cap, long ecap, UnaryOperator<Mmio> between) {
    this.mode = mode;
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
            "full",
            Map.of("VER", 0x50L, "CAP", cap, "ECAP", ecap),
            Map.of(
                "haw",
                48L,
                "devicetlb.timeout.millis",
                mode == Scheduler.Mode.THREADED ? 2_000L : 50L),
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
    for (Device device : List.of(a, b)) {
      device.port = machine.fabric().join(device.spec(), device);
      machine.fabric().port(device.sourceId).orElseThrow().open(UNIT);
    }
    driver = newDriver();
  }

  IommuDriver newDriver() {
    return new VtdDriverFactory()
        .create(environment, Map.of("timeout.millis", 5_000L, "legacy", legacy));
  }

  FullRig started() {
    driver.start(sink);
    return this;
  }

  DriverDomain paging(int stage, DomainFlag... flags) {
    return driver.createDomain(
        new DomainSpec(DomainSpec.Type.PAGING, Set.of(flags), 0, stage, null, null));
  }

  /** Lets the machine go on until something holds. */
  void await(BooleanSupplier condition) {
    if (!condition.getAsBoolean() && !machine.time().await(condition, 5_000_000_000L)) {
      throw new AssertionError("it did not come");
    }
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
      (sourceId == a.sourceId ? a : b).switches.add(ats + " " + pageRequests + " " + pasid);
      machine.fabric().endpoint(sourceId).ifPresent(to -> to.enable(ats, pageRequests, pasid));
    }

    @Override
    public void isolate(int sourceId) {
      machine.fabric().port(sourceId).ifPresent(PortControl::block);
      isolated.add(sourceId);
    }
  }
}
