package org.ioasis.domain;

import java.util.Map;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.PlatformMachine;
import org.ioasis.domain.client.Clients;
import org.ioasis.domain.client.Legacy;
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

    /** Whether objects remember where they were made, for the report of leaks. */
    @AttributeDefinition(description = "Objects remember where they were made")
    boolean recordStacks() default false;
  }

  private final BundleContext context;
  private final Foundations foundations;
  private Clients clients;
  private Machine machine;
  private PlatformMachine platform;

  /** Makes empty foundations. */
  @Activate
  public DomainStart(BundleContext context, Config config) {
    this.context = context;
    foundations =
        new Foundations(config.recordStacks(), config.mappingLimit(), new DemandHandlers(context));
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  synchronized void setMachine(PlatformMachine service) {
    platform = service;
    machine = service.machine();
    if (clients != null) {
      foundations.machine(machine);
    }
  }

  synchronized void unsetMachine(PlatformMachine service) {
    if (platform == service) {
      platform = null;
      machine = null;
      if (clients != null) {
        foundations.machine(null);
      }
    }
  }

  /** Takes over, or begins with nothing; then the services are there. */
  @Activate
  synchronized void start() {
    clients = new Clients(context, foundations.objects());
    boolean took = takeOver();
    if (!took) {
      foundations.machine(machine);
    }
    clients.endGone();
    clients.register(IoasService.class, client -> new IoasClient(foundations.spaces(), client));
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
    boolean took = foundations.take(legacy.books(), machine, Map.of(), clients::client);
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
    clients.close();
    LOG.info("domain: stopped; spaces and memory wait for the next instance");
  }
}
