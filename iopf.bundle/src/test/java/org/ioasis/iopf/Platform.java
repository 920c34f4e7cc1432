package org.ioasis.iopf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.ioasis.amdvi.driver.AmdViDriverFactory;
import org.ioasis.amdvi.hardware.AmdviFactory;
import org.ioasis.api.Handle;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.DomainService;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.EngineSpec;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultHandler;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.MachineSpec;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.VirtualTime;
import org.ioasis.api.machine.Work;
import org.ioasis.api.machine.WorkQueue;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.domain.Core;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.device.Announcer;
import org.ioasis.domain.device.DeviceParts;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.domain.memory.FrameStore;
import org.ioasis.domain.memory.Sources;
import org.ioasis.domain.space.DemandHandler;
import org.ioasis.domain.space.Follower;
import org.ioasis.domain.space.IoasClient;
import org.ioasis.domain.space.KindLimits;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.space.Spaces;
import org.ioasis.iopf.core.Dispatcher;
import org.ioasis.iopf.core.Router;
import org.ioasis.iopf.core.Settings;
import org.ioasis.iopf.core.Surroundings;
import org.ioasis.iopf.core.Turn;
import org.ioasis.machine.DefaultMachineFactory;
import org.ioasis.machine.engine.DefaultEngineFactory;
import org.ioasis.smmuv3.driver.SmmuDriverFactory;
import org.ioasis.smmuv3.hardware.SmmuFactory;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.ioasis.vtd.hardware.VtdFactory;

/**
 * A private machine with real units and drivers, the services of domain.bundle, and the router
 * between them. On virtual time the router's threads are a queue of the machine's scheduler, so
 * that whoever waits lets them run; on real time they are {@link Workers}.
 */
final class Platform implements AutoCloseable {
  static final int RW = DmaRequest.READ | DmaRequest.WRITE;
  static final int NO_PASID = DmaRequest.NO_PASID;
  static final long PAGE = 4096;
  private static final long PATIENCE_NANOS = 30_000_000_000L;

  /** The vendors, the SMMU with page requests and with stalled transactions. */
  @SuppressWarnings("ImmutableEnumChecker") // constructors hold nothing
  enum Vendor {
    VTD("full", VtdFactory::new, VtdDriverFactory::new),
    AMDVI("full", AmdviFactory::new, AmdViDriverFactory::new),
    SMMUV3("full", SmmuFactory::new, SmmuDriverFactory::new),
    SMMUV3_STALL("full", SmmuFactory::new, SmmuDriverFactory::new);

    private final String profile;
    private final Supplier<HardwareFactory> hardware;
    private final Supplier<DriverFactory> driver;

    Vendor(String profile, Supplier<HardwareFactory> hardware, Supplier<DriverFactory> driver) {
      this.profile = profile;
      this.hardware = hardware;
      this.driver = driver;
    }

    /** A device that faults in the vendor's way. */
    EndpointSpec endpoint(String name, int sourceId) {
      boolean stall = this == SMMUV3_STALL;
      return new EndpointSpec(name, sourceId, !stall, !stall, !stall, stall, 16);
    }
  }

  final Machine machine;
  final Core core;
  final Router router;

  /** The PASIDs that an allocator has handed out. */
  final Set<Integer> allocated = new HashSet<>();

  final org.ioasis.iopf.core.Client faults;
  private final Client client = new Client(1, "test.client", () -> true);
  private final Spaces spaces;
  private final Map<String, HardwareUnit> units = new HashMap<>();
  private final List<DmaEngine> engines = new ArrayList<>();
  private final Workers workers;
  private final boolean real;
  private final AtomicLong services = new AtomicLong();

  Platform(Scheduler.Mode mode) {
    this(mode, new DeviceSettings());
  }

  Platform(Scheduler.Mode mode, DeviceSettings settings) {
    this(mode, mode == Scheduler.Mode.THREADED, settings);
  }

  /** Work of the models inline and real time, as the platform is configured unless told. */
  static Platform asShipped() {
    return new Platform(Scheduler.Mode.INLINE, true, new DeviceSettings());
  }

  private Platform(Scheduler.Mode mode, boolean real, DeviceSettings settings) {
    MachineSpec spec =
        MachineSpec.isolated("platform", 48, List.of(MemoryRegion.ram(0, 1L << 30)))
            .withScheduler(mode)
            .withSeed(8);
    machine = new DefaultMachineFactory().create(real ? spec.onRealTime() : spec);
    workers = real ? new Workers(8, 0) : null;
    router =
        new Router(
            new Surroundings(
                real ? workers : new Turns(machine.scheduler()), new Records(), Settings.DEFAULT));
    faults = router.client(1);
    this.real = real;
    if (real) { // what is measured is not how busy the machine of the test is
      faults.timeout(DrainScope.ALL, PATIENCE_NANOS);
    }
    AtomicLong secrets = new AtomicLong(1);
    Objects objects = new Objects(secrets::getAndIncrement, true);
    FrameStore store = new FrameStore(machine.memory(), machine.frames("sources"));
    Demand demand = new Demand();
    Sources sources = new Sources(objects, () -> store);
    spaces = new Spaces(objects, sources, KindLimits.UNKNOWN, demand, 1L << 40);
    core =
        new Core(
            new DeviceParts.Given(
                machine,
                objects,
                Core.spaces(spaces),
                settings,
                unit -> Map.of(),
                unit -> Optional.empty(),
                allocated::contains,
                Announcer.NONE,
                Runnable::run),
            this::lives);
    core.parts().devices().router(router);
    router.setOrigin(core.parts().origin());
    core.parts().hosts().routerCame(router);
  }

  private boolean lives(Handle<FaultQueue> handle) {
    try {
      return faults.queue(handle) != null;
    } catch (org.ioasis.api.IoasisException e) {
      return false;
    }
  }

  /** Turns in a queue of the machine's scheduler. */
  private static final class Turns implements Dispatcher {
    private final ConcurrentLinkedQueue<Turn> ready = new ConcurrentLinkedQueue<>();
    private final WorkQueue queue;

    Turns(Scheduler scheduler) {
      queue = scheduler.queue("iopf", this::work);
    }

    @Override
    public void ready(Turn turn) {
      ready.add(turn);
      queue.kick();
    }

    private Work.Progress work() {
      Turn turn = ready.poll();
      if (turn != null) {
        turn.run();
      }
      if (!ready.isEmpty()) {
        queue.kick();
      }
      return Work.Progress.DONE;
    }
  }

  /** Handlers for page tables that follow a space, as the bundle registers them. */
  private final class Demand implements Space.FollowerListener {
    private final Map<Follower, Long> registered = new HashMap<>();

    @Override
    public void joined(Space space, Follower follower) {
      if (follower.faultCapable() && follower.domain().isPresent()) {
        int domain = follower.domain().get().id();
        registered.put(follower, handler(domain, new DemandHandler(space), 0));
      }
    }

    @Override
    public void left(Space space, Follower follower) {
      Long id = registered.remove(follower);
      if (id != null) {
        router.removeHandler(id);
      }
    }
  }

  /** A handler for a page table; above the platform's own and those before it. */
  long handler(int domain, FaultHandler handler) {
    return handler(domain, handler, (int) services.get() + 1);
  }

  private long handler(int domain, FaultHandler handler, int ranking) {
    long id = services.incrementAndGet();
    router.addHandler(handler, domain, "handler" + domain, ranking, id);
    return id;
  }

  /** Installs a unit with its driver. */
  Platform unit(String unitId, Vendor vendor) {
    return unit(unitId, vendor, vendor.profile);
  }

  /** The same after another ready-made profile. */
  Platform unit(String unitId, Vendor vendor, String name) {
    HardwareFactory factory = vendor.hardware.get();
    Profile profile =
        factory.profiles().stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
    HardwareUnit unit = factory.create(machine.environment(unitId), profile);
    machine.fabric().install(unitId, unit, unit.mmio());
    units.put(unitId, unit);
    core.parts().hosts().factoryCame(vendor.driver.get());
    core.parts().hosts().unitCame(unitId, factory.kind());
    return this;
  }

  /** A device that asks for pages in the vendor's way. */
  DmaEngine engine(Vendor vendor, String name, int sourceId) {
    DmaEngine engine =
        new DefaultEngineFactory().create(machine, spec(vendor.endpoint(name, sourceId)));
    engines.add(engine);
    return engine;
  }

  private EngineSpec spec(EndpointSpec endpoint) {
    EngineSpec spec = EngineSpec.of(endpoint);
    return real ? spec.answerWait(PATIENCE_NANOS) : spec;
  }

  DeviceService devices() {
    return core.deviceService(client);
  }

  DomainService domains() {
    return core.domainService(client);
  }

  IoasService ioas() {
    return new IoasClient(spaces, client);
  }

  /** Binds a device; its label is 0xA0000 plus its source id. */
  Device bind(DmaEngine engine) {
    EndpointSpec spec = engine.spec().endpoint();
    return devices().bind(spec.name(), Binding.of("test", 0xA0000 + spec.sourceId()));
  }

  AddressSpace space(String name) {
    return ioas().createSpace(AddressSpaceSpec.named(name));
  }

  /** Memory that comes when it is touched. */
  MemorySource onDemand(String name, int pages) {
    return ioas().createSource(name, new MemorySpec.Anonymous(pages * PAGE, true));
  }

  static void map(AddressSpace space, MemorySource source, long iova, int rights) {
    space.map(MapRequest.of(source.handle(), 0, source.length(), rights).at(iova));
  }

  static void attach(Device device, AddressSpace space, int pasid) {
    device.attach(new AttachTarget.Space(space.handle()), pasid);
  }

  static TransferStatus store(DmaChannel channel, int pasid, long iova, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    return channel.write(pasid, iova, bytes.putLong(value).flip());
  }

  /** What a device reads; it must be let. */
  static long load(DmaChannel channel, int pasid, long iova) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    TransferStatus status = channel.read(pasid, iova, bytes);
    if (status != TransferStatus.OK) {
      throw new AssertionError("read of 0x%x: %s".formatted(iova, status));
    }
    return bytes.flip().getLong();
  }

  long counter(String name) {
    return faults.counters().get(name);
  }

  /** Whether a unit's structures in memory lead a PASID of a device to any page. */
  boolean reaches(String unitId, int sourceId, int pasid) {
    boolean[] found = {false};
    units
        .get(unitId)
        .inspector()
        .mappings(sourceId, row -> found[0] |= row.asLong("pasid").orElse(-1L) == pasid);
    return found[0];
  }

  /** Answers why a request meets what it meets. */
  Optional<Explainer> explainer(String unitId) {
    return Optional.ofNullable(units.get(unitId)).map(HardwareUnit::explainer);
  }

  /** Lets everything that is under way end. */
  void settle() {
    machine.scheduler().runUntilIdle(100_000);
  }

  void advance(long nanos) {
    ((VirtualTime) machine.time()).advance(nanos);
    settle();
  }

  @Override
  public void close() {
    router.close();
    core.close();
    engines.forEach(DmaEngine::close);
    if (workers != null) {
      workers.close();
    }
    machine.close();
  }
}
