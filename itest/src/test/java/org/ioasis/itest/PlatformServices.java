package org.ioasis.itest;

import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.ioasis.api.IoasisException;
import org.ioasis.api.device.DeviceView;
import org.ioasis.api.engine.DmaEngine;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** The services of the platform as a client finds them, inside a framework. */
final class PlatformServices {
  private final BundleContext context;

  PlatformServices(BundleContext context) {
    this.context = context;
  }

  /** A service, waited for. */
  <T> T find(Class<T> type) {
    return find(type, null);
  }

  /** A service that fits a filter, waited for; null for any. */
  <T> T find(Class<T> type, String filter) {
    List<T> found = new ArrayList<>();
    assertEquals(
        List.of(),
        Components.await(
            () -> {
              look(type, filter).ifPresent(found::add);
              return found.isEmpty() ? List.of("no " + type.getName()) : List.of();
            }));
    return found.get(0);
  }

  private <T> Optional<T> look(Class<T> type, String filter) {
    try {
      for (ServiceReference<T> reference : context.getServiceReferences(type, filter)) {
        T service = context.getService(reference);
        if (service != null) {
          return Optional.of(service);
        }
      }
      return Optional.empty();
    } catch (InvalidSyntaxException e) {
      throw new IllegalArgumentException(filter, e);
    }
  }

  /** A call that is refused as long as something is still coming up. */
  static <T> T soon(Supplier<T> call) {
    List<T> result = new ArrayList<>();
    assertEquals(
        List.of(),
        Components.await(
            () -> {
              try {
                result.add(call.get());
                return List.of();
              } catch (IoasisException e) {
                return List.of(e.getMessage());
              }
            }));
    return result.get(0);
  }

  /** The engine of a device, waited for. */
  DmaEngine engine(String name) {
    return find(DmaEngine.class, "(%s=%s)".formatted(DmaEngine.NAME, name));
  }

  /** Waits until a unit serves devices; null for none. */
  void serves(Iterable<String> devices, String unit) {
    assertEquals(
        List.of(),
        Components.await(
            () -> {
              List<String> wrong = new ArrayList<>();
              for (String name : devices) {
                Optional<String> now =
                    look(DeviceView.class, "(%s=%s)".formatted(DeviceView.NAME, name))
                        .flatMap(DeviceView::unitId);
                if (!now.equals(Optional.ofNullable(unit))) {
                  wrong.add(name + " is behind " + now);
                }
              }
              return wrong;
            }));
  }
}
