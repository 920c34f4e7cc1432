package org.ioasis.benchmark.product;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.ioasis.api.IovaRange;
import org.ioasis.api.driver.DeviceControl;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.benchmark.floor.StoreFloor;
import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.benchmark.rig.Vendors;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.ioasis.vtd.hardware.VtdFactory;
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
 * is full, it is unmapped and synchronised inside the measured time, so each figure is an upper
 * bound that holds its share of an unmap.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MapBenchmark {
  private static final String UNIT = "dmar0";
  private static final long PAGE = 4096;
  private static final long BATCH_BYTES = StoreFloor.BATCH * PAGE;
  private static final long FIRST = 1L << 32;

  /** As many leaf tables as {@link StoreFloor} has. */
  private static final long WINDOW =
      (long) Footprint.L2.leafTables() * Footprint.TABLE_WORDS * PAGE;

  /** An odd page, so that no larger page fits. */
  private static final long OUTPUT = (1L << 33) + PAGE;

  private static final int RIGHTS = DmaRequest.READ | DmaRequest.WRITE;

  /** Whose driver. */
  @Param("vtd")
  public String vendor;

  private Machine machine;
  private HardwareUnit unit;
  private IommuDriver driver;
  private DriverDomain domain;
  private DomainBatch batch;
  private long at;

  /** Warms all vendors and starts a driver with one paging domain. */
  @Setup
  public void open() {
    Vendors.warm();
    machine =
        new DefaultMachineFactory()
            .create(MachineSpec.isolated("map", 48, List.of(MemoryRegion.ram(0, 1L << 30))));
    VtdFactory hardware = new VtdFactory();
    unit = hardware.create(machine.environment(UNIT), hardware.profiles().get(0));
    machine.fabric().install(UNIT, unit, unit.mmio());
    DriverEnvironment environment =
        new DriverEnvironment(
            UNIT,
            unit.mmio(),
            machine.memory(),
            machine.frames(UNIT),
            machine.interrupts(),
            machine.time(),
            new NoDevices());
    driver = new VtdDriverFactory().create(environment, Map.of());
    driver.start(new NoFaults());
    domain = driver.createDomain(DomainSpec.paging(Set.of()));
    batch = domain.batch();
  }

  /** Ends driver, unit and machine. */
  @TearDown
  public void close() {
    domain.close();
    driver.close();
    machine.fabric().remove(UNIT);
    unit.close();
    machine.close();
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

  private long next() {
    if (at == WINDOW) {
      check(batch.unmap(new IovaRange(FIRST, FIRST + WINDOW - 1)), WINDOW);
      batch.sync();
      at = 0;
    }
    long iova = FIRST + at;
    at += BATCH_BYTES;
    return iova;
  }

  private static void check(long bytes, long expected) {
    if (bytes != expected) {
      throw new IllegalStateException(bytes + " bytes instead of " + expected);
    }
  }

  /** A machine without devices. */
  private static final class NoDevices implements DeviceControl {
    @Override
    public Optional<EndpointSpec> device(int sourceId) {
      return Optional.empty();
    }

    @Override
    public void enable(int sourceId, boolean ats, boolean pageRequests, boolean pasid) {}

    @Override
    public void isolate(int sourceId) {}
  }

  /** Nothing can fault where no device is. */
  private static final class NoFaults implements FaultSink {
    @Override
    public void recoverable(RecoverableFault fault) {
      throw new IllegalStateException(fault.toString());
    }

    @Override
    public void unrecoverable(UnrecoverableFault fault) {
      throw new IllegalStateException(fault.toString());
    }

    @Override
    public void lost(boolean recoverable, long atLeast) {
      throw new IllegalStateException(atLeast + " faults lost");
    }

    @Override
    public void withdrawn(RecoverableFault fault) {
      throw new IllegalStateException(fault.toString());
    }
  }
}
