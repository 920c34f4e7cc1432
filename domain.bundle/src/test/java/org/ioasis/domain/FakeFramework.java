package org.ioasis.domain;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.SynchronousBundleListener;

/** As much of a framework as the start of the bundle touches: bundles, services, listeners. */
final class FakeFramework {
  private static final class Service {
    Class<?> type;
    Object object;
    Dictionary<String, ?> properties;
    ServiceReference<?> reference;
    final Map<Long, Object> given = new HashMap<>();
  }

  private final Map<Long, Bundle> bundles = new HashMap<>();
  private final List<Service> services = new CopyOnWriteArrayList<>();
  private final List<SynchronousBundleListener> listeners = new ArrayList<>();

  FakeFramework() {
    bundle(0, "system");
  }

  private static <T> T proxy(Class<T> type, Answers answers) {
    return type.cast(
        Proxy.newProxyInstance(
            FakeFramework.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) ->
                switch (method.getName()) {
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == args[0];
                  case "toString" -> type.getSimpleName();
                  default -> answers.answer(method.getName(), args);
                }));
  }

  private interface Answers {
    Object answer(String method, Object[] args);
  }

  /** A running bundle. */
  Bundle bundle(long id, String name) {
    BundleContext[] context = new BundleContext[1];
    Bundle bundle =
        proxy(
            Bundle.class,
            (method, args) ->
                switch (method) {
                  case "getBundleId" -> id;
                  case "getSymbolicName" -> name;
                  case "getState" -> bundles.containsKey(id) ? Bundle.ACTIVE : Bundle.RESOLVED;
                  case "getBundleContext" -> context[0];
                  case "compareTo" -> 0;
                  default -> throw new UnsupportedOperationException(method);
                });
    context[0] = proxy(BundleContext.class, (method, args) -> call(bundle, method, args));
    bundles.put(id, bundle);
    return bundle;
  }

  /** A bundle stops: what it got is given back, then everybody is told. */
  void stop(Bundle bundle) {
    bundles.remove(bundle.getBundleId());
    List.copyOf(services).forEach(service -> unget(service, bundle));
    BundleEvent event = new BundleEvent(BundleEvent.STOPPED, bundle);
    List.copyOf(listeners).forEach(listener -> listener.bundleChanged(event));
  }

  /** The service of a type as a bundle gets it; null if there is none. */
  <T> T service(Bundle bundle, Class<T> type) {
    return services.stream()
        .filter(service -> service.type == type)
        .findFirst()
        .map(service -> type.cast(get(service, bundle)))
        .orElse(null);
  }

  /** All services of a type that are no factories. */
  <T> List<T> all(Class<T> type) {
    return services.stream()
        .filter(service -> service.type == type)
        .map(service -> type.cast(service.object))
        .toList();
  }

  /** A property of a registered object. */
  Object property(Object object, String name) {
    return services.stream()
        .filter(service -> service.object == object)
        .map(service -> (Object) service.properties.get(name))
        .findFirst()
        .orElse(null);
  }

  /** Properties of all services of a type. */
  List<Dictionary<String, ?>> properties(Class<?> type) {
    List<Dictionary<String, ?>> all = new ArrayList<>();
    services.stream().filter(s -> s.type == type).forEach(s -> all.add(s.properties));
    return all;
  }

  private Object call(Bundle bundle, String method, Object[] args) {
    return switch (method) {
      case "getBundle" -> args == null || args.length == 0 ? bundle : bundles.get((Long) args[0]);
      case "registerService" -> register((Class<?>) args[0], args[1], (Dictionary<?, ?>) args[2]);
      case "addBundleListener" -> {
        listeners.add((SynchronousBundleListener) args[0]);
        yield null;
      }
      case "removeBundleListener" -> {
        listeners.remove(args[0]);
        yield null;
      }
      case "getServiceReferences" ->
          services.stream()
              .filter(s -> s.type == args[0])
              .filter(s -> ((String) args[1]).contains("=" + s.properties.get("ioasis.hand.over")))
              .map(s -> s.reference)
              .toList();
      case "getServiceReference" ->
          services.stream()
              .filter(s -> s.type == args[0])
              .map(s -> s.reference)
              .findFirst()
              .orElse(null);
      case "getService" -> get(of(args[0]), bundle);
      case "ungetService" -> {
        unget(of(args[0]), bundle);
        yield true;
      }
      default -> throw new UnsupportedOperationException(method);
    };
  }

  private Service of(Object reference) {
    return services.stream().filter(s -> s.reference == reference).findFirst().orElseThrow();
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // the framework's own raw types
  private Object get(Service service, Bundle bundle) {
    if (service.object instanceof ServiceFactory factory) {
      return service.given.computeIfAbsent(
          bundle.getBundleId(), id -> factory.getService(bundle, null));
    }
    return service.object;
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // the framework's own raw types
  private void unget(Service service, Bundle bundle) {
    Object given = service.given.remove(bundle.getBundleId());
    if (given != null && service.object instanceof ServiceFactory factory) {
      factory.ungetService(bundle, null, given);
    }
  }

  /** Registers a service as the framework does. */
  ServiceRegistration<?> register(Class<?> type, Object object, Dictionary<?, ?> properties) {
    Service service = new Service();
    service.type = type;
    service.object = object;
    Map<String, Object> copy = new HashMap<>();
    if (properties != null) {
      for (Object key : java.util.Collections.list(properties.keys())) {
        copy.put((String) key, properties.get(key));
      }
    }
    service.properties = FrameworkUtil.asDictionary(copy);
    service.reference =
        proxy(
            ServiceReference.class,
            (method, args) -> {
              throw new UnsupportedOperationException(method);
            });
    services.add(service);
    return proxy(
        ServiceRegistration.class,
        (method, args) -> {
          if ("setProperties".equals(method)) {
            return null;
          }
          if (!"unregister".equals(method)) {
            throw new UnsupportedOperationException(method);
          }
          List.copyOf(service.given.keySet())
              .forEach(id -> unget(service, bundles.getOrDefault(id, bundles.get(0L))));
          services.remove(service);
          return null;
        });
  }
}
