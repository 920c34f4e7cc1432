package org.ioasis.domain;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.ioasis.api.device.DeviceView;
import org.ioasis.domain.device.Announcer;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/**
 * Registers each device as a service, from a thread of its own since the devices' lock is held when
 * it is told.
 *
 * <p><b>Threading:</b> told by any thread; {@code registered} belongs to the executor's thread
 * until {@link #close}.
 */
final class DeviceAnnouncer implements Announcer, AutoCloseable {
  private final BundleContext context;
  private final Executor executor;
  private final Map<DeviceView, ServiceRegistration<DeviceView>> registered = new HashMap<>();
  private boolean closed;

  DeviceAnnouncer(BundleContext context, Executor executor) {
    this.context = context;
    this.executor = executor;
  }

  @Override
  public void present(DeviceView device) {
    later(() -> register(device));
  }

  @Override
  public void absent(DeviceView device) {
    later(() -> unregister(device));
  }

  private void later(Runnable action) {
    try {
      executor.execute(action);
    } catch (RejectedExecutionException ended) {
      // the bundle stops: close() takes everything back
    }
  }

  private synchronized void register(DeviceView device) {
    if (closed) {
      return;
    }
    Map<String, Object> properties = new HashMap<>();
    properties.put(DeviceView.NAME, device.endpoint().name());
    properties.put(DeviceView.SOURCE_ID, device.endpoint().sourceId());
    device.unitId().ifPresent(unit -> properties.put(DeviceView.UNIT_ID, unit));
    ServiceRegistration<DeviceView> there = registered.get(device);
    try {
      if (there == null) {
        registered.put(
            device,
            context.registerService(
                DeviceView.class, device, FrameworkUtil.asDictionary(properties)));
      } else {
        there.setProperties(FrameworkUtil.asDictionary(properties));
      }
    } catch (IllegalStateException stopping) {
      registered.remove(device);
    }
  }

  private synchronized void unregister(DeviceView device) {
    ServiceRegistration<DeviceView> there = registered.remove(device);
    if (there != null) {
      try {
        there.unregister();
      } catch (IllegalStateException stopping) {
        // the framework has taken it back already
      }
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    Map.copyOf(registered).keySet().forEach(this::unregister);
  }
}
