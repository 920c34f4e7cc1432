package org.ioasis.domain.device;

import java.util.List;
import java.util.Optional;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.device.DeviceView;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.device.ShareReport;
import org.ioasis.api.device.ShareRequest;
import org.ioasis.api.device.Tenant;
import org.ioasis.api.device.TenantSpec;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;

/**
 * The service as one client has it.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
final class DeviceServiceView implements DeviceService {
  private final Client client;
  private final Services services;
  private final Devices devices;
  private final Objects objects;

  DeviceServiceView(Client client, Services services) {
    this.client = client;
    this.services = services;
    this.devices = services.devices();
    this.objects = devices.objects();
  }

  @Override
  public List<DeviceView> devices() {
    return List.copyOf(devices.all());
  }

  @Override
  public Device bind(String name, Binding binding) {
    devices.structure().lock();
    try {
      DeviceCore device =
          devices
              .named(name)
              .orElseThrow(
                  () ->
                      new IoasisException(
                          Reason.NOT_FOUND, "bind refused: no device is named " + name));
      for (DeviceCore member : devices.members(device)) {
        BoundDevice there = member.binding();
        if (there != null
            && (member == device
                || !there.client().equals(client)
                || !there.terms().owner().equals(binding.owner()))) {
          throw new IoasisException(
              Reason.BUSY,
              "bind of %s by %s refused: %s of its group is owned by %s (%s)"
                  .formatted(
                      device, binding.owner(), member, there.terms().owner(), there.client()));
        }
      }
      BoundDevice made =
          objects.enter(
              Device.class,
              client,
              handle -> new BoundDevice(services, device, handle, client, binding));
      device.binding(made);
      return made;
    } finally {
      devices.structure().unlock();
    }
  }

  @Override
  public Device device(Handle<Device> handle) {
    BoundDevice bound = objects.find(handle, BoundDevice.class);
    bound.live();
    return bound;
  }

  @Override
  public Optional<Attachment> attachment(RoutingKey key) {
    devices.structure().lock();
    try {
      return devices
          .of(key.sourceId())
          .flatMap(device -> device.place(key.pasid()))
          .map(place -> place.attachment);
    } finally {
      devices.structure().unlock();
    }
  }

  private void checkOwner(Handle<Device> handle) {
    Client owner = objects.find(handle, BoundDevice.class).client();
    if (!owner.equals(client)) {
      throw new IoasisException(
          Reason.DENIED,
          "share refused: %s belongs to %s, not to %s".formatted(handle, owner, client));
    }
  }

  @Override
  public ShareReport share(ShareRequest request) {
    checkOwner(request.target());
    checkOwner(request.into());
    return services.sharing().share(request);
  }

  @Override
  public ShareReport shareDryRun(ShareRequest request) {
    checkOwner(request.target());
    checkOwner(request.into());
    return services.sharing().dryRun(request);
  }

  @Override
  public Tenant createTenant(TenantSpec spec) {
    return services.tenants().create(client, spec);
  }

  @Override
  public Tenant tenant(Handle<Tenant> handle) {
    return objects.find(handle, TenantCore.class);
  }
}
