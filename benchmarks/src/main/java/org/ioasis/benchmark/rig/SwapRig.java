package org.ioasis.benchmark.rig;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.domain.Core;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.device.Announcer;
import org.ioasis.domain.device.DeviceParts;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.domain.memory.FrameStore;
import org.ioasis.domain.memory.Sources;
import org.ioasis.domain.space.IoasClient;
import org.ioasis.domain.space.KindLimits;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.space.Spaces;
import org.ioasis.machine.DefaultMachineFactory;

/**
 * The services of address spaces and devices over two units of different vendors, with one device
 * attached to one space of many mappings, and the exchange of the units for each other.
 *
 * <p><b>Threading:</b> as the services: any thread. One thread swaps.
 */
public final class SwapRig implements AutoCloseable {
  private static final long PAGE = 4096;
  private static final int PAGES = 64;
  private static final long FIRST = 1L << 32;
  private static final int RIGHTS = DmaRequest.READ | DmaRequest.WRITE;

  /** The space that moves. */
  public final AddressSpace space;

  /** Memory to map. */
  public final MemorySource memory;

  private final Machine machine;
  private final Core core;
  private boolean there;

  /**
   * Starts both units and attaches the device behind the first.
   *
   * @param mappings mappings of the space, which the back-fill has to copy
   */
  public SwapRig(Vendor from, Vendor to, int mappings) {
    machine =
        new DefaultMachineFactory()
            .create(
                MachineSpec.isolated("swap", 48, List.of(MemoryRegion.ram(0, 1L << 30)))
                    .onRealTime());
    AtomicLong secrets = new AtomicLong(1);
    Objects objects = new Objects(secrets::getAndIncrement, true);
    FrameStore store = new FrameStore(machine.memory(), machine.frames("sources"));
    Spaces spaces =
        new Spaces(
            objects,
            new Sources(objects, () -> store),
            KindLimits.UNKNOWN,
            Space.FollowerListener.NONE,
            1L << 40);
    core =
        new Core(
            new DeviceParts.Given(
                machine,
                objects,
                Core.spaces(spaces),
                new DeviceSettings().route("0x0-0xffff=a"),
                unit -> Map.of(),
                unit -> Optional.empty(),
                pasid -> false,
                Announcer.NONE,
                Runnable::run),
            queue -> false);
    unit("a", from);
    unit("b", to);
    Client client = new Client(1, "benchmark", () -> true);
    IoasClient ioas = new IoasClient(spaces, client);
    space = ioas.createSpace(AddressSpaceSpec.named("benchmark"));
    memory = ioas.createSource("benchmark", new MemorySpec.Anonymous(PAGES * PAGE, false));
    for (long i = 0; i < mappings; i++) {
      space.map(MapRequest.of(memory.handle(), 0, PAGE, DmaRequest.READ).at(FIRST + i * 2 * PAGE));
    }
    machine.fabric().join(EndpointSpec.plain("device", 0x100), new Endpoint() {});
    core.deviceService(client)
        .bind("device", Binding.of("benchmark", 1))
        .attach(new AttachTarget.Space(space.handle()), DmaRequest.NO_PASID);
  }

  private void unit(String unitId, Vendor vendor) {
    HardwareFactory factory = vendor.hardware();
    HardwareUnit unit = factory.create(machine.environment(unitId), factory.profiles().get(0));
    machine.fabric().install(unitId, unit, unit.mmio());
    core.parts().hosts().factoryCame(vendor.driver());
    core.parts().hosts().unitCame(unitId, factory.kind());
  }

  /** Maps a page at this page of a window of its own, below the mappings that are there. */
  public void map(long page) {
    space.map(MapRequest.of(memory.handle(), 0, PAGE, RIGHTS).at((1L << 30) + page * PAGE));
  }

  /** Exchanges the units; everything is mapped in the new one before the device moves. */
  public void swap() {
    SwapReport report =
        core.swapService()
            .swap(
                new SwapRequest(
                    there ? "b" : "a",
                    there ? "a" : "b",
                    SwapRequest.Order.MAKE_BEFORE_BREAK,
                    SwapRequest.Formats.REFUSE));
    if (!report.performed()) {
      throw new IllegalStateException("not swapped: " + report);
    }
    there = !there;
  }

  @Override
  public void close() {
    core.close();
    machine.close();
  }
}
