package org.ioasis.allocator;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.ioasis.allocator.core.Allocator;
import org.ioasis.allocator.core.Client;
import org.ioasis.allocator.core.Clients;
import org.ioasis.allocator.core.HandOver;
import org.ioasis.allocator.core.ListenerOptions;
import org.ioasis.allocator.core.Surroundings;
import org.ioasis.api.command.Command;
import org.ioasis.api.ioasid.CustomAllocator;
import org.ioasis.api.ioasid.IoasidListener;
import org.ioasis.api.ioasid.IoasidService;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;
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
 * The allocator as a service of the framework. It registers the service itself and not through the
 * component runtime, so that on stopping it can leave the books to its successor before the
 * framework returns the clients' service objects, which otherwise would free all ids.
 *
 * <p><b>Threading:</b> the framework's; the core takes care of itself.
 */
@Component(
    immediate = true,
    service = {},
    configurationPid = "org.ioasis.allocator")
@Designate(ocd = AllocatorComponent.Config.class)
public final class AllocatorComponent
    implements ServiceFactory<IoasidService>, SynchronousBundleListener {
  private static final Logger LOG = LoggerFactory.getLogger(AllocatorComponent.class);

  /** Configuration; capacity and quota count only where nothing is taken over. */
  @ObjectClassDefinition(name = "IOASID allocator")
  public @interface Config {
    /** Numbers there are, 1 to 2^20. */
    @AttributeDefinition(description = "Numbers there are, 1 to 1048576")
    int capacity() default 1 << 20;

    /** Most ids of the system set. */
    @AttributeDefinition(description = "Most ids of the system set")
    int systemQuota() default 32768;

    /** Longest wait for the acknowledgements of one order class, in milliseconds. */
    @AttributeDefinition(description = "Longest wait for acknowledgements of a class, ms")
    long acknowledgeMillis() default 100;

    /** Longest call of an IMMEDIATE listener, in milliseconds; a slower one is queued from then. */
    @AttributeDefinition(description = "Longest call of an IMMEDIATE listener, ms")
    long slowMillis() default 10;

    /** Events that a listener's queue holds; one that falls behind is told the present anew. */
    @AttributeDefinition(description = "Events that a listener's queue holds, 2 to 1048576")
    int queueLimit() default 16384;

    /** Whether leases remember where they were taken. */
    @AttributeDefinition(description = "Leases remember where they were taken")
    boolean recordStacks() default false;
  }

  private final BundleContext context;
  private final SystemTime time = new SystemTime();
  private final SecondPhase second = new SecondPhase();
  private final Clients clients;
  private final Allocator allocator;
  private final Map<IoasidListener, Object> listeners = new ConcurrentHashMap<>();
  private final ServiceRegistration<?> registration;
  private final ServiceRegistration<?> command;

  /** Takes over what a predecessor left, or begins with nothing out. */
  @Activate
  public AllocatorComponent(BundleContext context, Config config) {
    this.context = context;
    Surroundings around =
        new Surroundings(
            time,
            second.tellers(),
            second::ring,
            new Records(),
            TimeUnit.MILLISECONDS.toNanos(config.acknowledgeMillis()),
            TimeUnit.MILLISECONDS.toNanos(config.slowMillis()),
            config.queueLimit(),
            config.recordStacks());
    Legacy left = Legacy.find(context);
    clients =
        left == null
            ? new Clients(new Allocator(around, config.capacity(), config.systemQuota()))
            : takeOver(around, left);
    allocator = clients.allocator();
    second.start(allocator::pump);
    context.addBundleListener(this);
    clients.bundles().stream().filter(this::isGone).forEach(clients::gone);
    registration = context.registerService(IoasidService.class.getName(), this, null);
    Client own = clients.client(context.getBundle().getBundleId(), "org.ioasis.allocator");
    command =
        context.registerService(
            Command.class,
            new IoasidCommand(own),
            FrameworkUtil.asDictionary(
                Map.of(Command.NAME, "ioasid", Command.SUMMARY, IoasidCommand.SUMMARY)));
    LOG.info("allocator: {}, {}", left == null ? "started" : "took over", own.capacity());
  }

  private Clients takeOver(Surroundings around, Legacy left) {
    try {
      Clients read = HandOver.take(around, left.books());
      left.taken();
      read.serve();
      return read;
    } catch (RuntimeException refused) {
      LOG.error("allocator: not started: {}", refused.getMessage());
      time.close();
      throw refused;
    }
  }

  private boolean isGone(long bundle) {
    Bundle at = context.getBundle(bundle);
    return at == null || (at.getState() & (Bundle.ACTIVE | Bundle.STARTING)) == 0;
  }

  @Deactivate
  void stop() {
    context.removeBundleListener(this);
    Legacy.leave(context, HandOver.leave(clients));
    command.unregister();
    registration.unregister();
    second.close();
    time.close();
    LOG.info("allocator: stopped; the ids that are out wait for the next instance");
  }

  @Override
  public IoasidService getService(Bundle bundle, ServiceRegistration<IoasidService> service) {
    return clients.client(bundle.getBundleId(), bundle.getSymbolicName());
  }

  @Override
  public void ungetService(
      Bundle bundle, ServiceRegistration<IoasidService> service, IoasidService client) {
    clients.gone(bundle.getBundleId());
  }

  /** A bundle that used a former instance and not this one may go, too. */
  @Override
  public void bundleChanged(BundleEvent event) {
    if (event.getType() == BundleEvent.STOPPED
        && event.getBundle().getBundleId() != context.getBundle().getBundleId()) {
      clients.gone(event.getBundle().getBundleId());
    }
  }

  @Reference(
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void addListener(IoasidListener listener, Map<String, Object> properties) {
    listeners.put(listener, allocator.addListener(listener, options(listener, properties)));
  }

  void removeListener(IoasidListener listener) {
    Object entry = listeners.remove(listener);
    if (entry != null) {
      allocator.removeListener(entry);
    }
  }

  static ListenerOptions options(IoasidListener listener, Map<String, Object> properties) {
    Object sid = properties.get(IoasidListener.SET);
    Object token = properties.get(IoasidListener.TOKEN);
    String name = listener.getClass().getName() + "#" + properties.get(Constants.SERVICE_ID);
    return new ListenerOptions(
        name,
        sid == null ? 0 : Integer.parseInt(sid.toString()),
        token == null ? null : token.toString(),
        IoasidListener.Order.valueOf(
            Objects.toString(properties.get(IoasidListener.ORDER), "OBSERVE")),
        IoasidListener.Delivery.valueOf(
            Objects.toString(properties.get(IoasidListener.DELIVERY), "QUEUED")),
        Boolean.parseBoolean(Objects.toString(properties.get(IoasidListener.ACKNOWLEDGE))));
  }

  @Reference(
      cardinality = ReferenceCardinality.OPTIONAL,
      policy = ReferencePolicy.DYNAMIC,
      policyOption = ReferencePolicyOption.GREEDY)
  void setCustom(CustomAllocator custom) {
    LOG.info("allocator: {} chooses the numbers from now on", custom.name());
    allocator.customAllocator(custom);
  }

  void unsetCustom(CustomAllocator custom) {
    if (allocator.dropCustomAllocator(custom)) {
      LOG.info("allocator: {} has gone; the allocator chooses", custom.name());
    }
  }
}
