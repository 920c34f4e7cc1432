package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AssignmentObserver;
import org.ioasis.api.device.Tenant;
import org.ioasis.api.device.TenantSpec;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.unit.PortGate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tenants and the observers of their edges. The port of a device stays closed (reason TENANT) from
 * before a change until every observer has answered, so that no DMA is ahead of what was told.
 *
 * <p><b>Threading:</b> any thread, outside bursts; no lock is held while an observer runs. A
 * tenant's {@link Turn} keeps its observers to one call at a time.
 */
public final class Tenants {
  private static final Logger LOG = LoggerFactory.getLogger(Tenants.class);

  private final Objects objects;
  private final List<AssignmentObserver> observers = new CopyOnWriteArrayList<>();

  /** Makes the place. */
  Tenants(Devices devices) {
    this.objects = devices.objects();
  }

  /** An observer came; it hears of edges from now on. */
  public void add(AssignmentObserver observer) {
    observers.add(observer);
  }

  /** An observer goes. */
  public void remove(AssignmentObserver observer) {
    observers.remove(observer);
  }

  TenantCore create(Client client, TenantSpec spec) {
    return objects.enter(Tenant.class, client, handle -> new TenantCore(objects, handle, spec));
  }

  /** Puts a device into a tenant, or with null out of the one it is in. */
  void assign(BoundDevice bound, Handle<Tenant> handle) {
    DeviceCore device = bound.live();
    TenantCore to = handle == null ? null : objects.find(handle, TenantCore.class);
    TenantCore from = device.tenant();
    if (from == to) {
      return;
    }
    if (from != null) {
      leave(device);
    }
    if (to != null) {
      join(bound, to);
    }
  }

  private void join(BoundDevice bound, TenantCore tenant) {
    DeviceCore device = bound.core();
    tenant.turn().take("tenant of " + device);
    device.gate().close(PortGate.Closed.TENANT);
    boolean joined = false;
    try {
      objects.use(bound.handle(), tenant.handle());
      device.tenant(tenant);
      tenant.members().add(device);
      if (!tenant.first) {
        tellFirst(tenant);
      } else {
        tellChanged(tenant);
      }
      tenant.warnings().forEach(warning -> LOG.warn("domain: {}", warning));
      joined = true;
    } finally {
      if (!joined) {
        tenant.members().remove(device);
        device.tenant(null);
        objects.unuse(bound.handle(), tenant.handle());
      }
      device.gate().open(PortGate.Closed.TENANT);
      tenant.turn().giveBack();
    }
  }

  /** The first device: every observer answers with a lease, or all leases given are closed. */
  private void tellFirst(TenantCore tenant) {
    boolean coherent = tenant.coherent();
    List<AutoCloseable> leases = new ArrayList<>();
    try {
      for (AssignmentObserver observer : observers) {
        AutoCloseable lease = observer.first(tenant.handle(), coherent);
        if (lease != null) {
          leases.add(lease);
        }
      }
    } catch (RuntimeException e) {
      leases.forEach(lease -> close(lease, tenant));
      throw new IoasisException(
          Reason.DENIED,
          "assignment to %s refused by an observer: %s".formatted(tenant.title(), e.getMessage()),
          e);
    }
    tenant.leases.addAll(leases);
    tenant.first = true;
    tenant.told = coherent;
  }

  private void tellChanged(TenantCore tenant) {
    boolean coherent = tenant.coherent();
    if (!tenant.first || coherent == tenant.told) {
      return;
    }
    tenant.told = coherent;
    for (AssignmentObserver observer : observers) {
      try {
        observer.changed(tenant.handle(), coherent);
      } catch (RuntimeException e) {
        LOG.warn("domain: an observer of {} threw", tenant.title(), e);
      }
    }
  }

  /** Takes a device out of its tenant; after the last, and its grace, the leases are closed. */
  void leave(DeviceCore device) {
    TenantCore tenant = device.tenant();
    if (tenant == null) {
      return;
    }
    tenant.turn().take("tenant of " + device);
    device.gate().close(PortGate.Closed.TENANT); // the grace: nothing of it passes for this tenant
    try {
      tenant.members().remove(device);
      device.tenant(null);
      if (tenant.members().isEmpty()) {
        tenant.first = false;
        List<AutoCloseable> ended = List.copyOf(tenant.leases);
        tenant.leases.clear();
        ended.forEach(lease -> close(lease, tenant));
      } else {
        tellChanged(tenant);
      }
      BoundDevice bound = device.binding();
      if (bound != null) {
        objects.unuse(bound.handle(), tenant.handle());
      }
    } finally {
      device.gate().open(PortGate.Closed.TENANT);
      tenant.turn().giveBack();
    }
  }

  /** Tenants of an earlier instance have their devices again: observers hear of them anew. */
  void resume() {
    for (TenantCore tenant : objects.all(TenantCore.class)) {
      if (!tenant.members().isEmpty() && !tenant.first) {
        tenant.turn().take("tenants");
        try {
          tellFirst(tenant);
          tenant.members().forEach(device -> device.gate().open(PortGate.Closed.TENANT));
        } catch (IoasisException e) {
          LOG.error("domain: the devices of {} stay blocked", tenant.title(), e);
        } finally {
          tenant.turn().giveBack();
        }
      }
    }
  }

  /** Every lease ends; all ports are closed. */
  void end() {
    for (TenantCore tenant : objects.all(TenantCore.class)) {
      tenant.leases.forEach(lease -> close(lease, tenant));
      tenant.leases.clear();
    }
  }

  private static void close(AutoCloseable lease, TenantCore tenant) {
    try {
      lease.close();
    } catch (Exception e) {
      LOG.warn("domain: a lease of {} threw on closing", tenant.title(), e);
    }
  }

  /**
   * A change that may change how a device is with caches. Only a device that can skip snooping and
   * has a tenant needs the observers; its port is closed until they know.
   */
  <T> T around(DeviceCore device, Supplier<T> change) {
    TenantCore tenant = device.tenant();
    if (tenant == null || !device.facts().mayNotSnoop()) {
      return change.get();
    }
    tenant.turn().take("change of " + device);
    device.gate().close(PortGate.Closed.TENANT);
    try {
      T result = change.get();
      tellChanged(tenant);
      return result;
    } finally {
      device.gate().open(PortGate.Closed.TENANT);
      tenant.turn().giveBack();
    }
  }
}
