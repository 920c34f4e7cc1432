package org.ioasis.benchmark.rig;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.DefaultMachineFactory;

/**
 * A private machine of 1 GiB with one unit of a vendor's first ready-made profile and the vendor's
 * driver in front of it. The models' work is done inline: a doorbell write returns when the queue
 * is drained.
 *
 * <p><b>Threading:</b> one thread.
 */
public final class DriverRig implements AutoCloseable {
  private static final String UNIT = "bench0";
  private static final int PASID_BITS = 16;

  /** Page requests that wait for an answer, oldest first. */
  public final Deque<RecoverableFault> asked = new ArrayDeque<>();

  private final Machine machine;
  private final HardwareUnit unit;
  private final IommuDriver driver;
  private final Deque<Runnable> ends = new ArrayDeque<>();
  private long answers;

  /**
   * Starts unit and driver.
   *
   * @param parameters profile parameters besides the profile's own
   */
  public DriverRig(Vendor vendor, Map<String, Long> parameters) {
    machine =
        new DefaultMachineFactory()
            .create(MachineSpec.isolated("driver", 48, List.of(MemoryRegion.ram(0, 1L << 30))));
    HardwareFactory hardware = vendor.hardware();
    unit = hardware.create(machine.environment(UNIT), profile(hardware, parameters));
    machine.fabric().install(UNIT, unit, unit.mmio());
    driver =
        vendor
            .driver()
            .create(
                new DriverEnvironment(
                    UNIT,
                    unit.mmio(),
                    machine.memory(),
                    machine.frames(UNIT),
                    machine.interrupts(),
                    machine.time(),
                    new Devices()),
                Map.of());
    driver.start(new Faults());
  }

  private static Profile profile(HardwareFactory hardware, Map<String, Long> parameters) {
    Profile first = hardware.profiles().get(0);
    Map<String, Long> all = new TreeMap<>(first.parameters());
    all.putAll(parameters);
    return new Profile(
        first.kind(), first.name(), first.registers(), all, first.ram(), first.mmioBase());
  }

  /** A domain with tables of the driver's. */
  public DriverDomain domain(DomainFlag... flags) {
    DriverDomain domain = driver.createDomain(DomainSpec.paging(Set.of(flags)));
    ends.push(domain::close);
    return domain;
  }

  /**
   * A device, attached and with its port open.
   *
   * @param stalls whether its transactions wait in the unit for a page; else it asks for pages
   */
  public DmaPort device(int sourceId, boolean stalls, DriverDomain domain) {
    EndpointSpec spec =
        new EndpointSpec(
            "device" + sourceId, sourceId, !stalls, !stalls, !stalls, stalls, PASID_BITS);
    DmaPort port = machine.fabric().join(spec, new Device());
    var device = driver.addDevice(new DeviceFacts(spec, List.of(), false));
    device.attach(DmaRequest.NO_PASID, domain);
    ends.push(device::close);
    machine.fabric().port(sourceId).orElseThrow().open(UNIT);
    return port;
  }

  /** The driver. */
  public IommuDriver driver() {
    return driver;
  }

  /** The unit. */
  public HardwareUnit unit() {
    return unit;
  }

  /** How many page requests and stalled transactions have ended. */
  public long answers() {
    return answers;
  }

  @Override
  public void close() {
    ends.forEach(Runnable::run);
    driver.close();
    machine.fabric().remove(UNIT);
    unit.close();
    machine.close();
  }

  /** Counts what it is told. */
  private final class Device implements Endpoint {
    @Override
    public void pageResponse(PageResponse response) {
      if (response.code() != PageResponse.Code.SUCCESS) {
        throw new IllegalStateException("page request refused: " + response);
      }
      answers++;
    }

    @Override
    public void stallEnded(long stallTag, StallEnd end) {
      answers++;
    }
  }

  private final class Devices implements DeviceControl {
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
      throw new IllegalStateException("device 0x%x did not answer".formatted(sourceId));
    }
  }

  private final class Faults implements FaultSink {
    @Override
    public void recoverable(RecoverableFault fault) {
      asked.add(fault);
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
