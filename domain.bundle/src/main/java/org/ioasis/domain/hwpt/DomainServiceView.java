package org.ioasis.domain.hwpt;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.DomainService;
import org.ioasis.api.domain.VirtualIommu;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.unit.HostedDevice;

/**
 * The service as one client has it. Refusals are the kernel's where it has them.
 *
 * <p><b>Threading:</b> any thread, outside bursts.
 */
public final class DomainServiceView implements DomainService {
  private static final Set<DomainFlag> NESTED_FLAGS =
      EnumSet.of(DomainFlag.FAULT_CAPABLE, DomainFlag.PASID, DomainFlag.USER_PASID_TABLE);

  private final Client client;
  private final Domains domains;
  private final Viommus viommus;
  private final Objects objects;
  private final Sites sites;
  private final Predicate<Handle<FaultQueue>> queues;

  /**
   * @param queues whether a fault queue lives
   */
  public DomainServiceView(
      Client client,
      Domains domains,
      Viommus viommus,
      Sites sites,
      Predicate<Handle<FaultQueue>> queues) {
    this.client = client;
    this.domains = domains;
    this.viommus = viommus;
    this.objects = domains.objects();
    this.sites = sites;
    this.queues = queues;
  }

  @Override
  public Domain create(DomainRequest request) {
    ReentrantLock structure = domains.structure();
    structure.lock();
    try {
      HostedDevice device = sites.hosted(request.device());
      if (request.faultQueue() != null && !queues.test(request.faultQueue())) {
        throw new IoasisException(
            Reason.NOT_FOUND, "domain refused: %s does not live".formatted(request.faultQueue()));
      }
      DomainPlan plan = request.space() != null ? paging(request) : nested(request);
      if (plan.parent() != null && !plan.parent().kind().equals(device.host().kind())) {
        throw invalid(
            "its parent %s is of kind %s, the device is behind %s"
                .formatted(plan.parent(), plan.parent().kind(), device.host()));
      }
      return domains.create(client, device.host(), plan);
    } finally {
      structure.unlock();
    }
  }

  private static IoasisException invalid(String why) {
    return new IoasisException(Reason.INVALID, "domain refused: " + why);
  }

  private static Set<DomainFlag> flags(DomainRequest request) {
    Set<DomainFlag> flags = EnumSet.noneOf(DomainFlag.class);
    flags.addAll(request.flags());
    if (request.faultQueue() != null) {
      flags.add(DomainFlag.FAULT_CAPABLE);
    }
    return flags;
  }

  private DomainPlan paging(DomainRequest request) {
    Set<DomainFlag> flags = flags(request);
    if (request.data() != null) {
      throw invalid("a domain of a space takes no data, here of type " + request.data().type());
    }
    if (flags.contains(DomainFlag.USER_PASID_TABLE)) {
      throw unsupported("USER_PASID_TABLE is for nested domains");
    }
    if (request.faultQueue() != null && flags.contains(DomainFlag.NEST_PARENT)) {
      throw unsupported("a nest parent has no fault queue");
    }
    Space space;
    try {
      space = objects.find(request.space(), Space.class);
    } catch (IoasisException e) {
      throw e.reason() == Reason.NOT_FOUND ? invalid(e.getMessage()) : e;
    }
    return new DomainPlan(
        DomainSpec.Type.PAGING, flags, space, null, null, null, request.faultQueue(), false);
  }

  private static IoasisException unsupported(String why) {
    return new IoasisException(Reason.UNSUPPORTED, "domain refused: " + why);
  }

  private DomainPlan nested(DomainRequest request) {
    Set<DomainFlag> flags = flags(request);
    if (request.data() == null || request.data().length() == 0) {
      throw invalid("a nested domain needs its first stage as data");
    }
    if (!NESTED_FLAGS.containsAll(flags)) {
      throw unsupported("a nested domain can have %s, not %s".formatted(NESTED_FLAGS, flags));
    }
    ViommuCore viommu = null;
    DomainCore parent;
    try {
      if (request.viommu() != null) {
        viommu = objects.find(request.viommu(), ViommuCore.class);
        parent = viommu.parentCore();
      } else {
        parent = objects.find(request.parent(), DomainCore.class);
      }
    } catch (IoasisException e) {
      throw e.reason() == Reason.NOT_FOUND ? invalid(e.getMessage()) : e;
    }
    if (parent.automatic() || !parent.flags().contains(DomainFlag.NEST_PARENT)) {
      throw invalid("%s was not made with NEST_PARENT".formatted(parent.title()));
    }
    return new DomainPlan(
        DomainSpec.Type.NESTED,
        flags,
        null,
        parent,
        viommu,
        request.data(),
        request.faultQueue(),
        false);
  }

  @Override
  public Domain domain(Handle<Domain> handle) {
    return objects.find(handle, DomainCore.class);
  }

  @Override
  public VirtualIommu createVirtualIommu(Handle<Device> device, Handle<Domain> parent, Blob data) {
    domains.structure().lock();
    try {
      HostedDevice site = sites.hosted(device);
      DomainCore base = objects.find(parent, DomainCore.class);
      return viommus.create(client, site.host(), base, data);
    } finally {
      domains.structure().unlock();
    }
  }

  @Override
  public VirtualIommu virtualIommu(Handle<VirtualIommu> handle) {
    return objects.find(handle, ViommuCore.class);
  }

  @Override
  public void destroy(Handle<?> handle) {
    objects.destroy(handle);
  }
}
