package org.ioasis.shell.demo;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.ioasis.api.device.DeviceView;
import org.ioasis.api.engine.DmaEngine;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * The services that the demonstration uses, as any other client of the platform gets them.
 *
 * @param context the bundle that asks: services with a scope belong to it
 */
record Services(BundleContext context) {
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** A service, if it is there. */
  <T> Optional<T> find(Class<T> type) {
    ServiceReference<T> reference = context.getServiceReference(type);
    return reference == null
        ? Optional.empty()
        : Optional.ofNullable(context.getService(reference));
  }

  private <T> List<T> all(Class<T> type) {
    try {
      List<T> services = new ArrayList<>();
      for (ServiceReference<T> reference : context.getServiceReferences(type, null)) {
        T service = context.getService(reference);
        if (service != null) {
          services.add(service);
        }
      }
      return services;
    } catch (InvalidSyntaxException e) {
      throw new AssertionError("there is no filter", e);
    }
  }

  /** The DMA engines of the platform, in order of their source ids. */
  List<DmaEngine> engines() {
    List<DmaEngine> engines = new ArrayList<>(all(DmaEngine.class));
    engines.sort(Comparator.comparingInt(engine -> engine.spec().endpoint().sourceId()));
    return engines;
  }

  /** What everybody may see of a device. */
  Optional<DeviceView> view(DmaEngine engine) {
    int source = engine.spec().endpoint().sourceId();
    return all(DeviceView.class).stream()
        .filter(view -> view.endpoint().sourceId() == source)
        .findFirst();
  }

  /** The unit that serves an engine, or empty. */
  Optional<String> unit(DmaEngine engine) {
    return view(engine).flatMap(DeviceView::unitId);
  }

  /** Waits; false if it did not happen within so many milliseconds. */
  static boolean await(BooleanSupplier condition, long millis) {
    for (long left = TimeUnit.MILLISECONDS.toNanos(millis); left > 0; left -= LOOK_NANOS) {
      if (condition.getAsBoolean()) {
        return true;
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
    return condition.getAsBoolean();
  }
}
