package org.ioasis.allocator.core;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.ioasis.api.driver.DeviceControl;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
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
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.ioasis.vtd.hardware.VtdFactory;

/** A machine with a VT-d unit in scalable mode, its driver, and a device that does DMA by PASID. */
final class VtdScene implements AutoCloseable {
  static final int SID = 0x329;
  static final long IOVA = 0x12_3456_7000L;
  private static final String UNIT = "dmar0";
  private static final long CAP = 0x81D2_008C_222F_0606L;
  private static final long ECAP = 0x0003_C998_00F0_0FC3L; // scalable mode, second stage
  private static final EndpointSpec NIC =
      new EndpointSpec("nic", SID, false, false, false, false, 20);

  final Machine machine =
      new DefaultMachineFactory()
          .create(
              MachineSpec.isolated("rig", 48, List.of(MemoryRegion.ram(0, 1L << 30)))
                  .withScheduler(Scheduler.Mode.THREADED)
                  .withSeed(42)
                  .onRealTime());
  final List<UnrecoverableFault> faults = new CopyOnWriteArrayList<>();
  final IommuDriver driver;
  final DriverDevice device;
  private final DmaPort port;

  VtdScene() {
    Profile profile =
        new Profile(
            "vtd",
            "end of DMA",
            Map.of("VER", 0x10L, "CAP", CAP, "ECAP", ECAP),
            Map.of("haw", 48L),
            List.of(),
            0);
    HardwareUnit unit = new VtdFactory().create(machine.environment(UNIT), profile);
    machine.fabric().install(UNIT, unit);
    port = machine.fabric().join(NIC, new Endpoint() {});
    machine.fabric().port(SID).orElseThrow().open(UNIT);
    DriverEnvironment environment =
        new DriverEnvironment(
            UNIT,
            unit.mmio(),
            machine.memory(),
            machine.frames(UNIT),
            machine.interrupts(),
            machine.time(),
            new Control());
    driver = new VtdDriverFactory().create(environment, Map.of("timeout.millis", 60_000L));
    driver.start(new Sink());
    device = driver.addDevice(new DeviceFacts(NIC, List.of(), false));
  }

  /** A table that leads {@link #IOVA} to a page. */
  DriverDomain leadingTo(long page) {
    DriverDomain domain =
        driver.createDomain(new DomainSpec(DomainSpec.Type.PAGING, Set.of(), 0, 2, null, null));
    DomainBatch batch = domain.batch();
    batch.map(IOVA, page, 0x1000, 3);
    batch.sync();
    return domain;
  }

  /** Where a write by PASID goes just now, or -1. */
  long reaches(int pasid) {
    DmaBurst burst = port.burst();
    burst.begin();
    try {
      long answer = burst.translate(new DmaRequest().set(SID, pasid, IOVA, 8, 2));
      return Translation.isPresent(answer) ? Translation.address(answer) : -1;
    } finally {
      burst.end();
    }
  }

  /** An engine of the device that writes to {@link #IOVA} by a PASID until it is stopped. */
  final class Engine {
    final AtomicLong writes = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    private final int pasid;
    private final DmaBurst burst = port.burst();
    private final Thread thread = new Thread(this::work, "engine");
    private volatile boolean stop;

    Engine(int pasid) {
      this.pasid = pasid;
      thread.setDaemon(true);
      thread.start();
    }

    private void work() {
      while (!stop) {
        if (access(IOVA)) {
          writes.incrementAndGet();
        } else {
          refused.incrementAndGet();
        }
        LockSupport.parkNanos(1);
      }
      access(IOVA + 0x10_0000); // not mapped: its record is to be drained
    }

    private boolean access(long iova) {
      burst.begin();
      try {
        long answer = burst.translate(new DmaRequest().set(SID, pasid, iova, 8, 2));
        if (Translation.isPresent(answer)) {
          burst.store(answer, 8, writes.get() + 1);
          return true;
        }
        return false;
      } finally {
        burst.end();
      }
    }

    boolean isRunning() {
      return thread.isAlive();
    }

    /** Returns when nothing of it is under way. */
    void stop() {
      stop = true;
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    void awaitWrites(long more) {
      long target = writes.get() + more;
      while (writes.get() < target && isRunning()) {
        Thread.onSpinWait();
      }
    }
  }

  @Override
  public void close() {
    device.close();
    driver.close();
    machine.close();
  }

  private final class Sink implements FaultSink {
    @Override
    public void recoverable(RecoverableFault fault) {
      throw new AssertionError("nothing waits in this unit: " + fault);
    }

    @Override
    public void unrecoverable(UnrecoverableFault fault) {
      faults.add(fault);
    }

    @Override
    public void lost(boolean recoverable, long atLeast) {
      throw new AssertionError("lost " + atLeast);
    }

    @Override
    public void withdrawn(RecoverableFault fault) {
      throw new AssertionError("nothing waits in this unit: " + fault);
    }
  }

  private final class Control implements DeviceControl {
    @Override
    public Optional<EndpointSpec> device(int sourceId) {
      return machine.fabric().port(sourceId).map(control -> control.spec());
    }

    @Override
    public void enable(int sourceId, boolean ats, boolean pageRequests, boolean pasid) {
      // the device sends PASIDs anyhow
    }

    @Override
    public void isolate(int sourceId) {
      throw new AssertionError("no device TLB is in use: %x".formatted(sourceId));
    }
  }
}
