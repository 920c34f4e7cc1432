package org.ioasis.domain;

import java.util.concurrent.TimeUnit;
import org.ioasis.api.IoasisException;
import org.ioasis.api.device.AssignmentObserver;
import org.ioasis.api.device.DevicePolicy;
import org.ioasis.api.domain.DomainListener;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.api.fault.FaultService;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.ioasid.IoasidService;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.PlatformMachine;
import org.ioasis.domain.client.Clients;
import org.ioasis.domain.client.Legacy;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.domain.space.IoasClient;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bundle as a component: takes over what an earlier instance left, registers the services, and
 * on stopping leaves everything to the next. It registers the services itself and not through the
 * component runtime, so that it can leave before the framework returns the clients&#39; service
 * objects, which otherwise would end all they had.
 *
 * <p><b>Threading:</b> the framework&#39;s; the monitor serialises life cycle and machine.
 */
@Component(
    immediate = true,
    service = {},
    configurationPid = "org.ioasis.domain")
@Designate(ocd = DomainStart.Config.class)
public final class DomainStart {
  private static final Logger LOG = LoggerFactory.getLogger(DomainStart.class);

  /** Configuration. */
  @ObjectClassDefinition(name = "Ioasis address spaces")
  public @interface Config {
    /** Most mappings of one client, or of all together while ACCOUNTING is per user. */
    @AttributeDefinition(description = "Most mappings of one client")
    long mappingLimit() default 0xFFFF_FFFFL;

    /** Whether objects remember where they were made, for the report of leaks; some 20 us each. */
    @AttributeDefinition(description = "Objects remember where they were made")
    boolean recordStacks() default true;

    /** Which unit serves which devices: {@code 0x100-0x1ff=dmar0}. With one unit none is needed. */
    @AttributeDefinition(description = "Source ids and their unit, FIRST-LAST=UNIT")
    String[] routes() default {};

    /** Devices that the hardware cannot tell apart: {@code 0x100-0x101=why}. */
    @AttributeDefinition(description = "Source ids of a group and why, FIRST-LAST=WHY")
    String[] groups() default {};

    /** Further source ids of a device's requests: {@code 0x100=0x108}. */
    @AttributeDefinition(description = "Source id and a further one of the same device, ID=ALIAS")
    String[] aliases() default {};

    /** Devices that can skip snooping, by source id. */
    @AttributeDefinition(description = "Source ids of devices that can skip snooping")
    String[] notSnooping() default {};

    /** Whether devices survive a refused request. */
    @AttributeDefinition(description = "Devices survive a refused request")
    boolean recoverable() default false;

    /** How long DMA of a device waits at a closed port, in milliseconds. */
    @AttributeDefinition(description = "How long DMA waits at a closed port, ms")
    long waitMillis() default 0;

    /** Parameters of drivers: {@code dmar0:timeout.millis=500}. */
    @AttributeDefinition(description = "Parameters of drivers, UNIT:NAME=VALUE")
    String[] driverParameters() default {};
  }

  private final BundleContext context;
  private final Foundations foundations;
  private final MachineSide side;
  private Clients clients;
  private Machine machine;
  private PlatformMachine platform;

  /** Makes empty foundations. */
  @Activate
  public DomainStart(BundleContext context, Config config) {
    this.context = context;
    foundations =
        new Foundations(config.recordStacks(), config.mappingLimit(), new DemandHandlers(context));
    side = new MachineSide(context, settings(config), config.driverParameters());
  }

  private static DeviceSettings settings(Config config) {
    DeviceSettings settings =
        MachineSide.settings(config.routes(), config.groups(), config.aliases());
    for (String id : config.notSnooping()) {
      settings.notSnooping(Integer.decode(id));
    }
    return settings.policy(
        new DevicePolicy(
            config.recoverable(), TimeUnit.MILLISECONDS.toNanos(config.waitMillis()), 0, true));
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  synchronized void setMachine(PlatformMachine service) {
    try {
      machine = service.machine();
    } catch (IoasisException e) { // idles as without a machine, until it is trusted
      LOG.warn("domain: no machine: {}", e.getMessage());
      return;
    }
    platform = service;
    if (clients != null) {
      foundations.machine(machine);
      side.prepare(machine, foundations);
      side.begin(foundations, clients);
    }
  }

  synchronized void unsetMachine(PlatformMachine service) {
    if (platform == service) {
      platform = null;
      machine = null;
      if (clients != null) {
        side.end(clients, true);
        foundations.machine(null);
      }
    }
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void addUnit(UnitService unit) {
    side.addUnit(unit);
  }

  void removeUnit(UnitService unit) {
    side.removeUnit(unit);
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void addFactory(DriverFactory factory) {
    side.addFactory(factory);
  }

  void removeFactory(DriverFactory factory) {
    side.removeFactory(factory);
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setRouter(FaultRouter router) {
    side.setRouter(router);
  }

  void unsetRouter(FaultRouter router) {
    side.unsetRouter(router);
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setFaults(FaultService service) {
    side.setFaults(service);
  }

  void unsetFaults(FaultService service) {
    side.unsetFaults(service);
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setIoasids(IoasidService service) {
    side.setIoasids(service);
  }

  void unsetIoasids(IoasidService service) {
    side.unsetIoasids(service);
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void addObserver(AssignmentObserver observer) {
    side.addObserver(observer);
  }

  void removeObserver(AssignmentObserver observer) {
    side.removeObserver(observer);
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void addListener(DomainListener listener) {
    side.addListener(listener);
  }

  void removeListener(DomainListener listener) {
    side.removeListener(listener);
  }

  /** Takes over, or begins with nothing; then the services are there. */
  @Activate
  synchronized void start() {
    clients = new Clients(context, foundations.objects());
    if (machine != null) {
      side.prepare(machine, foundations);
    }
    boolean took = takeOver();
    if (!took) {
      foundations.machine(machine);
    }
    clients.endGone();
    clients.register(IoasService.class, client -> new IoasClient(foundations.spaces(), client));
    side.begin(foundations, clients);
    LOG.info(
        "domain: {}; {} objects, {}",
        took ? "took over" : "started",
        foundations.objects().size(),
        machine == null ? "no machine yet" : "memory of machine " + machine.name());
  }

  private boolean takeOver() {
    Legacy legacy = Legacy.find(context);
    if (legacy == null) {
      return false;
    }
    boolean took = foundations.take(legacy.books(), machine, side.revivers(), clients::client);
    if (!took) {
      LOG.warn(
          "domain: what was left cannot be continued; its machine has gone or it is of"
              + " another form");
    }
    legacy.taken();
    return took;
  }

  @Deactivate
  synchronized void stop() {
    Legacy.leave(context, foundations.leave());
    side.end(clients, false);
    clients.close();
    LOG.info("domain: stopped; spaces and memory wait for the next instance");
  }
}
