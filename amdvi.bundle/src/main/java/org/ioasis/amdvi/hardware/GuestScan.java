package org.ioasis.amdvi.hardware;

import java.util.function.LongPredicate;
import org.ioasis.amdvi.format.Gcr3Entry;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.inspect.Structures;

/**
 * Goes through the GCR3 table of one device in order of PASID. Bounds: 512 entries in each of at
 * most three levels, and the width of PASIDs.
 *
 * <p><b>Threading:</b> any thread; each scan reads afresh.
 */
final class GuestScan {
  /** Takes one PASID. */
  @FunctionalInterface
  interface Sink {
    /**
     * A PASID that has a v2 table.
     *
     * @param root as the entry has it
     * @return false to end
     */
    boolean pasid(int pasid, long root);
  }

  /** Where nothing is. */
  static final long NOWHERE = -1L << 12;

  private static final int ENTRIES = 512;

  private final PhysicalMemory memory;
  private final DeviceEntry device;
  private final ReferenceStages host;
  private final boolean rootIsGuestAddress;
  private final int glx;
  private final int end;

  GuestScan(PhysicalMemory memory, Capabilities capabilities, DeviceEntry device, Latched latched) {
    this.memory = memory;
    this.device = device;
    this.rootIsGuestAddress = latched.gcr3ByGuestAddress;
    this.host = new ReferenceStages(capabilities, new Story(memory), device, rootIsGuestAddress);
    boolean legal = device.guestLevels != 0 && device.glx <= capabilities.maxGlx();
    this.glx = legal ? device.glx : -1;
    this.end = 1 << Math.min(9 * (device.glx + 1), capabilities.pasidBits());
  }

  /** Where a structure at an address of the guest lies; {@link #NOWHERE} if nothing is mapped. */
  long place(long address) {
    if (device.mode == 0) {
      return address;
    }
    ReferenceStages.Found found = host.host(address, Access.READ);
    return found.isPage() ? found.address() : NOWHERE;
  }

  /**
   * Scans.
   *
   * @param tables asked for each GCR3 table; false ends
   * @return false if it was ended
   */
  boolean scan(Sink sink, LongPredicate tables) {
    long root = rootIsGuestAddress ? place(device.gcr3Root) : device.gcr3Root;
    return glx < 0 || table(root, glx, 0, sink, tables);
  }

  private boolean table(long at, int level, int first, Sink sink, LongPredicate tables) {
    long[] words = Structures.read(memory, at, ENTRIES);
    if (words == null) {
      return true;
    }
    if (!tables.test(at)) {
      return false;
    }
    for (int index = 0; index < ENTRIES; index++) {
      int pasid = first | index << (9 * level);
      if (pasid >= end) {
        break;
      }
      boolean valid =
          Gcr3Entry.V.isSet(words[index]) && (words[index] & Gcr3Entry.LAYOUT.reserved(0)) == 0;
      long address = Gcr3Entry.ADDRESS.inPlace(words[index]);
      boolean more =
          !valid
              || (level == 0
                  ? sink.pasid(pasid, address)
                  : table(place(address), level - 1, pasid, sink, tables));
      if (!more) {
        return false;
      }
    }
    return true;
  }
}
