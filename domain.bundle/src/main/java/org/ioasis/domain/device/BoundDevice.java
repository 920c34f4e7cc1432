package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceInterrupts;
import org.ioasis.api.device.DeviceView;
import org.ioasis.api.device.HardwareInfo;
import org.ioasis.api.device.Tenant;
import org.ioasis.api.device.UnshareMode;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DriverCapabilities;
import org.ioasis.api.driver.DriverFeature;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Kept;
import org.ioasis.domain.unit.PortGate;

/**
 * A device in the hands of its owner.
 *
 * <p><b>Threading:</b> any thread, outside bursts; changes happen under the lock of the structure.
 */
final class BoundDevice implements Device, Kept {
  private final Services services;
  private final DeviceCore core;
  private final Handle<Device> handle;
  private final Client client;
  private final Binding terms;
  private volatile boolean ended;

  BoundDevice(
      Services services, DeviceCore core, Handle<Device> handle, Client client, Binding terms) {
    this.services = services;
    this.core = core;
    this.handle = handle;
    this.client = client;
    this.terms = terms;
  }

  DeviceCore core() {
    return core;
  }

  Client client() {
    return client;
  }

  Binding terms() {
    return terms;
  }

  /** The device, if binding and device still live. */
  DeviceCore live() {
    if (ended) {
      throw new IoasisException(
          Reason.NOT_FOUND, "%s refused: the binding of %s has ended".formatted(handle, core));
    }
    if (core.isAway()) {
      throw new IoasisException(
          Reason.GONE, "%s refused: %s has left the fabric".formatted(handle, core));
    }
    return core;
  }

  @Override
  public String title() {
    return "device %d (%s of %s)".formatted(handle.id(), core.name(), terms.owner());
  }

  @Override
  public Handle<Device> handle() {
    return handle;
  }

  @Override
  public DeviceView view() {
    return core;
  }

  @Override
  public long label() {
    return terms.label();
  }

  @Override
  public Attachment attach(AttachTarget target, int pasid) {
    return services.tenants().around(core, () -> services.attaching().attach(this, target, pasid));
  }

  @Override
  public Attachment replace(AttachTarget target, int pasid, ChangeMode mode) {
    return services
        .tenants()
        .around(core, () -> services.attaching().replace(this, target, pasid, mode));
  }

  @Override
  public void detach(int pasid) {
    services
        .tenants()
        .around(
            core,
            () -> {
              services.attaching().detach(core, this, pasid);
              return null;
            });
  }

  @Override
  public List<Attachment> attachments() {
    ReentrantLock structure = services.devices().structure();
    structure.lock();
    try {
      return core.all().stream().map(place -> place.attachment).toList();
    } finally {
      structure.unlock();
    }
  }

  @Override
  public Attachment unshare(UnshareMode mode) {
    return services.sharing().unshare(this, mode);
  }

  @Override
  public long map(MapRequest request) {
    return services.sharing().map(this, request);
  }

  @Override
  public DeviceInterrupts interrupts(
      int count, DeviceInterrupts.Programmer programmer, IntConsumer handler) {
    ReentrantLock structure = services.devices().structure();
    structure.lock();
    try {
      DeviceCore device = live();
      if (device.interrupts() != null) {
        throw new IoasisException(
            Reason.EXISTS,
            "interrupts of %s refused: it has %d; close them first"
                .formatted(device, device.interrupts().count()));
      }
      InterruptCore made =
          new InterruptCore(services.devices(), device, programmer).begin(count, handler);
      device.interrupts(made);
      return made;
    } finally {
      structure.unlock();
    }
  }

  @Override
  public HardwareInfo hardwareInfo() {
    ReentrantLock structure = services.devices().structure();
    structure.lock();
    try {
      DriverCapabilities can = services.devices().ensureHosted(live()).host().capabilities();
      int bits = Math.min(can.pasidBits(), core.endpoint().pasidBits());
      Set<HardwareInfo.Capability> able = EnumSet.noneOf(HardwareInfo.Capability.class);
      if (can.has(DriverFeature.DIRTY_TRACKING)) {
        able.add(HardwareInfo.Capability.DIRTY_TRACKING);
      }
      if (bits > 0 && can.has(DriverFeature.EXECUTE_PERMISSION)) {
        able.add(HardwareInfo.Capability.PASID_EXEC);
      }
      if (bits > 0 && can.has(DriverFeature.PRIVILEGED_ACCESS)) {
        able.add(HardwareInfo.Capability.PASID_PRIV);
      }
      if (!can.has(DriverFeature.ATS) || !core.endpoint().ats()) {
        able.add(HardwareInfo.Capability.ATS_NOT_SUPPORTED);
      }
      return new HardwareInfo(can.hardwareInfo(), bits, able);
    } finally {
      structure.unlock();
    }
  }

  @Override
  public HardwareInfo hardwareInfo(String type) {
    HardwareInfo info = hardwareInfo();
    if (!info.data().type().equals(type)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "hardware info of type %s refused: the unit of %s has %s"
              .formatted(type, core, info.data().type()));
    }
    return info;
  }

  @Override
  public void attachTenant(Handle<Tenant> tenant) {
    services.tenants().assign(this, tenant);
  }

  @Override
  public void reset() {
    ReentrantLock structure = services.devices().structure();
    structure.lock();
    try {
      DeviceCore device = live();
      device.gate().close(PortGate.Closed.MOVING);
      services.devices().machine().fabric().endpoint(device.sourceId()).ifPresent(Endpoint::reset);
      device.all().forEach(p -> services.attaching().drain(device, p));
      device.gate().open(PortGate.Closed.MOVING);
    } finally {
      structure.unlock();
    }
  }

  @Override
  public Object leave() {
    List<Object[]> places = new ArrayList<>();
    for (Place place : core.all()) {
      places.add(new Object[] {place.attachment, place.allocated});
    }
    TenantCore tenant = core.tenant();
    return new Object[] {
      core.name(), terms, places, core.unit(), tenant == null ? null : tenant.handle()
    };
  }

  @Override
  public void destroy() {
    services.viommus().unbind(handle);
    services.devices().objects().destroy(handle);
  }

  @Override
  public void end() {
    services.viommus().unbind(handle);
    InterruptCore interrupts = core.interrupts();
    if (interrupts != null) {
      interrupts.close();
    }
    ReentrantLock structure = services.devices().structure();
    structure.lock();
    try {
      ended = true;
      core.all().stream()
          .sorted((a, b) -> Integer.compare(b.key().pasid(), a.key().pasid()))
          .forEach(place -> services.attaching().detach(core, this, place.key().pasid()));
      core.binding(null);
    } finally {
      structure.unlock();
    }
    services.sharing().ended(this);
    services.tenants().leave(core);
  }

  /** Whether it holds anything at the place of requests without a PASID. */
  boolean isAttached() {
    return core.place(DmaRequest.NO_PASID).isPresent();
  }
}
