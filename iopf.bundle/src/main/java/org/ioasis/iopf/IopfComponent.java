package org.ioasis.iopf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.ioasis.api.command.Command;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.fault.DrainReport;
import org.ioasis.api.fault.FaultHandler;
import org.ioasis.api.fault.FaultObserver;
import org.ioasis.api.fault.FaultOrigin;
import org.ioasis.api.fault.FaultReportListener;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.api.fault.FaultService;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.iopf.core.Client;
import org.ioasis.iopf.core.Router;
import org.ioasis.iopf.core.Settings;
import org.ioasis.iopf.core.Surroundings;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
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
 * The router as a component. It registers its services itself, last when it starts and first when
 * it stops, so that whoever sees them sees a router that keeps its contract: what is open is closed
 * before {@link FaultRouter} is gone, and what a driver still hands over afterwards is answered
 * INVALID.
 *
 * <p><b>Threading:</b> the framework's; the router takes care of itself.
 */
@Component(
    immediate = true,
    service = {},
    configurationPid = "org.ioasis.iopf")
@Designate(ocd = IopfComponent.Config.class)
public final class IopfComponent implements ServiceFactory<FaultService> {
  private static final Logger LOG = LoggerFactory.getLogger(IopfComponent.class);

  /** Configuration. */
  @ObjectClassDefinition(name = "Page-fault router")
  public @interface Config {
    /** Threads that deliver faults, at most; started on demand. */
    @AttributeDefinition(description = "Threads that deliver faults, at most")
    int threads() default 64;

    /** Looks for more work before a thread parks; 0 parks at once. */
    @AttributeDefinition(description = "Looks for more work before a thread parks; 0 parks at once")
    int spins() default 0;

    /** Log2 of the groups that one device may have open. */
    @AttributeDefinition(description = "Log2 of the groups that one device may have open, 0 to 16")
    int groupsLg2() default 9;

    /** Faults of incomplete groups kept per device. */
    @AttributeDefinition(description = "Faults of incomplete groups kept per device")
    int partialFaults() default 1024;

    /** Age at which an incomplete group is dropped, in milliseconds. */
    @AttributeDefinition(description = "Age at which an incomplete group is dropped, ms")
    long partialMillis() default 1000;

    /** Time-out of a group where no rule says otherwise, in milliseconds. */
    @AttributeDefinition(description = "Time-out of a group where no rule says otherwise, ms")
    long timeoutMillis() default 100;

    /** Groups per device and second; 0 for no limit. */
    @AttributeDefinition(description = "Groups per device and second; 0 for no limit")
    long rate() default 1_000_000;

    /** Groups of a device at once under the rate. */
    @AttributeDefinition(description = "Groups of a device at once under the rate")
    long burst() default 8192;

    /** Reports of unrecoverable faults per device and second; 0 for no limit. */
    @AttributeDefinition(
        description = "Reports of unrecoverable faults per device and second; 0 for no limit")
    long reportRate() default 10;
  }

  private final BundleContext context;
  private final Workers workers;
  private final Router router;
  private final Map<String, UnitService> units = new ConcurrentHashMap<>();
  private final List<ServiceRegistration<?>> registrations = new ArrayList<>();

  /** Makes the router; nothing is offered yet. */
  @Activate
  public IopfComponent(BundleContext context, Config config) {
    this.context = context;
    this.workers = new Workers(config.threads(), config.spins());
    this.router = new Router(new Surroundings(workers, new Records(), settings(config)));
  }

  private static Settings settings(Config config) {
    Settings otherwise = Settings.DEFAULT;
    return new Settings(
        config.groupsLg2(),
        config.partialFaults(),
        otherwise.groupFaults(),
        TimeUnit.MILLISECONDS.toNanos(config.partialMillis()),
        TimeUnit.MILLISECONDS.toNanos(config.timeoutMillis()),
        config.rate(),
        config.burst(),
        config.reportRate(),
        otherwise.reportBurst(),
        otherwise.mailbox());
  }

  /** Offers the services; the handlers that were there before are known by now. */
  @Activate
  void start() {
    registrations.add(context.registerService(FaultRouter.class, router, null));
    registrations.add(context.registerService(FaultService.class.getName(), this, null));
    Client own = router.client(context.getBundle().getBundleId());
    registrations.add(
        context.registerService(
            Command.class,
            new FaultsCommand(own, this::explainer),
            FrameworkUtil.asDictionary(
                Map.of(Command.NAME, "faults", Command.SUMMARY, FaultsCommand.SUMMARY))));
    LOG.info("iopf: started");
  }

  private Optional<Explainer> explainer(String unitId) {
    return Optional.ofNullable(units.get(unitId)).map(UnitService::explainer);
  }

  @Deactivate
  void stop() {
    DrainReport report = router.close();
    registrations.forEach(ServiceRegistration::unregister);
    workers.close();
    router.close();
    LOG.info("iopf: stopped, {} groups closed", report.closed());
  }

  @Override
  public FaultService getService(Bundle bundle, ServiceRegistration<FaultService> service) {
    return router.client(bundle.getBundleId());
  }

  @Override
  public void ungetService(
      Bundle bundle, ServiceRegistration<FaultService> service, FaultService client) {
    router.gone(bundle.getBundleId());
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setOrigin(FaultOrigin origin) {
    router.setOrigin(origin);
  }

  void unsetOrigin(FaultOrigin origin) {
    router.unsetOrigin(origin);
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void addHandler(FaultHandler handler, Map<String, Object> properties) {
    Optional<Integer> domain = domain(properties);
    if (domain.isEmpty()) {
      LOG.warn("handler {} refused: it has no {}", name(handler, properties), FaultHandler.DOMAIN);
      return;
    }
    router.addHandler(
        handler,
        domain.get(),
        name(handler, properties),
        properties.get(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0,
        id(properties));
  }

  void removeHandler(FaultHandler handler, Map<String, Object> properties) {
    router.removeHandler(id(properties));
  }

  /** It may serve another page table now. */
  void updatedHandler(FaultHandler handler, Map<String, Object> properties) {
    removeHandler(handler, properties);
    addHandler(handler, properties);
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void addObserver(FaultObserver observer, Map<String, Object> properties) {
    router.addObserver(observer, domain(properties), name(observer, properties));
  }

  void removeObserver(FaultObserver observer) {
    router.removeObserver(observer);
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void addListener(FaultReportListener listener, Map<String, Object> properties) {
    router.addListener(listener, name(listener, properties));
  }

  void removeListener(FaultReportListener listener) {
    router.removeListener(listener);
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void addUnit(UnitService unit) {
    units.put(unit.unitId(), unit);
  }

  void removeUnit(UnitService unit) {
    units.remove(unit.unitId(), unit);
  }

  /** The page table that a service names; empty if it names none or not by a number. */
  static Optional<Integer> domain(Map<String, Object> properties) {
    Object value = properties.get(FaultHandler.DOMAIN);
    if (value instanceof Number number) {
      return Optional.of(number.intValue());
    }
    try {
      return value == null ? Optional.empty() : Optional.of(Integer.valueOf(value.toString()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static long id(Map<String, Object> properties) {
    return properties.get(Constants.SERVICE_ID) instanceof Long id ? id : 0;
  }

  private static String name(Object service, Map<String, Object> properties) {
    return service.getClass().getName() + "#" + properties.get(Constants.SERVICE_ID);
  }
}
