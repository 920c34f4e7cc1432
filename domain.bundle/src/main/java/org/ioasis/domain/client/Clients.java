package org.ioasis.domain.client;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.ioasis.api.IoasisException;
import org.ioasis.api.machine.PlatformMachine;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;

/**
 * The bundles that use the services. A client has gone when it has stopped, or has given back every
 * service it had; then everything it had ends.
 *
 * <p><b>Threading:</b> the framework&#39;s; the monitor guards who has which service.
 */
public final class Clients implements SynchronousBundleListener, AutoCloseable {
  private final BundleContext context;
  private final Objects objects;
  private final Map<Long, Set<String>> using = new HashMap<>();
  private final List<ServiceRegistration<?>> registrations = new CopyOnWriteArrayList<>();

  /** Begins to listen to bundles that stop. */
  public Clients(BundleContext context, Objects objects) {
    this.context = context;
    this.objects = objects;
    context.addBundleListener(this);
  }

  /** The client that a bundle is. */
  public Client client(Bundle bundle) {
    return client(bundle.getBundleId(), bundle.getSymbolicName());
  }

  /** The client with a bundle's number; also one that an earlier instance knew. */
  public Client client(long number, String name) {
    return new Client(number, name == null ? "bundle " + number : name, () -> isTrusted(number));
  }

  /** Whether the machine gives itself to that bundle. */
  private boolean isTrusted(long number) {
    Bundle bundle = context.getBundle(number);
    BundleContext its = bundle == null ? null : bundle.getBundleContext();
    ServiceReference<PlatformMachine> reference =
        its == null ? null : its.getServiceReference(PlatformMachine.class);
    PlatformMachine machine = reference == null ? null : its.getService(reference);
    if (machine == null) {
      return false;
    }
    try {
      return machine.machine() != null;
    } catch (IoasisException denied) {
      return false;
    } finally {
      its.ungetService(reference);
    }
  }

  /** Registers a service of which each client has a view of its own. */
  public <T> ServiceRegistration<T> register(Class<T> type, Function<Client, T> views) {
    ServiceRegistration<T> registered =
        context.registerService(
            type,
            new ServiceFactory<T>() {
              @Override
              public T getService(Bundle bundle, ServiceRegistration<T> registration) {
                began(bundle, type.getName());
                return views.apply(client(bundle));
              }

              @Override
              public void ungetService(
                  Bundle bundle, ServiceRegistration<T> registration, T service) {
                if (ended(bundle, type.getName())) {
                  objects.endClient(client(bundle));
                }
              }
            },
            null);
    registrations.add(registered);
    return registered;
  }

  /** Takes one service back before the others. */
  public void unregister(ServiceRegistration<?> registration) {
    if (registrations.remove(registration)) {
      registration.unregister();
    }
  }

  private synchronized void began(Bundle bundle, String service) {
    using.computeIfAbsent(bundle.getBundleId(), id -> new HashSet<>()).add(service);
  }

  private synchronized boolean ended(Bundle bundle, String service) {
    Set<String> services = using.get(bundle.getBundleId());
    if (services != null) {
      services.remove(service);
      if (services.isEmpty()) {
        using.remove(bundle.getBundleId());
        return true;
      }
    }
    return false;
  }

  /** A bundle that used a former instance and not this one may go, too. */
  @Override
  public void bundleChanged(BundleEvent event) {
    long number = event.getBundle().getBundleId();
    if (event.getType() == BundleEvent.STOPPED && number != context.getBundle().getBundleId()) {
      objects.endClient(client(event.getBundle()));
    }
  }

  /** Ends the clients that have gone while no instance was there. */
  public void endGone() {
    for (Client client : objects.clients()) {
      Bundle bundle = context.getBundle(client.number());
      if (client.number() != Client.PLATFORM.number()
          && (bundle == null || (bundle.getState() & (Bundle.ACTIVE | Bundle.STARTING)) == 0)) {
        objects.endClient(client);
      }
    }
  }

  /** Takes the services back; whoever wants the objects to live on has handed them over before. */
  @Override
  public void close() {
    context.removeBundleListener(this);
    registrations.forEach(ServiceRegistration::unregister);
  }
}
