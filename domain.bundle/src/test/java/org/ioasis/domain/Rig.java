package org.ioasis.domain;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.DomainEvent;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.device.Announcer;
import org.ioasis.domain.device.DeviceParts;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.domain.hwpt.KindProbe;
import org.ioasis.domain.memory.FrameStore;
import org.ioasis.domain.memory.Sources;
import org.ioasis.domain.space.IoasClient;
import org.ioasis.domain.space.KindLimits;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.space.Spaces;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.ioasis.vtd.hardware.VtdFactory;

/** A private machine with units, devices and everything of the bundle but its components. */
public final class Rig implements AutoCloseable {
  public static final int RW = DmaRequest.READ | DmaRequest.WRITE;
  public static final int NO_PASID = DmaRequest.NO_PASID;
  public static final long PAGE = 4096;

  /** VT-d units as the ready-made profiles have them. */
  public static final String LEGACY = "legacy48", SECOND = "scal-ss", FIRST = "scal-fs-pasid";

  public final Machine machine;
  public final Objects objects;
  public final FrameStore store;
  public final Spaces spaces;
  public final Core core;
  public final Client client = new Client(1, "test.client", () -> true);
  public final Set<Integer> allocatedPasids = new HashSet<>();
  public final Set<Handle<?>> queues = new HashSet<>();
  public final List<DomainEvent> events = new ArrayList<>();
  public final Map<String, HardwareUnit> units = new HashMap<>();
  private final Deque<Runnable> later = new ArrayDeque<>();
  private final List<TestDevice> devices = new ArrayList<>();

  public Rig() {
    this(new DeviceSettings(), Scheduler.Mode.INLINE);
  }

  public Rig(DeviceSettings settings) {
    this(settings, Scheduler.Mode.INLINE);
  }

  public Rig(DeviceSettings settings, Scheduler.Mode mode) {
    this(settings, mode, mode == Scheduler.Mode.THREADED);
  }

  public Rig(DeviceSettings settings, Scheduler.Mode mode, boolean realTime) {
    MachineSpec spec =
        MachineSpec.isolated("rig", 48, List.of(MemoryRegion.ram(0, 1L << 30)))
            .withScheduler(mode)
            .withSeed(7);
    machine = new DefaultMachineFactory().create(realTime ? spec.onRealTime() : spec);
    AtomicLong secrets = new AtomicLong(1);
    objects = new Objects(secrets::getAndIncrement, true);
    store = new FrameStore(machine.memory(), machine.frames("sources"));
    spaces =
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
                settings,
                unit -> Map.of(),
                unit -> Optional.ofNullable(units.get(unit)).map(UnitView::new),
                allocatedPasids::contains,
                Announcer.NONE,
                this::later),
            queues::contains);
    core.parts().events().add(events::add);
    spaces.kinds(new KindProbe(core.parts().hosts()::hosts));
  }

  private void later(Runnable action) {
    synchronized (later) {
      later.add(action);
    }
  }

  /** Tells the events so far. */
  public List<DomainEvent> events() {
    while (true) {
      Runnable next;
      synchronized (later) {
        next = later.poll();
      }
      if (next == null) {
        return events;
      }
      next.run();
    }
  }

  /** A VT-d unit with this profile. */
  public Rig vtd(String unitId, String profile) {
    return unit(unitId, new VtdFactory(), profile);
  }

  /** Installs a unit, as the platform does. */
  public Rig unit(String unitId, HardwareFactory factory, String profile) {
    Profile found =
        factory.profiles().stream()
            .filter(p -> p.name().equals(profile))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no profile " + profile));
    HardwareUnit unit = factory.create(machine.environment(unitId), found);
    machine.fabric().install(unitId, unit, unit.mmio());
    units.put(unitId, unit);
    core.parts().hosts().unitCame(unitId, factory.kind());
    return this;
  }

  /** Takes a unit away, as the platform does when its vendor goes. */
  public void removeUnit(String unitId) {
    machine.fabric().remove(unitId);
    core.parts().hosts().unitGone(unitId);
    units.remove(unitId).close();
  }

  /** Drivers of a kind are there. */
  public Rig drivers(DriverFactory... factories) {
    for (DriverFactory factory : factories) {
      core.parts().hosts().factoryCame(factory);
    }
    return this;
  }

  /** VT-d drivers are there. */
  public Rig vtdDrivers() {
    return drivers(new VtdDriverFactory());
  }

  /** A device on the fabric. */
  public TestDevice device(String name, int sourceId) {
    return device(TestDevice.spec(name, sourceId, 0));
  }

  /** A device on the fabric. */
  public TestDevice device(org.ioasis.api.machine.EndpointSpec spec) {
    TestDevice device = new TestDevice(machine, spec);
    devices.add(device);
    return device;
  }

  /** Binds a device for the test. */
  public Device bind(TestDevice device) {
    return core.deviceService(client).bind(device.name(), Binding.of("test", device.sourceId()));
  }

  /** The service of spaces. */
  public IoasService ioas() {
    return new IoasClient(spaces, client);
  }

  /** An empty space. */
  public AddressSpace space(String name) {
    return ioas().createSpace(AddressSpaceSpec.named(name));
  }

  /** Memory filled with its own page numbers. */
  public MemorySource memory(String name, int pages) {
    return ioas().createSource(name, new MemorySpec.Anonymous(pages * PAGE, false));
  }

  /** Maps a whole source at an address. */
  public void map(AddressSpace space, MemorySource source, long iova) {
    space.map(MapRequest.of(source.handle(), 0, source.length(), RW).at(iova));
  }

  /** Attaches a device to a space. */
  public static void attach(Device device, AddressSpace space) {
    device.attach(new AttachTarget.Space(space.handle()), NO_PASID);
  }

  /** Data of a vendor&#39;s format: words, little-endian. */
  public static Blob blob(String type, long... words) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      bytes.putLong(word);
    }
    return new Blob(type, bytes.flip());
  }

  /** The refusal of a call. */
  public static org.ioasis.api.IoasisException refusal(Supplier<?> call) {
    try {
      Object unused = call.get();
    } catch (org.ioasis.api.IoasisException e) {
      return e;
    }
    throw new AssertionError("it was not refused");
  }

  /** The refusal of a call. */
  public static org.ioasis.api.IoasisException refusal(Runnable call) {
    return refusal(
        () -> {
          call.run();
          return null;
        });
  }

  @Override
  public void close() {
    core.close();
    machine.close();
  }
}
