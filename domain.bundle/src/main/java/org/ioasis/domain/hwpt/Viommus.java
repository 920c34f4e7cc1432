package org.ioasis.domain.hwpt;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.VirtualIommu;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.unit.HostedDevice;
import org.ioasis.domain.unit.HostedViommu;
import org.ioasis.domain.unit.UnitHost;

/**
 * The virtual IOMMUs.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
public final class Viommus {
  private final Objects objects;
  private final Sites sites;
  private final List<ViommuCore> all = new CopyOnWriteArrayList<>();

  /** Makes the place. */
  public Viommus(Objects objects, Sites sites) {
    this.objects = objects;
    this.sites = sites;
  }

  Objects objects() {
    return objects;
  }

  /** All that live. */
  public List<ViommuCore> all() {
    return List.copyOf(all);
  }

  void forget(ViommuCore viommu) {
    all.remove(viommu);
  }

  HostedDevice hosted(Handle<Device> device, UnitHost host) {
    HostedDevice hosted = sites.hosted(device);
    if (hosted.host() != host) {
      throw new IoasisException(
          Reason.INVALID,
          "virtual device refused: %s is behind unit %s, not %s"
              .formatted(device, hosted.host().unitId(), host.unitId()));
    }
    return hosted;
  }

  boolean isVirtual(Handle<Device> device) {
    return all.stream().anyMatch(viommu -> viommu.knows(device));
  }

  /** The binding of a device ends. */
  public void unbind(Handle<Device> device) {
    all.forEach(viommu -> viommu.unbind(device));
  }

  ViommuCore create(Client owner, UnitHost host, DomainCore parent, Blob data) {
    Set<DomainFlag> flags = parent.flags();
    if (parent.automatic() || !flags.contains(DomainFlag.NEST_PARENT)) {
      throw new IoasisException(
          Reason.INVALID,
          "virtual IOMMU refused: %s was not made with NEST_PARENT".formatted(parent));
    }
    Table table = parent.require(host);
    HostedViommu hosted = HostedViommu.create(host, table.hosted(), data);
    ViommuCore made =
        objects.enter(
            VirtualIommu.class, owner, id -> new ViommuCore(this, id, owner, parent, hosted));
    objects.use(made.handle(), parent.handle());
    all.add(made);
    return made;
  }
}
