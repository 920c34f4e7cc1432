package org.ioasis.domain.hwpt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.EventQueue;
import org.ioasis.api.domain.HardwareQueue;
import org.ioasis.api.domain.VirtualDevice;
import org.ioasis.api.domain.VirtualIommu;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.machine.Mmio;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Kept;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.unit.HostedDevice;
import org.ioasis.domain.unit.HostedDomain;
import org.ioasis.domain.unit.HostedViommu;
import org.ioasis.domain.unit.UnitHost;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A virtual IOMMU with its devices, event queues and hardware queues.
 *
 * <p><b>Threading:</b> any thread, outside bursts. {@code this} guards the tables of devices and
 * queues and is never held while the driver is called.
 */
public final class ViommuCore implements VirtualIommu, Kept {
  private static final Logger LOG = LoggerFactory.getLogger(ViommuCore.class);
  private static final int MOST_EVENTS = 1 << 19;

  private final Viommus all;
  private final Handle<VirtualIommu> handle;
  private final Client owner;
  private final DomainCore parent;
  private final HostedViommu hosted;
  private final Map<Long, VirtualDeviceCore> devices = new TreeMap<>();
  private final Map<String, EventQueueCore> events = new TreeMap<>();

  ViommuCore(
      Viommus all,
      Handle<VirtualIommu> handle,
      Client owner,
      DomainCore parent,
      HostedViommu hosted) {
    this.all = all;
    this.handle = handle;
    this.owner = owner;
    this.parent = parent;
    this.hosted = hosted;
  }

  private Objects objects() {
    return all.objects();
  }

  @Override
  public Handle<VirtualIommu> handle() {
    return handle;
  }

  @Override
  public String title() {
    return "viommu " + handle.id();
  }

  @Override
  public Handle<Domain> parent() {
    return parent.handle();
  }

  /** The nest parent. */
  public DomainCore parentCore() {
    return parent;
  }

  /** The unit it is a slice of. */
  public UnitHost host() {
    return hosted.host();
  }

  HostedDomain createNested(UnitHost host, Blob data, Set<DomainFlag> flags) {
    if (host != hosted.host()) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "nested domain refused: %s is a slice of unit %s, not of %s"
              .formatted(title(), hosted.host().unitId(), host.unitId()));
    }
    return hosted.createNested(data, flags);
  }

  /** Whether a device has a place here. */
  public synchronized boolean knows(Handle<Device> device) {
    return devices.values().stream().anyMatch(virtual -> virtual.device().equals(device));
  }

  @Override
  public Blob data() {
    return hosted.data();
  }

  @Override
  public Mmio window() {
    if (!owner.trusted()) {
      throw new IoasisException(
          Reason.DENIED,
          "window of %s refused: %s is not trusted with memory".formatted(title(), owner));
    }
    return hosted
        .window()
        .orElseThrow(
            () ->
                new IoasisException(
                    Reason.UNSUPPORTED,
                    "window refused: the type of %s has none".formatted(title())));
  }

  @Override
  public VirtualDevice addDevice(Handle<Device> device, long virtualId) {
    HostedDevice site = all.hosted(device, hosted.host());
    if (all.isVirtual(device)) {
      throw new IoasisException(
          Reason.EXISTS,
          "virtual device refused: %s has a place in a virtual IOMMU already".formatted(device));
    }
    synchronized (this) {
      if (devices.containsKey(virtualId)) {
        throw new IoasisException(
            Reason.EXISTS,
            "virtual device refused: id 0x%x of %s is %s"
                .formatted(virtualId, title(), devices.get(virtualId).device()));
      }
    }
    AutoCloseable lease = hosted.addDevice(site, virtualId);
    VirtualDeviceCore made =
        objects()
            .enter(
                VirtualDevice.class,
                owner,
                id -> new VirtualDeviceCore(this, id, device, virtualId, lease));
    objects().use(made.handle(), handle);
    synchronized (this) {
      devices.put(virtualId, made);
    }
    return made;
  }

  synchronized void forget(VirtualDeviceCore device) {
    devices.remove(device.virtualId(), device);
  }

  void destroy(Handle<?> object) {
    objects().destroy(object);
  }

  /** The binding of a device ends: so does its place here. */
  public void unbind(Handle<Device> device) {
    List<VirtualDeviceCore> ending = new ArrayList<>();
    synchronized (this) {
      devices.values().stream().filter(v -> v.device().equals(device)).forEach(ending::add);
    }
    ending.forEach(VirtualDeviceCore::destroy);
  }

  @Override
  public BatchResult invalidate(Blob records, int recordBytes) {
    DomainCore.checkRecords(title(), records, recordBytes);
    if (records.length() == 0) {
      List<String> types = hosted.invalidationTypes();
      if (!types.contains(records.type())) {
        throw new IoasisException(
            Reason.UNSUPPORTED,
            "invalidation type %s refused: %s takes %s".formatted(records.type(), title(), types));
      }
      return BatchResult.all(0);
    }
    return hosted.invalidate(records, recordBytes);
  }

  @Override
  public EventQueue createEventQueue(String type, int depth) {
    if (depth < 1 || depth > MOST_EVENTS) {
      throw new IoasisException(
          Reason.INVALID,
          "event queue of %s refused: depth %d is not 1 to %d"
              .formatted(title(), depth, MOST_EVENTS));
    }
    synchronized (this) {
      if (events.containsKey(type)) {
        throw new IoasisException(
            Reason.EXISTS, "event queue refused: %s has one of type %s".formatted(title(), type));
      }
    }
    EventQueueCore made =
        objects().enter(EventQueue.class, owner, id -> new EventQueueCore(this, id, type, depth));
    boolean complete = false;
    try {
      made.lease(hosted.events(type, made::event));
      objects().use(made.handle(), handle);
      synchronized (this) {
        events.put(type, made);
      }
      complete = true;
      return made;
    } finally {
      if (!complete) {
        objects().destroy(made.handle());
      }
    }
  }

  synchronized void forget(EventQueueCore queue) {
    events.remove(queue.type(), queue);
  }

  /**
   * Queues that hardware serves need their memory pinned and locked for the hardware, and no driver
   * of this platform offers a type of them: each one is unknown here.
   */
  @Override
  public HardwareQueue createHardwareQueue(String type, int index, IovaRange memory) {
    throw new IoasisException(
        Reason.UNSUPPORTED,
        "hardware queue of type %s refused: the driver of unit %s has none"
            .formatted(type, hosted.host().unitId()));
  }

  /** Closes something of the driver's; what goes wrong is logged, an end never fails. */
  static void close(AutoCloseable lease, String what) {
    try {
      lease.close();
    } catch (Exception e) {
      LOG.warn("domain: {} did not end in order", what, e);
    }
  }

  @Override
  public void destroy() {
    objects().destroy(handle);
  }

  @Override
  public void end() {
    all.forget(this);
    close(hosted::close, title());
  }
}
