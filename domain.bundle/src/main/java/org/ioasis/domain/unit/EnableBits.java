package org.ioasis.domain.unit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.ioasis.api.machine.Fabric;

/**
 * The enable bits of the devices as drivers want them. While a device moves from one unit to
 * another, the old driver's switching off and the new one's switching on are held back and settled
 * in one step, so that the device keeps what it has asked for. Make before break attaches it to the
 * new unit first; the old driver, which forgets it afterwards, is not listened to any more.
 *
 * <p><b>Threading:</b> any thread; a device's entry is its own leaf lock, held while its endpoint
 * is told, which returns quickly by contract.
 */
public final class EnableBits {
  private record Bits(boolean ats, boolean pageRequests, boolean pasid) {
    static final Bits OFF = new Bits(false, false, false);
  }

  private static final class Entry {
    Bits told = Bits.OFF;
    Bits wanted = Bits.OFF;
    boolean held;
    String unheard; // the unit that the device leaves, or null
  }

  private final Fabric fabric;
  private final Map<Integer, Entry> entries = new ConcurrentHashMap<>();

  EnableBits(Fabric fabric) {
    this.fabric = fabric;
  }

  private Entry entry(int sourceId) {
    return entries.computeIfAbsent(sourceId, id -> new Entry());
  }

  /** The driver of a unit sets the bits of a device. */
  void set(String unitId, int sourceId, boolean ats, boolean pageRequests, boolean pasid) {
    Entry entry = entry(sourceId);
    synchronized (entry) {
      if (unitId.equals(entry.unheard)) {
        return;
      }
      entry.wanted = new Bits(ats, pageRequests, pasid);
      if (!entry.held) {
        tell(sourceId, entry);
      }
    }
  }

  private void tell(int sourceId, Entry entry) {
    Bits bits = entry.wanted;
    entry.told = bits;
    fabric
        .endpoint(sourceId)
        .ifPresent(device -> device.enable(bits.ats(), bits.pageRequests(), bits.pasid()));
  }

  /** Holds changes back until {@link #release}. */
  public void hold(int sourceId) {
    Entry entry = entry(sourceId);
    synchronized (entry) {
      entry.held = true;
    }
  }

  /** The same; from now until {@link #left} the driver of the unit that it leaves is not heard. */
  public void leave(int sourceId, String unitId) {
    Entry entry = entry(sourceId);
    synchronized (entry) {
      entry.held = true;
      entry.unheard = unitId;
    }
  }

  /** The unit that a device leaves has forgotten it. */
  public void left(int sourceId) {
    Entry entry = entry(sourceId);
    synchronized (entry) {
      entry.unheard = null;
    }
  }

  /** The device stays where it was: what the other driver wanted is void. */
  public void stay(int sourceId) {
    Entry entry = entry(sourceId);
    synchronized (entry) {
      entry.wanted = entry.told;
      entry.held = false;
      entry.unheard = null;
    }
  }

  /** Tells the device what has become of its bits, if they differ from what it knows. */
  public void release(int sourceId) {
    Entry entry = entry(sourceId);
    synchronized (entry) {
      entry.held = false;
      if (!entry.wanted.equals(entry.told)) {
        tell(sourceId, entry);
      }
    }
  }

  /** The device has left; its successor under the id starts with everything off. */
  public void forget(int sourceId) {
    entries.remove(sourceId);
  }
}
