package org.ioasis.domain;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.ioasis.api.fault.FaultHandler;
import org.ioasis.domain.space.DemandHandler;
import org.ioasis.domain.space.Follower;
import org.ioasis.domain.space.Space;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/**
 * Registers a fault handler for each page table that follows a space and can fault, as long as it
 * follows.
 *
 * <p><b>Threading:</b> any thread.
 */
final class DemandHandlers implements Space.FollowerListener {
  private final BundleContext context;
  private final Map<Follower, ServiceRegistration<?>> registered = new ConcurrentHashMap<>();

  DemandHandlers(BundleContext context) {
    this.context = context;
  }

  @Override
  public void joined(Space space, Follower follower) {
    if (follower.faultCapable() && follower.domain().isPresent()) {
      int domain = follower.domain().get().id();
      registered.put(
          follower,
          context.registerService(
              FaultHandler.class,
              new DemandHandler(space),
              FrameworkUtil.asDictionary(Map.of(FaultHandler.DOMAIN, domain))));
    }
  }

  @Override
  public void left(Space space, Follower follower) {
    ServiceRegistration<?> registration = registered.remove(follower);
    if (registration != null) {
      registration.unregister();
    }
  }
}
