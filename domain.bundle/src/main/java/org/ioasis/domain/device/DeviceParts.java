package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.IntPredicate;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.device.Tenant;
import org.ioasis.api.device.TenantSpec;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.machine.Machine;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Kept;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.hwpt.Domains;
import org.ioasis.domain.hwpt.Viommus;
import org.ioasis.domain.unit.PortGate;
import org.ioasis.domain.unit.UnitHosts;

/**
 * The parts around one machine: devices, domains, units and what ties them.
 *
 * <p><b>Threading:</b> built by one thread, then used by any.
 */
public final class DeviceParts implements AutoCloseable {
  private final ReentrantLock structure = new ReentrantLock();
  private final EventBus events;
  private final Devices devices;
  private final Domains domains;
  private final Viommus viommus;
  private final UnitHosts hosts;
  private final Tenants tenants;
  private final Attaching attaching;
  private final PasidEnds pasidEnds;
  private final Mover mover;
  private final Services services;
  private final Origin origin;

  /**
   * What the parts are given.
   *
   * @param machine the machine
   * @param objects the table of identities
   * @param spaces makers of spaces
   * @param settings what devices do not say themselves
   * @param drivers parameters of the driver of a unit, by its identity
   * @param looks looking glasses of a unit, by its identity
   * @param allocated whether the allocator has handed out a PASID
   * @param announcer makes devices known as services
   * @param executor tells events; not in the caller's thread
   */
  public record Given(
      Machine machine,
      Objects objects,
      Spaces spaces,
      DeviceSettings settings,
      Function<String, Map<String, Long>> drivers,
      Function<String, Optional<UnitService>> looks,
      IntPredicate allocated,
      Announcer announcer,
      Executor executor) {}

  /** Builds the parts and begins to follow the ports of the fabric. */
  public DeviceParts(Given given) {
    events = new EventBus(given.executor());
    devices =
        new Devices(
            given.machine(),
            given.objects(),
            given.settings(),
            given.announcer(),
            events,
            structure);
    domains = new Domains(given.machine(), given.objects(), structure, given.looks());
    viommus = new Viommus(given.objects(), devices);
    Serving serving = new Serving(devices, domains);
    hosts = new UnitHosts(given.machine(), serving, given.drivers());
    tenants = new Tenants(devices);
    attaching = new Attaching(devices, domains, given.allocated());
    pasidEnds = new PasidEnds(devices, attaching);
    mover = new Mover(devices, domains, serving);
    Sharing sharing = new Sharing(devices, attaching, tenants, given.spaces());
    services = new Services(devices, attaching, sharing, tenants, viommus);
    origin = new Origin(devices, domains);
    devices.begin(hosts);
  }

  // ---- the next instance of the bundle ----------------------------------------------------------

  /** A domain as an earlier instance left it. */
  @SuppressWarnings("unchecked") // the table of identities has typed it
  public Kept reviveDomain(Handle<?> handle, Client owner, Object state) {
    return domains.revive((Handle<Domain>) handle, owner, state);
  }

  /** A tenant as an earlier instance left it. */
  @SuppressWarnings("unchecked") // as above
  public Kept reviveTenant(Handle<?> handle, Client owner, Object state) {
    Object[] parts = (Object[]) state;
    return new TenantCore(
        devices.objects(),
        (Handle<Tenant>) handle,
        new TenantSpec((String) parts[0], (Optional<Boolean>) parts[1]));
  }

  /** A bound device as an earlier instance left it: blocked until its unit serves. */
  @SuppressWarnings("unchecked") // as above
  public Kept reviveDevice(Handle<?> handle, Client owner, Object state) {
    Object[] parts = (Object[]) state;
    DeviceCore device = devices.named((String) parts[0]).orElse(null);
    if (device == null) {
      return null;
    }
    BoundDevice bound =
        new BoundDevice(services, device, (Handle<Device>) handle, owner, (Binding) parts[1]);
    device.binding(bound);
    device.unit((String) parts[3]);
    device.gate().shut(PortGate.Closed.UNIT);
    for (Object[] row : (List<Object[]>) parts[2]) {
      Attachment attachment = (Attachment) row[0];
      Place place =
          new Place(
              devices.objects().find(attachment.domain(), DomainCore.class), (boolean) row[1]);
      place.attachment = attachment;
      device.places().put(attachment.key().pasid(), place);
      place.domain.attached(attachment.key(), device.facts());
      attaching.publish(bound, place.domain, attachment.key());
      device.quarantined(true);
      device.gate().open(PortGate.Closed.UNATTACHED);
    }
    if (parts[4] != null) {
      TenantCore tenant = devices.objects().find((Handle<?>) parts[4], TenantCore.class);
      device.gate().shut(PortGate.Closed.TENANT);
      device.tenant(tenant);
      tenant.members().add(device);
    }
    return bound;
  }

  /** Tenants that were revived tell their observers. */
  public void resume() {
    tenants.resume();
  }

  /** The machine goes, and we stay: bindings, tenants and domains end. */
  public void endAll() {
    for (BoundDevice bound : devices.objects().all(BoundDevice.class)) {
      bound.destroy();
    }
    List<DomainCore> left = new ArrayList<>(domains.all());
    Collections.reverse(left);
    left.forEach(DomainCore::destroy);
    devices.objects().all(TenantCore.class).forEach(TenantCore::destroy);
  }

  /** The service of devices as one client has it. */
  public DeviceService deviceService(Client client) {
    return new DeviceServiceView(client, services);
  }

  /** The end of PASIDs that devices use; one for all, its steps belong together. */
  public PasidEnds pasidEnds() {
    return pasidEnds;
  }

  /** The devices. */
  public Devices devices() {
    return devices;
  }

  /** The domains. */
  public Domains domains() {
    return domains;
  }

  /** The virtual IOMMUs. */
  public Viommus viommus() {
    return viommus;
  }

  /** The units and their drivers. */
  public UnitHosts hosts() {
    return hosts;
  }

  /** Tenants and their observers. */
  public Tenants tenants() {
    return tenants;
  }

  /** Moves devices. */
  public Mover mover() {
    return mover;
  }

  /** Events. */
  public EventBus events() {
    return events;
  }

  /** Where the router of page faults finds routes and answers. */
  public Origin origin() {
    return origin;
  }

  /** The one lock. */
  public ReentrantLock structure() {
    return structure;
  }

  /** Every port is closed, every unit switched off. */
  @Override
  public void close() {
    for (DeviceCore device : devices.all()) {
      if (device.interrupts() != null) {
        device.interrupts().close();
      }
    }
    devices.close();
    hosts.close();
    tenants.end();
  }
}
