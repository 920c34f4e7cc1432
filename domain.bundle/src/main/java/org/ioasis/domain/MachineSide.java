package org.ioasis.domain;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.device.AssignmentObserver;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.device.Tenant;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainListener;
import org.ioasis.api.domain.DomainService;
import org.ioasis.api.domain.SwapService;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.api.fault.FaultService;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.IoasidService;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.machine.Machine;
import org.ioasis.domain.client.Clients;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.command.DomainCommands;
import org.ioasis.domain.device.DeviceParts;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.domain.device.PasidEnds;
import org.ioasis.domain.hwpt.KindProbe;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything of the bundle that needs the machine: units and their drivers, devices, domains,
 * swaps. What comes before the machine waits for it.
 *
 * <p><b>Threading:</b> the framework's; the monitor serialises what comes and goes. A driver
 * starts, hands over and stops under it; no client's call takes it.
 */
final class MachineSide {
  private static final Logger LOG = LoggerFactory.getLogger(MachineSide.class);

  private final BundleContext context;
  private final DeviceSettings settings;
  private final Map<String, Map<String, Long>> drivers;
  private final Map<String, UnitService> units = new LinkedHashMap<>();
  private final Map<String, UnitService> looks = new ConcurrentHashMap<>();
  private final List<DriverFactory> factories = new ArrayList<>();
  private final List<AssignmentObserver> observers = new ArrayList<>();
  private final List<DomainListener> listeners = new ArrayList<>();
  private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
  private final List<ServiceRegistration<?>> shared = new ArrayList<>();
  private volatile FaultService faults;
  private volatile IoasidService ioasids;
  private FaultRouter router;
  private Core core;
  private DeviceAnnouncer announcer;
  private ExecutorService teller;
  private boolean running;

  /**
   * @param driverParameters lines {@code UNIT:NAME=VALUE}
   */
  MachineSide(BundleContext context, DeviceSettings settings, String[] driverParameters) {
    this.context = context;
    this.settings = settings;
    this.drivers = parameters(driverParameters);
  }

  private static Map<String, Map<String, Long>> parameters(String[] lines) {
    Map<String, Map<String, Long>> parsed = new HashMap<>();
    for (String line : lines) {
      String[] parts = line.split("[:=]", 3);
      try {
        parsed
            .computeIfAbsent(parts[0].strip(), unit -> new HashMap<>())
            .put(parts[1].strip(), Long.decode(parts[2].strip()));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new IoasisException(
            Reason.INVALID,
            "driver parameter refused: %s; write UNIT:NAME=VALUE".formatted(line),
            e);
      }
    }
    return parsed;
  }

  // ---- the machine ----------------------------------------------------------------------------

  /** A machine came: the parts around it are built, nothing is served yet. */
  synchronized void prepare(Machine machine, Foundations foundations) {
    teller =
        Executors.newSingleThreadExecutor(
            action -> {
              Thread thread = new Thread(action, "domain-events");
              thread.setDaemon(true);
              return thread;
            });
    announcer = new DeviceAnnouncer(context, teller);
    core =
        new Core(
            new DeviceParts.Given(
                machine,
                foundations.objects(),
                Core.spaces(foundations.spaces()),
                settings,
                unit -> drivers.getOrDefault(unit, Map.of()),
                unit -> Optional.ofNullable(looks.get(unit)),
                this::isAllocated,
                announcer,
                teller),
            this::isQueue);
    foundations.spaces().kinds(new KindProbe(core.parts().hosts()::hosts));
  }

  /**
   * Makes devices, domains and tenants of what an earlier instance left; after {@link #prepare}.
   */
  synchronized Map<Class<?>, Objects.Reviver> revivers() {
    if (core == null) {
      return Map.of();
    }
    DeviceParts parts = core.parts();
    return Map.of(
        Domain.class, parts::reviveDomain,
        Device.class, parts::reviveDevice,
        Tenant.class, parts::reviveTenant);
  }

  /** Serves: units get their drivers, the services are there. */
  synchronized void begin(Foundations foundations, Clients clients) {
    if (core == null || running) {
      return;
    }
    running = true;
    DeviceParts parts = core.parts();
    observers.forEach(parts.tenants()::add);
    listeners.forEach(parts.events()::add);
    if (router != null) {
      parts.devices().router(router);
      parts.hosts().routerCame(router);
    }
    factories.forEach(parts.hosts()::factoryCame);
    units.forEach((unitId, unit) -> parts.hosts().unitCame(unitId, unit.kind()));
    parts.resume();
    shared.add(clients.register(DeviceService.class, core::deviceService));
    shared.add(clients.register(DomainService.class, core::domainService));
    register(SwapService.class, core.swapService(), Map.of());
    register(FaultOrigin.class, parts.origin(), Map.of());
    registerPasidEnds(parts);
    new DomainCommands(core, foundations)
        .all()
        .forEach(
            (name, command) ->
                register(
                    Command.class,
                    command,
                    Map.of(Command.NAME, name, Command.SUMMARY, command.summary())));
  }

  private void registerPasidEnds(DeviceParts parts) {
    PasidEnds ends = parts.pasidEnds();
    registerPasidEnd(IoasidListener.Order.QUIESCE, ends.quiesce());
    registerPasidEnd(IoasidListener.Order.DRAIN, ends.drain());
    registerPasidEnd(IoasidListener.Order.INVALIDATE, ends.invalidate());
  }

  private void registerPasidEnd(IoasidListener.Order order, IoasidListener listener) {
    register(
        IoasidListener.class,
        listener,
        Map.of(
            IoasidListener.ORDER,
            order.name(),
            IoasidListener.DELIVERY,
            IoasidListener.Delivery.QUEUED.name(),
            IoasidListener.ACKNOWLEDGE,
            true));
  }

  private <T> void register(Class<T> type, T service, Map<String, Object> properties) {
    registrations.add(
        context.registerService(type, service, FrameworkUtil.asDictionary(properties)));
  }

  /**
   * Ends: services first, then every port is closed and every unit switched off.
   *
   * @param machineGoes whether the machine goes and the bundle stays: then bindings and domains
   *     end; otherwise they have been left to the next instance
   */
  synchronized void end(Clients clients, boolean machineGoes) {
    running = false;
    registrations.forEach(MachineSide::unregister);
    registrations.clear();
    if (core != null && machineGoes) {
      core.parts().endAll();
    }
    shared.forEach(clients::unregister);
    shared.clear();
    if (core != null) {
      try {
        core.close();
      } catch (RuntimeException e) {
        LOG.error("domain: the machine side did not end in order", e);
      }
      announcer.close();
      teller.shutdown();
      core = null;
    }
  }

  private static void unregister(ServiceRegistration<?> registration) {
    try {
      registration.unregister();
    } catch (IllegalStateException gone) {
      // the framework has taken it back already
    }
  }

  private void running(Consumer<DeviceParts> action) {
    if (running) {
      action.accept(core.parts());
    }
  }

  private boolean isAllocated(int pasid) {
    IoasidService service = ioasids;
    try {
      return service != null
          && pasid >= 0
          && pasid < 1 << Pasid.MAX_BITS
          && service.findSet(new Pasid(pasid)).isPresent();
    } catch (IoasisException gone) {
      return false;
    }
  }

  private boolean isQueue(Handle<FaultQueue> queue) {
    FaultService service = faults;
    try {
      return service != null && service.queue(queue) != null;
    } catch (IoasisException notFound) {
      return false;
    }
  }

  // ---- what comes and goes ----------------------------------------------------------------------

  synchronized void addUnit(UnitService unit) {
    units.put(unit.unitId(), unit);
    looks.put(unit.unitId(), unit);
    running(parts -> parts.hosts().unitCame(unit.unitId(), unit.kind()));
  }

  synchronized void removeUnit(UnitService unit) {
    if (units.remove(unit.unitId(), unit)) {
      looks.remove(unit.unitId(), unit);
      running(parts -> parts.hosts().unitGone(unit.unitId()));
    }
  }

  synchronized void addFactory(DriverFactory factory) {
    factories.add(factory);
    running(parts -> parts.hosts().factoryCame(factory));
  }

  synchronized void removeFactory(DriverFactory factory) {
    factories.remove(factory);
    running(parts -> parts.hosts().factoryGone(factory));
  }

  synchronized void setRouter(FaultRouter came) {
    router = came;
    running(
        parts -> {
          parts.devices().router(came);
          parts.hosts().routerCame(came);
        });
  }

  synchronized void unsetRouter(FaultRouter gone) {
    if (router == gone) {
      router = null;
      running(parts -> parts.devices().router(null));
    }
    running(parts -> parts.hosts().routerGone(gone));
  }

  void setFaults(FaultService service) {
    faults = service;
  }

  void unsetFaults(FaultService service) {
    faults = faults == service ? null : faults;
  }

  void setIoasids(IoasidService service) {
    ioasids = service;
  }

  void unsetIoasids(IoasidService service) {
    ioasids = ioasids == service ? null : ioasids;
  }

  synchronized void addObserver(AssignmentObserver observer) {
    observers.add(observer);
    running(parts -> parts.tenants().add(observer));
  }

  synchronized void removeObserver(AssignmentObserver observer) {
    observers.remove(observer);
    running(parts -> parts.tenants().remove(observer));
  }

  synchronized void addListener(DomainListener listener) {
    listeners.add(listener);
    running(parts -> parts.events().add(listener));
  }

  synchronized void removeListener(DomainListener listener) {
    listeners.remove(listener);
    running(parts -> parts.events().remove(listener));
  }

  /** Settings of devices as lines of the configuration. */
  static DeviceSettings settings(String[] routes, String[] groups, String[] aliases) {
    DeviceSettings settings = new DeviceSettings();
    Arrays.stream(routes).forEach(settings::route);
    Arrays.stream(groups).forEach(settings::group);
    Arrays.stream(aliases).forEach(settings::alias);
    return settings;
  }
}
