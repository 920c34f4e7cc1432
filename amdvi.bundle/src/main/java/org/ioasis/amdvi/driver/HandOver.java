package org.ioasis.amdvi.driver;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.kit.driver.FactsCodec;
import org.ioasis.kit.driver.SpecCodec;

/**
 * What a driver leaves its successor: domains and devices. Rings, logs and tables are the
 * unit&#39;s to tell.
 *
 * @param domains every domain, parents before what stands on them
 * @param devices every device
 */
record HandOver(List<DomainState> domains, List<DeviceState> devices) {
  /** Type of the blob. */
  static final String TYPE = "amdvi.driver-handover";

  private static final int VERSION = 1;
  private static final int NO_PARENT = 0;

  /**
   * A domain.
   *
   * @param id its DomainID
   * @param levels of its table: 2 to 5 for v1, 0 for v2, -1 without one
   * @param root address of its table, 0 without one
   * @param parent DomainID of a nest parent, 0 for none
   * @param tracking whether written pages are marked
   * @param guest a user&#39;s first stage, or null
   */
  record DomainState(
      int id,
      DomainSpec.Type type,
      Set<DomainFlag> flags,
      int inputBits,
      int stage,
      int levels,
      long root,
      int parent,
      boolean tracking,
      GuestStage guest) {}

  /**
   * A device.
   *
   * @param tag its DomainID for v2 tables, 0 for none
   * @param attachments DomainIDs by PASID
   */
  record DeviceState(DeviceFacts facts, int tag, Map<Integer, Integer> attachments) {}

  /** The state of a driver; nobody changes it. */
  static HandOver of(AmdViDriver driver) {
    List<DomainState> domains = new ArrayList<>();
    for (AmdDomain domain : driver.core().domains()) {
      domains.add(state(domain));
    }
    List<DeviceState> devices = new ArrayList<>();
    for (AmdDevice device : driver.devices()) {
      Map<Integer, Integer> attachments = new TreeMap<>();
      device
          .attachments()
          .forEach(at -> attachments.put(at.pasid(), ((AmdDomain) at.domain()).id()));
      devices.add(new DeviceState(device.facts(), device.tag(), attachments));
    }
    return new HandOver(domains, devices);
  }

  private static DomainState state(AmdDomain domain) {
    int levels =
        domain.isHost() ? ((HostFormat) domain.table().format()).mode() : domain.isGuest() ? 0 : -1;
    DomainSpec spec = domain.spec();
    return new DomainState(
        domain.id(),
        spec.type(),
        spec.flags(),
        spec.inputBits(),
        spec.stage(),
        levels,
        domain.table() == null ? 0 : domain.table().root(),
        domain.isNested() ? domain.parent().id() : NO_PARENT,
        domain.isTracking(),
        domain.guest());
  }

  /** The state as bytes, little-endian. */
  Blob write() {
    ByteBuffer out = ByteBuffer.allocate(bytes()).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(VERSION).putInt(domains.size());
    domains.forEach(domain -> write(domain, out));
    out.putInt(devices.size());
    devices.forEach(device -> write(device, out));
    return new Blob(TYPE, out.flip());
  }

  private int bytes() {
    int bytes = 16 + 80 * domains.size();
    for (DeviceState device : devices) {
      bytes += 8 + FactsCodec.bytes(device.facts) + 8 * device.attachments.size();
    }
    return bytes;
  }

  private static void write(DomainState domain, ByteBuffer out) {
    int flags = SpecCodec.bits(domain.flags);
    out.putInt(domain.id).put((byte) SpecCodec.code(domain.type)).putInt(flags);
    out.put((byte) domain.inputBits).put((byte) domain.stage).put((byte) domain.levels);
    out.putLong(domain.root).putInt(domain.parent).put((byte) (domain.tracking ? 1 : 0));
    out.put((byte) (domain.guest == null ? 0 : 1));
    if (domain.guest != null) {
      out.put(domain.guest.blob().bytes());
    }
  }

  private static void write(DeviceState device, ByteBuffer out) {
    FactsCodec.write(device.facts, out);
    out.putInt(device.tag).putInt(device.attachments.size());
    device.attachments.forEach((pasid, id) -> out.putInt(pasid).putInt(id));
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IoasisException MALFORMED if it is something else
   */
  static HandOver read(Blob blob, Claims claims, String unitId) {
    ByteBuffer in = blob.bytes().order(ByteOrder.LITTLE_ENDIAN);
    try {
      if (!blob.type().equals(TYPE) || in.getInt() != VERSION) {
        throw malformed(blob, "type or version is not " + TYPE + " " + VERSION, null);
      }
      List<DomainState> domains = new ArrayList<>();
      for (int left = in.getInt(); left > 0; left--) {
        domains.add(readDomain(in, claims, unitId));
      }
      List<DeviceState> devices = new ArrayList<>();
      for (int left = in.getInt(); left > 0; left--) {
        devices.add(readDevice(in));
      }
      return new HandOver(domains, devices);
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw malformed(blob, "it ends early or holds an impossible value", e);
    }
  }

  private static IoasisException malformed(Blob blob, String why, Throwable cause) {
    return new IoasisException(
        Reason.MALFORMED,
        "hand-over of type %s, %d bytes, refused: %s; adopt without it"
            .formatted(blob.type(), blob.length(), why),
        cause);
  }

  private static DomainState readDomain(ByteBuffer in, Claims claims, String unitId) {
    int id = in.getInt();
    DomainSpec.Type type = SpecCodec.type(in.get());
    Set<DomainFlag> flags = SpecCodec.flags(in.getInt());
    int inputBits = in.get();
    int stage = in.get();
    int levels = in.get();
    long root = in.getLong();
    int parent = in.getInt();
    boolean tracking = in.get() != 0;
    GuestStage guest = null;
    if (in.get() != 0) {
      byte[] words = new byte[32];
      in.get(words);
      guest = GuestStage.read(new Blob(GuestStage.TYPE, ByteBuffer.wrap(words)), claims, unitId);
    }
    return new DomainState(
        id, type, flags, inputBits, stage, levels, root, parent, tracking, guest);
  }

  private static DeviceState readDevice(ByteBuffer in) {
    DeviceFacts facts = FactsCodec.read(in);
    int tag = in.getInt();
    Map<Integer, Integer> attachments = new TreeMap<>();
    for (int left = in.getInt(); left > 0; left--) {
      attachments.put(in.getInt(), in.getInt());
    }
    return new DeviceState(facts, tag, attachments);
  }
}
