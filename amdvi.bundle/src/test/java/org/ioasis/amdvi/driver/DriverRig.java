package org.ioasis.amdvi.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.ioasis.amdvi.UnitUnderTest;
import org.ioasis.api.driver.DeviceControl;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.machine.engine.DefaultEngineFactory;

/** A private machine with one unit, a DMA engine behind it, and a driver in front of it. */
final class DriverRig implements AutoCloseable {
  static final int SID = 0x340;
  static final int NONE = DmaRequest.NO_PASID;
  static final int RW = DmaRequest.READ | DmaRequest.WRITE;
  static final String UNIT = "iommu0";
  static final long RAM = 1L << 30;

  /** Everything the driver said. */
  static final class Faults implements FaultSink {
    final List<UnrecoverableFault> seen = new CopyOnWriteArrayList<>();
    final List<RecoverableFault> waiting = new CopyOnWriteArrayList<>();
    final List<Boolean> lost = new CopyOnWriteArrayList<>();
    Consumer<RecoverableFault> handler = fault -> {};

    @Override
    public void recoverable(RecoverableFault fault) {
      waiting.add(fault);
      handler.accept(fault);
    }

    @Override
    public void unrecoverable(UnrecoverableFault fault) {
      seen.add(fault);
    }

    @Override
    public void lost(boolean recoverable, long atLeast) {
      lost.add(recoverable);
    }

    @Override
    public void withdrawn(RecoverableFault fault) {
      throw new AssertionError("nothing is withdrawn here: " + fault);
    }
  }

  final Machine machine;
  final HardwareUnit unit;
  final FrameAllocator frames;
  final DriverEnvironment environment;
  final Faults faults = new Faults();
  final List<Integer> isolated = new ArrayList<>();
  final DmaEngine engine;
  final DmaChannel channel;
  final long framesBefore;
  IommuDriver driver;

  DriverRig(Scheduler.Mode mode) {
    this(mode, UnitUnderTest.factory().profiles().get(0));
  }

  DriverRig(Scheduler.Mode mode, Profile profile) {
    MachineSpec spec =
        MachineSpec.isolated("rig", 48, List.of(MemoryRegion.ram(0, RAM)))
            .withScheduler(mode)
            .withSeed(42);
    machine =
        new DefaultMachineFactory()
            .create(mode == Scheduler.Mode.THREADED ? spec.onRealTime() : spec);
    HardwareFactory factory = UnitUnderTest.factory();
    unit = factory.create(machine.environment(UNIT), profile);
    machine.fabric().install(UNIT, unit, unit.mmio());
    frames = machine.frames(UNIT);
    framesBefore = held();
    environment =
        new DriverEnvironment(
            UNIT,
            unit.mmio(),
            machine.memory(),
            frames,
            machine.interrupts(),
            machine.time(),
            new Control());
    engine =
        new DefaultEngineFactory()
            .create(machine, EngineSpec.of(endpoint()).blockedWait(0).answerWait(500_000_000));
    channel = engine.channel();
    machine.fabric().port(SID).orElseThrow().open(UNIT);
    driver = newDriver();
  }

  static EndpointSpec endpoint() {
    return new EndpointSpec("nic", SID, false, true, true, false, 20);
  }

  static DeviceFacts facts() {
    return new DeviceFacts(endpoint(), List.of(), false);
  }

  IommuDriver newDriver() {
    return new AmdViDriverFactory().create(environment, Map.of("timeout.millis", 10_000L));
  }

  DriverRig started() {
    driver.start(faults);
    return this;
  }

  /** Frames that the unit&#39;s owner holds. */
  long held() {
    long[] sum = new long[1];
    frames.forEach((address, sizeLg2) -> sum[0] += 1L << (sizeLg2 - 12));
    return sum[0];
  }

  TransferStatus write(int pasid, long iova, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return channel.write(pasid, iova, bytes.flip());
  }

  TransferStatus read(int pasid, long iova) {
    return channel.read(pasid, iova, ByteBuffer.allocate(8));
  }

  long at(long address) {
    return machine.memory().load64(address);
  }

  /** Lets the machine come to rest, and the driver hand over what there is. */
  void settle() {
    driver.drain(SID, IommuDriver.ALL_PASIDS);
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
      machine.fabric().endpoint(sourceId).orElseThrow().enable(ats, pageRequests, pasid);
    }

    @Override
    public void isolate(int sourceId) {
      isolated.add(sourceId);
      machine.fabric().port(sourceId).orElseThrow().block();
      machine.fabric().awaitGrace(machine.fabric().graceTicket());
    }
  }
}
