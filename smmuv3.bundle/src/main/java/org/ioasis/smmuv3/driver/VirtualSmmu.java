package org.ioasis.smmuv3.driver;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverVirtualIommu;
import org.ioasis.api.driver.NestedDomain;
import org.ioasis.api.driver.VirtualEventSink;
import org.ioasis.api.machine.Mmio;
import org.ioasis.smmuv3.format.Event;
import org.ioasis.smmuv3.format.EventType;

/**
 * A guest&#39;s SMMU: his StreamIDs for devices, his commands, and the events that are his. An
 * event goes to the guest, with his StreamID in it, if it is of his stage and he could have caused
 * it: the kinds that the kernel forwards, not of stage 2 and not stalled. It then goes to nobody
 * else.
 *
 * <p><b>Threading:</b> any thread; {@code devices} guards itself and {@code sink}.
 */
final class VirtualSmmu implements DriverVirtualIommu, GuestInvalidation.Scope {
  /** Type of the events: a record of the event queue. */
  static final String EVENTS = "smmuv3.events";

  private static final Set<EventType> FORWARDED =
      Set.of(
          EventType.C_BAD_STE,
          EventType.F_STREAM_DISABLED,
          EventType.C_BAD_SUBSTREAMID,
          EventType.C_BAD_CD,
          EventType.F_TRANSLATION,
          EventType.F_ADDR_SIZE,
          EventType.F_ACCESS,
          EventType.F_PERMISSION);
  private static final int SID_BITS = 32;

  private final VirtualSmmus all;
  private final SmmuDomain parent;
  private final Map<Long, SmmuDevice> devices = new HashMap<>();
  private final List<SmmuDomain> nested = new CopyOnWriteArrayList<>();
  private VirtualEventSink sink;

  VirtualSmmu(VirtualSmmus all, SmmuDomain parent) {
    this.all = all;
    this.parent = parent;
  }

  @Override
  public String name() {
    return "a virtual IOMMU over " + parent.name();
  }

  @Override
  public int vmid() {
    return parent.tag();
  }

  @Override
  public List<SmmuDevice> devices(int sid) {
    synchronized (devices) {
      SmmuDevice device = devices.get(Integer.toUnsignedLong(sid));
      return device == null ? null : List.of(device);
    }
  }

  @Override
  public Blob data() {
    return new Blob(VirtualSmmus.TYPE, ByteBuffer.allocate(0));
  }

  @Override
  public Optional<Mmio> window() {
    return Optional.empty();
  }

  @Override
  public DriverDomain createNested(Blob data, Set<DomainFlag> flags) {
    all.core().gate().enter("nested domain");
    try {
      SmmuDomain domain = all.maker().make(DomainSpec.nested(parent, data, flags));
      nested.removeIf(SmmuDomain::isClosed);
      nested.add(domain);
      return domain;
    } finally {
      all.core().gate().leave();
    }
  }

  @Override
  public VirtualDeviceLease addDevice(DriverDevice device, long virtualId) {
    if (!(device instanceof SmmuDevice own) || own.core() != all.core()) {
      throw refuse(Reason.INVALID, "the device is not one of unit %s", all.core().unitId());
    }
    if (virtualId >>> SID_BITS != 0) {
      throw refuse(Reason.INVALID, "0x%x is no StreamID: it has more than 32 bits", virtualId);
    }
    synchronized (devices) {
      if (devices.containsKey(virtualId)) {
        throw refuse(Reason.EXISTS, "StreamID 0x%x is taken here", virtualId);
      }
      if (!all.take(own, this)) {
        throw refuse(
            Reason.EXISTS, "device 0x%x has a virtual IOMMU already", own.facts().sourceId());
      }
      devices.put(virtualId, own);
    }
    return new Lease(own, virtualId);
  }

  private IoasisException refuse(Reason reason, String why, Object... values) {
    return new IoasisException(
        reason, "virtual device refused by %s: ".formatted(name()) + why.formatted(values));
  }

  private final class Lease implements VirtualDeviceLease {
    private final SmmuDevice device;
    private final long virtualId;

    Lease(SmmuDevice device, long virtualId) {
      this.device = device;
      this.virtualId = virtualId;
    }

    @Override
    public long virtualId() {
      return virtualId;
    }

    @Override
    public void close() {
      boolean mine;
      synchronized (devices) {
        mine = devices.get(virtualId) == device;
      }
      if (mine) {
        all.forget(device);
      }
    }
  }

  /** The device has gone from here. */
  void forget(SmmuDevice device) {
    synchronized (devices) {
      devices.values().removeIf(device::equals);
    }
  }

  @Override
  public NestedDomain invalidations() {
    return new GuestInvalidation(all.core(), this);
  }

  @Override
  public AutoCloseable events(String type, VirtualEventSink to) {
    if (!type.equals(EVENTS)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "events of %s refused: type %s; there is %s".formatted(name(), type, EVENTS));
    }
    synchronized (devices) {
      if (sink != null) {
        throw new IoasisException(
            Reason.EXISTS, "events of %s refused: they are reported already".formatted(name()));
      }
      sink = to;
    }
    return () -> {
      synchronized (devices) {
        sink = sink == to ? null : sink;
      }
    };
  }

  /** What hands an event to the guest; null if it is not his. */
  Runnable claim(long[] words) {
    EventType type = EventType.of((int) Event.NUMBER.get(words[0]));
    if (type == null || !FORWARDED.contains(type)) {
      return null;
    }
    if (type.isTranslationFault() && Event.S2.isSet(words[1])) {
      return null;
    }
    synchronized (devices) {
      VirtualEventSink to = sink;
      Long id = to == null ? null : virtualId((int) Event.SID.get(words[0]));
      if (id == null) {
        return null;
      }
      long[] guests = words.clone();
      guests[0] = Event.SID.put(words[0], id);
      Blob event = Records.words(EVENTS, guests);
      return () -> to.event(event);
    }
  }

  private Long virtualId(int sid) {
    for (Map.Entry<Long, SmmuDevice> each : devices.entrySet()) {
      if (each.getValue().ids().contains(sid)) {
        return each.getKey();
      }
    }
    return null;
  }

  @Override
  public AutoCloseable hardwareQueue(String type, int index, long address, long length) {
    throw new IoasisException(
        Reason.UNSUPPORTED,
        "hardware queue of %s refused: type %s; an SMMU serves none for guests"
            .formatted(name(), type));
  }

  @Override
  public void close() {
    nested.removeIf(SmmuDomain::isClosed);
    synchronized (devices) {
      if (!devices.isEmpty() || !nested.isEmpty()) {
        throw new IoasisException(
            Reason.BUSY,
            "close of %s refused: StreamIDs %s and %d nested domains use it; end these first"
                .formatted(name(), devices.keySet(), nested.size()));
      }
      sink = null;
    }
  }
}
