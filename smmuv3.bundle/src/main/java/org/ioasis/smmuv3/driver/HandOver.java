package org.ioasis.smmuv3.driver;

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
import org.ioasis.smmuv3.format.Event;

/**
 * What a driver leaves its successor: domains, devices and open stalls. Queues and tables are the
 * unit&#39;s to tell.
 *
 * @param domains every domain, parents before what stands on them
 * @param devices every device
 * @param stalls the event record of each transaction that waits for an answer
 */
record HandOver(List<DomainState> domains, List<DeviceState> devices, List<long[]> stalls) {
  /** Type of the blob. */
  static final String TYPE = "smmuv3.driver-handover";

  private static final int VERSION = 1;
  private static final int DOMAIN_BYTES = 64;

  /**
   * A domain.
   *
   * @param serial its number
   * @param tag ASID or VMID, 0 without one
   * @param stage of its table: 1, 2, or 0 without one
   * @param inputBits width of its table
   * @param root address of its table, 0 without one
   * @param parent serial number of a nest parent, 0 for none
   * @param guest a user&#39;s first stage, or null
   */
  record DomainState(
      int serial,
      int tag,
      DomainSpec.Type type,
      Set<DomainFlag> flags,
      int stage,
      int inputBits,
      long root,
      int parent,
      GuestStage guest) {}

  /**
   * A device.
   *
   * @param attachments serial numbers by PASID
   */
  record DeviceState(DeviceFacts facts, Map<Integer, Integer> attachments) {}

  /** The state of a driver; nobody changes it. */
  static HandOver of(SmmuDriver driver) {
    List<DomainState> domains = new ArrayList<>();
    for (SmmuDomain domain : driver.core().domains()) {
      domains.add(
          new DomainState(
              domain.serial(),
              domain.tag(),
              domain.spec().type(),
              domain.spec().flags(),
              domain.isStage1() ? 1 : domain.isStage2() ? 2 : 0,
              domain.table() == null ? 0 : domain.table().format().inputBits(),
              domain.table() == null ? 0 : domain.table().root(),
              domain.isNested() ? domain.parent().serial() : 0,
              domain.guest()));
    }
    List<DeviceState> devices = new ArrayList<>();
    for (SmmuDevice device : driver.devices()) {
      Map<Integer, Integer> attachments = new TreeMap<>();
      device
          .attachments()
          .forEach(at -> attachments.put(at.pasid(), ((SmmuDomain) at.domain()).serial()));
      devices.add(new DeviceState(device.facts(), attachments));
    }
    return new HandOver(
        domains,
        devices,
        driver.core().drain().openStalls().stream().map(HandOver::words).toList());
  }

  private static long[] words(Blob record) {
    ByteBuffer in = record.bytes().order(ByteOrder.LITTLE_ENDIAN);
    long[] words = new long[Event.WORDS];
    for (int word = 0; word < words.length; word++) {
      words[word] = in.getLong();
    }
    return words;
  }

  /** The state as bytes, little-endian. */
  Blob write() {
    int bytes = 16 + DOMAIN_BYTES * domains.size() + Event.BYTES * stalls.size();
    for (DeviceState device : devices) {
      bytes += 8 + FactsCodec.bytes(device.facts) + 8 * device.attachments.size();
    }
    ByteBuffer out = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(VERSION).putInt(domains.size());
    domains.forEach(domain -> write(domain, out));
    out.putInt(devices.size());
    for (DeviceState device : devices) {
      FactsCodec.write(device.facts, out);
      out.putInt(device.attachments.size());
      device.attachments.forEach((pasid, serial) -> out.putInt(pasid).putInt(serial));
    }
    out.putInt(stalls.size());
    for (long[] words : stalls) {
      for (long word : words) {
        out.putLong(word);
      }
    }
    return new Blob(TYPE, out.flip());
  }

  private static void write(DomainState domain, ByteBuffer out) {
    int flags = SpecCodec.bits(domain.flags);
    out.putInt(domain.serial)
        .putInt(domain.tag)
        .put((byte) SpecCodec.code(domain.type))
        .putInt(flags);
    out.put((byte) domain.stage).put((byte) domain.inputBits).putLong(domain.root);
    out.putInt(domain.parent).put((byte) (domain.guest == null ? 0 : 1));
    if (domain.guest != null) {
      out.put(domain.guest.blob().bytes());
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IoasisException MALFORMED if it is something else
   */
  static HandOver read(Blob blob, String unitId) {
    ByteBuffer in = blob.bytes().order(ByteOrder.LITTLE_ENDIAN);
    try {
      if (!blob.type().equals(TYPE) || in.getInt() != VERSION) {
        throw malformed(blob, "type or version is not " + TYPE + " " + VERSION, null);
      }
      List<DomainState> domains = new ArrayList<>();
      for (int left = in.getInt(); left > 0; left--) {
        domains.add(readDomain(in, unitId));
      }
      List<DeviceState> devices = new ArrayList<>();
      for (int left = in.getInt(); left > 0; left--) {
        DeviceFacts facts = FactsCodec.read(in);
        Map<Integer, Integer> attachments = new TreeMap<>();
        for (int more = in.getInt(); more > 0; more--) {
          attachments.put(in.getInt(), in.getInt());
        }
        devices.add(new DeviceState(facts, attachments));
      }
      List<long[]> stalls = new ArrayList<>();
      for (int left = in.getInt(); left > 0; left--) {
        byte[] record = new byte[Event.BYTES];
        in.get(record);
        stalls.add(words(new Blob("smmuv3.event", ByteBuffer.wrap(record))));
      }
      return new HandOver(domains, devices, stalls);
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

  private static DomainState readDomain(ByteBuffer in, String unitId) {
    int serial = in.getInt();
    int tag = in.getInt();
    DomainSpec.Type type = SpecCodec.type(in.get());
    Set<DomainFlag> flags = SpecCodec.flags(in.getInt());
    int stage = in.get();
    int inputBits = in.get();
    long root = in.getLong();
    int parent = in.getInt();
    GuestStage guest = null;
    if (in.get() != 0) {
      byte[] words = new byte[16];
      in.get(words);
      guest = GuestStage.read(new Blob(GuestStage.TYPE, ByteBuffer.wrap(words)), unitId);
    }
    return new DomainState(serial, tag, type, flags, stage, inputBits, root, parent, guest);
  }
}
