package org.ioasis.vtd.hardware;

import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.pagetable.RadixFormat;
import org.ioasis.kit.pagetable.RadixTable;
import org.ioasis.vtd.format.AddressBits;

/**
 * Guest physical memory, as the second stage of a nested entry makes it of a machine's. Reads
 * tables, changes nothing; for tools. Bound: the levels of the second stage.
 *
 * <p><b>Threading:</b> any thread.
 */
final class GuestMemory {
  private final PhysicalMemory memory;
  private final StageFormat format;
  private final long root;
  private final int width;

  GuestMemory(PhysicalMemory memory, Capabilities capabilities, Binding nested) {
    this.memory = memory;
    this.format = new StageFormat(false, nested.secondLevels(), capabilities);
    this.root = nested.secondRoot();
    this.width = nested.secondWidth();
  }

  /**
   * What lies at a guest physical address.
   *
   * @param present whether anything does
   * @param host its host physical address
   * @param lg2 log2 of the page, or of the hole, around it
   * @param rights READ and WRITE, 0 in a hole
   */
  record Place(boolean present, long host, int lg2, int rights) {}

  /** What lies at a guest physical address. */
  Place find(long guest) {
    if (guest >>> width != 0) {
      return new Place(false, 0, width, 0);
    }
    long table = root;
    int rights = Access.READ | Access.WRITE;
    for (int level = format.topLevel(); level >= 0; level--) {
      int lg2 = format.spanLg2(level);
      long at = AddressBits.entryAddress(table, guest, level + 1);
      if (memory.status(at, Long.BYTES) != MemoryStatus.OK) {
        return new Place(false, 0, lg2, 0);
      }
      long entry = memory.load64(at);
      RadixFormat.Kind kind = format.kind(entry, level);
      rights &= format.rights(entry, level);
      if (kind == RadixFormat.Kind.LEAF) {
        long host = format.address(entry, level) | (guest & (1L << lg2) - 1);
        return new Place(true, host, lg2, rights);
      }
      if (kind != RadixFormat.Kind.TABLE) {
        return new Place(false, 0, lg2, 0);
      }
      table = format.address(entry, level);
    }
    throw new AssertionError("an entry of the last level is a leaf or none");
  }

  /** Where a table entry lies in host memory, {@link RadixTable#NOWHERE} if it cannot be read. */
  long locate(long guest) {
    Place place = find(guest);
    return (place.rights() & Access.READ) != 0 ? place.host() : RadixTable.NOWHERE;
  }
}
