package org.ioasis.vtd.hardware;

import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.vtd.format.ContextEntry;
import org.ioasis.vtd.format.PasidDirectoryEntry;
import org.ioasis.vtd.format.PasidTableEntry;
import org.ioasis.vtd.format.RootEntry;
import org.ioasis.vtd.format.ScalableContextEntry;
import org.ioasis.vtd.format.ScalableRootEntry;

/**
 * Goes through root, context and PASID structures in order of source id and PASID. Bounds: 256
 * buses, 256 functions, the PASID directory.
 *
 * <p><b>Threading:</b> any thread.
 */
final class StructureScan {
  private static final int PAGE = 0x1000;
  private static final int SOURCES_PER_BUS = 0x100;
  private static final int SOURCES_PER_HALF = 0x80;

  private final PhysicalMemory memory;
  private final Capabilities capabilities;
  private final StructureChecks checks;
  private final Latched latched;

  StructureScan(PhysicalMemory memory, Capabilities capabilities, Latched latched) {
    this.memory = memory;
    this.capabilities = capabilities;
    this.checks = new StructureChecks(capabilities);
    this.latched = latched;
  }

  /** Whether the mode in force has structures at all. */
  private boolean isScalable() {
    return latched.ttm() == Latched.TTM_SCALABLE;
  }

  /**
   * Scans.
   *
   * @param source one source id, or -1 for all
   */
  void scan(int source, StructureVisitor visitor) {
    boolean walks = latched.ttm() == Latched.TTM_LEGACY || isScalable() && capabilities.scalable();
    if (!walks) {
      return;
    }
    long root = latched.rootTable();
    if (memory.status(root, PAGE) != MemoryStatus.OK) {
      visitor.unreadable(-1, -1, root, "root-table");
      return;
    }
    if (!visitor.page(root, "root-table")) {
      return;
    }
    int step = isScalable() ? SOURCES_PER_HALF : SOURCES_PER_BUS;
    for (int first = 0; first < 1 << 16; first += step) {
      boolean wanted = source < 0 || source >= first && source < first + step;
      if (wanted && !contextTable(first, source, visitor)) {
        return;
      }
    }
  }

  private boolean contextTable(int first, int source, StructureVisitor visitor) {
    boolean scalable = isScalable();
    long at =
        scalable
            ? ScalableRootEntry.halfAddress(latched.rootTable(), first)
            : RootEntry.address(latched.rootTable(), first);
    long entry = memory.load64(at);
    boolean useless =
        scalable
            ? checks.scalableRoot(new long[] {entry}, false)
                != null // a half reads like the lower one
            : checks.root(words(at, 2)) != null;
    if (useless) {
      return true;
    }
    long table = RootEntry.CTP.inPlace(entry);
    String kind = scalable ? "sm-context-table" : "context-table";
    if (memory.status(table, PAGE) != MemoryStatus.OK) {
      return visitor.unreadable(first, -1, table, kind);
    }
    if (!visitor.page(table, kind)) {
      return false;
    }
    int count = scalable ? ScalableContextEntry.ENTRIES : ContextEntry.ENTRIES;
    for (int sid = first; sid < first + count; sid++) {
      if ((source < 0 || source == sid) && !context(table, sid, visitor)) {
        return false;
      }
    }
    return true;
  }

  private boolean context(long table, int sid, StructureVisitor visitor) {
    boolean scalable = isScalable();
    long at =
        scalable ? ScalableContextEntry.address(table, sid) : ContextEntry.address(table, sid);
    long[] words = words(at, scalable ? 4 : 2);
    if (!ContextEntry.P.isSet(words)) {
      return true;
    }
    StructureChecks.Objection objection =
        scalable ? checks.scalableContext(words) : checks.context(words);
    if (!visitor.device(sid, words, objection)) {
      return false;
    }
    if (objection != null) {
      return true;
    }
    return scalable ? directory(sid, words, visitor) : visitor.binding(checks.binding(sid, words));
  }

  private boolean directory(int sid, long[] context, StructureVisitor visitor) {
    long directory = ScalableContextEntry.PASIDDIRPTR.inPlace(context);
    int entries = ScalableContextEntry.directoryEntries(context[0]);
    for (int index = 0; index < entries; index++) {
      long at = PasidDirectoryEntry.address(directory, index << 6);
      if ((at & PAGE - 1) == 0) {
        if (memory.status(at, PAGE) != MemoryStatus.OK) {
          return visitor.unreadable(sid, index << 6, at, "pasid-dir");
        }
        if (!visitor.page(at, "pasid-dir")) {
          return false;
        }
      }
      if (!pasidTable(sid, index << 6, context, visitor)) {
        return false;
      }
    }
    return true;
  }

  private boolean pasidTable(int sid, int first, long[] context, StructureVisitor visitor) {
    long entry =
        memory.load64(
            PasidDirectoryEntry.address(ScalableContextEntry.PASIDDIRPTR.inPlace(context), first));
    if (checks.directoryEntry(entry) != null) {
      return true;
    }
    long table = PasidDirectoryEntry.SMPTBLPTR.inPlace(entry);
    if (memory.status(table, PAGE) != MemoryStatus.OK) {
      return visitor.unreadable(sid, first, table, "pasid-table");
    }
    if (!visitor.page(table, "pasid-table")) {
      return false;
    }
    int ridPasid = checks.ridPasid(context);
    for (int pasid = first; pasid < first + PasidTableEntry.ENTRIES; pasid++) {
      long[] words = words(PasidTableEntry.address(table, pasid), PasidTableEntry.WORDS);
      if (checks.pasidEntry(words) == null
          && !visitor.binding(checks.binding(sid, pasid, pasid == ridPasid, words))) {
        return false;
      }
    }
    return true;
  }

  private long[] words(long address, int count) {
    long[] words = new long[count];
    for (int word = 0; word < count; word++) {
      words[word] = memory.load64(address + 8L * word);
    }
    return words;
  }
}
