package org.ioasis.domain.unit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.ioasis.api.driver.AdoptReport;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.DriverFactory;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.IommuDriver;

/**
 * A factory in front of a real one. It writes down every call of the driver contract, runs what a
 * test hangs before a call, and throws where a test says so.
 */
public final class Meddler implements DriverFactory {
  /** What a broken driver throws. */
  public static final class Broken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Broken(String call) {
      super(call);
    }
  }

  private final DriverFactory real;

  /** Calls as {@code unit device.attach}. */
  public final List<String> calls = new CopyOnWriteArrayList<>();

  /** Where the driver of a unit hands its records, by unit. */
  public final Map<String, FaultSink> sinks = new ConcurrentHashMap<>();

  /** Told of every call. */
  public volatile Consumer<String> watcher = call -> {};

  private final Set<String> broken = ConcurrentHashMap.newKeySet();
  private final Map<String, Runnable> before = new ConcurrentHashMap<>();
  private final Map<String, Runnable> after = new ConcurrentHashMap<>();

  public Meddler(DriverFactory real) {
    this.real = real;
  }

  /** From now on this call throws: {@code batch.sync}, {@code dmar0 start} ... */
  public Meddler breaks(String call) {
    broken.add(call);
    return this;
  }

  /** It throws no more. */
  public Meddler mends(String call) {
    broken.remove(call);
    return this;
  }

  /** Runs once before this call. */
  public Meddler before(String call, Runnable action) {
    before.put(call, action);
    return this;
  }

  /** Runs once after this call. */
  public Meddler after(String call, Runnable action) {
    after.put(call, action);
    return this;
  }

  @Override
  public String kind() {
    return real.kind();
  }

  @Override
  public IommuDriver create(DriverEnvironment environment, Map<String, Long> parameters) {
    enter(environment.unitId(), "create");
    IommuDriver driver = real.create(environment, parameters);
    return wrap(environment.unitId(), "", IommuDriver.class, driver);
  }

  private void enter(String unit, String call) {
    calls.add(unit + " " + call);
    watcher.accept(unit + " " + call);
    Runnable first = before.remove(call);
    if (first == null) {
      first = before.remove(unit + " " + call);
    }
    if (first != null) {
      first.run();
    }
    if (broken.contains(call) || broken.contains(unit + " " + call)) {
      throw new Broken(call);
    }
  }

  private <T> T wrap(String unit, String prefix, Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            Meddler.class.getClassLoader(),
            new Class<?>[] {type, Real.class},
            (proxy, method, arguments) -> {
              if (method.getDeclaringClass() == Real.class) {
                return target;
              }
              if (method.getDeclaringClass() == Object.class) {
                return method.getName().equals("equals")
                    ? (Object) (proxy == arguments[0])
                    : method.invoke(target, arguments);
              }
              String call = prefix + method.getName();
              if (call.equals("start")) {
                sinks.put(unit, (FaultSink) arguments[0]);
              }
              enter(unit, call);
              Object result;
              try {
                result = method.invoke(target, unwrapped(arguments));
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              Runnable last = after.remove(call);
              if (last == null) {
                last = after.remove(unit + " " + call);
              }
              if (last != null) {
                last.run();
              }
              return wrapped(unit, result);
            }));
  }

  /** Who stands behind a proxy. */
  public interface Real {
    /** The driver's own object. */
    Object real();
  }

  private static Object[] unwrapped(Object[] arguments) {
    if (arguments == null) {
      return null;
    }
    Object[] own = arguments.clone();
    for (int i = 0; i < own.length; i++) {
      own[i] = own[i] instanceof Real proxy ? proxy.real() : own[i];
      if (own[i] instanceof org.ioasis.api.driver.DomainSpec spec
          && spec.parent() instanceof Real parent) {
        own[i] =
            new org.ioasis.api.driver.DomainSpec(
                spec.type(),
                spec.flags(),
                spec.inputBits(),
                spec.stage(),
                (DriverDomain) parent.real(),
                spec.data());
      }
    }
    return own;
  }

  private final Map<Object, Object> known = new ConcurrentHashMap<>();

  private Object wrapped(String unit, Object result) {
    if (result instanceof DriverDomain domain) {
      return known.computeIfAbsent(domain, d -> wrap(unit, "domain.", DriverDomain.class, domain));
    }
    if (result instanceof DriverDevice device) {
      return wrap(unit, "device.", DriverDevice.class, device);
    }
    if (result instanceof DomainBatch batch) {
      return wrap(unit, "batch.", DomainBatch.class, batch);
    }
    if (result instanceof AdoptReport report) {
      Map<Long, DriverDomain> domains = new java.util.HashMap<>();
      report.domains().forEach((key, d) -> domains.put(key, (DriverDomain) wrapped(unit, d)));
      return new AdoptReport(
          domains,
          report.devices().stream().map(d -> (DriverDevice) wrapped(unit, d)).toList(),
          report.framesReturned(),
          report.remarks());
    }
    return result;
  }

  /** How often a call was made. */
  public long count(String call) {
    return calls.stream().filter(c -> c.endsWith(" " + call)).count();
  }
}
