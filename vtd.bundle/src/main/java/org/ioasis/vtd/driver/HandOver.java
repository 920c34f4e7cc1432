package org.ioasis.vtd.driver;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
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
import org.ioasis.kit.driver.PageTable;
import org.ioasis.kit.driver.SpecCodec;

/**
 * What a driver leaves its successor: domains with their tables, devices with their attachments.
 * The queue and the root table are the unit's to tell.
 *
 * @param scalable mode of the unit
 * @param domains every domain
 * @param devices every device
 * @param interrupts interrupt entries that were given away
 */
record HandOver(
    boolean scalable, List<DomainState> domains, List<DeviceState> devices, BitSet interrupts) {
  /** Type of the blob. */
  static final String TYPE = "vtd.driver-handover";

  private static final int VERSION = 2;

  /**
   * A domain.
   *
   * @param tracksDirty whether somebody may ask for written pages
   * @param stage stage of its table, 0 without one
   * @param levels levels of its table, 0 without one
   * @param root address of its table, 0 without one
   * @param parentDid domain-id of a nested one's parent, 0 for others
   * @param firstStage bits 191:128 of a nested one's entries, 0 for others
   */
  record DomainState(
      int did,
      DomainSpec.Type type,
      Set<DomainFlag> flags,
      int inputBits,
      int specStage,
      boolean tracksDirty,
      int stage,
      int levels,
      long root,
      int parentDid,
      long firstStage) {
    /** What it was made of; the parent is the adopted one. */
    DomainSpec spec(VtdDomain parent) {
      return parent == null
          ? new DomainSpec(type, flags, inputBits, specStage, null, null)
          : DomainSpec.nested(parent, FirstStage.ofEntryWord(firstStage).blob(), flags);
    }

    private static DomainState of(VtdDomain domain) {
      DomainSpec spec = domain.spec();
      PageTable table = domain.table();
      return new DomainState(
          domain.did(),
          spec.type(),
          spec.flags(),
          spec.inputBits(),
          spec.stage(),
          domain.tracksDirty(),
          table == null ? 0 : domain.format().stage(),
          table == null ? 0 : domain.format().levels(),
          table == null ? 0 : table.root(),
          domain.parent() == null ? 0 : domain.parent().did(),
          domain.parent() == null ? 0 : domain.firstStage().entryWord());
    }
  }

  /**
   * A device.
   *
   * @param directory its PASID directory, 0 if it has none
   * @param attachments domain-ids by PASID
   */
  record DeviceState(DeviceFacts facts, long directory, Map<Integer, Integer> attachments) {}

  /** The state of a driver; nobody changes it. */
  static HandOver of(VtdDriver driver) {
    List<DomainState> domains = new ArrayList<>();
    driver.core().domains().values().forEach(domain -> domains.add(DomainState.of(domain)));
    List<DeviceState> devices = new ArrayList<>();
    for (VtdDevice device : driver.devices()) {
      Map<Integer, Integer> attachments = new TreeMap<>();
      device.attachments().forEach(at -> attachments.put(at.pasid(), (int) at.domain().key()));
      long directory = device.places() instanceof ScalablePlaces places ? places.directory() : 0;
      devices.add(new DeviceState(device.facts(), directory, attachments));
    }
    BitSet interrupts = driver.interrupts() == null ? new BitSet() : driver.interrupts().taken();
    return new HandOver(driver.core().claims().scalable(), domains, devices, interrupts);
  }

  /** The state as bytes, little-endian. */
  Blob write() {
    ByteBuffer out = ByteBuffer.allocate(bytes()).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(VERSION).put((byte) (scalable ? 1 : 0)).putInt(domains.size());
    domains.forEach(domain -> write(domain, out));
    out.putInt(devices.size());
    devices.forEach(device -> write(device, out));
    byte[] taken = interrupts.toByteArray();
    out.putInt(taken.length).put(taken);
    return new Blob(TYPE, out.flip());
  }

  private int bytes() {
    int bytes = 24 + 48 * domains.size() + interrupts.size() / 8;
    for (DeviceState device : devices) {
      bytes += 12 + FactsCodec.bytes(device.facts) + 8 * device.attachments.size();
    }
    return bytes;
  }

  private static void write(DomainState domain, ByteBuffer out) {
    int flags = SpecCodec.bits(domain.flags);
    out.putInt(domain.did).put((byte) SpecCodec.code(domain.type));
    out.put((byte) domain.specStage).put((byte) domain.inputBits).putInt(flags);
    out.put((byte) (domain.tracksDirty ? 1 : 0));
    out.put((byte) domain.stage).put((byte) domain.levels).putLong(domain.root);
    out.putInt(domain.parentDid).putLong(domain.firstStage);
  }

  private static void write(DeviceState device, ByteBuffer out) {
    FactsCodec.write(device.facts, out);
    out.putLong(device.directory).putInt(device.attachments.size());
    device.attachments.forEach((pasid, did) -> out.putInt(pasid).putInt(did));
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IoasisException MALFORMED if it is something else
   */
  static HandOver read(Blob blob) {
    ByteBuffer in = blob.bytes();
    try {
      if (!blob.type().equals(TYPE) || in.getInt() != VERSION) {
        throw malformed(blob, "type or version is not " + TYPE + " " + VERSION, null);
      }
      boolean scalable = in.get() != 0;
      List<DomainState> domains = new ArrayList<>();
      for (int left = in.getInt(); left > 0; left--) {
        domains.add(readDomain(in));
      }
      List<DeviceState> devices = new ArrayList<>();
      for (int left = in.getInt(); left > 0; left--) {
        devices.add(readDevice(in));
      }
      byte[] taken = new byte[Math.max(0, Math.min(in.getInt(), in.remaining()))];
      in.get(taken);
      return new HandOver(scalable, domains, devices, BitSet.valueOf(taken));
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

  private static DomainState readDomain(ByteBuffer in) {
    int did = in.getInt();
    DomainSpec.Type type = SpecCodec.type(in.get());
    int stage = in.get();
    int inputBits = in.get();
    Set<DomainFlag> flags = SpecCodec.flags(in.getInt());
    return new DomainState(
        did,
        type,
        flags,
        inputBits,
        stage,
        in.get() != 0,
        in.get(),
        in.get(),
        in.getLong(),
        in.getInt(),
        in.getLong());
  }

  private static DeviceState readDevice(ByteBuffer in) {
    DeviceFacts facts = FactsCodec.read(in);
    long directory = in.getLong();
    Map<Integer, Integer> attachments = new TreeMap<>();
    for (int left = in.getInt(); left > 0; left--) {
      attachments.put(in.getInt(), in.getInt());
    }
    return new DeviceState(facts, directory, attachments);
  }
}
