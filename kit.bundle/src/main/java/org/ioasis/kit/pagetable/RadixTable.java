package org.ioasis.kit.pagetable;

import org.ioasis.api.memory.MemoryStatus;
import org.ioasis.api.memory.PhysicalMemory;

/**
 * Goes through one radix table, depth first, in order of IOVA. A table that is already on its own
 * path is a problem and is not entered, so depth is bounded by the format&#39;s levels and every
 * enumeration ends.
 *
 * <p><b>Threading:</b> any thread; each enumeration reads memory afresh.
 */
public final class RadixTable {
  /** No place in memory. */
  public static final long NOWHERE = -1;

  private static final long PAGE = 0x1000;

  /** In a path: the level was skipped. */
  private static final long NO_TABLE = -1;

  private final PhysicalMemory memory;
  private final RadixFormat format;
  private final long root;

  /**
   * A table.
   *
   * @param root address of the root table
   */
  public RadixTable(PhysicalMemory memory, RadixFormat format, long root) {
    this.memory = memory;
    this.format = format;
    this.root = root;
  }

  /**
   * Visits every leaf that serves an IOVA up to {@code last}.
   *
   * @param last last IOVA, inclusive
   * @return false if the visitor ended it
   */
  public boolean visit(long last, RadixVisitor visitor) {
    return new Walk(last, visitor).enter(root, format.topLevel(), 0, -1);
  }

  /** One enumeration under way. */
  private final class Walk {
    private final long last;
    private final RadixVisitor visitor;
    private final long[] path = new long[format.topLevel() + 1];

    Walk(long last, RadixVisitor visitor) {
      this.last = last;
      this.visitor = visitor;
    }

    boolean enter(long table, int level, long iova, int rights) {
      if (isOnPath(table, level)) {
        return visitor.problem(new RadixVisitor.Problem(iova, level, table, true));
      }
      if (!visitor.enters(table, level)) {
        return true;
      }
      int indexBits = level == format.topLevel() ? format.rootIndexBits() : format.indexBits();
      if (!isReadable(table, 8L << indexBits)) {
        return visitor.problem(new RadixVisitor.Problem(iova, level, table, false));
      }
      if (!visitor.table(table, level)) {
        return false;
      }
      path[level] = table;
      for (int index = 0; index < 1 << indexBits; index++) {
        long offset = (long) index << format.spanLg2(level);
        long at = iova + offset;
        if (offset >>> format.spanLg2(level) != index || Long.compareUnsigned(at, last) > 0) {
          break;
        }
        if (!entry(memory.load64(format.locate(table + 8L * index)), level, at, rights)) {
          return false;
        }
      }
      return true;
    }

    private boolean entry(long entry, int level, long iova, int rights) {
      return switch (format.kind(entry, level)) {
        case TABLE -> {
          int next = format.nextLevel(entry, level);
          for (int skipped = level - 1; skipped > next; skipped--) {
            path[skipped] = NO_TABLE;
          }
          yield enter(
              format.address(entry, level), next, iova, rights & format.rights(entry, level));
        }
        case LEAF ->
            visitor.leaf(
                new RadixVisitor.Leaf(
                    iova,
                    level,
                    entry,
                    format.address(entry, level),
                    rights & format.rights(entry, level)));
        default -> true;
      };
    }

    /** Whether every page of a table is somewhere. */
    private boolean isReadable(long table, long bytes) {
      for (long at = table; at < table + bytes; at = (at | PAGE - 1) + 1) {
        long place = format.locate(at);
        long length = Math.min(bytes - (at - table), PAGE - (at & PAGE - 1));
        if (place == NOWHERE || memory.status(place, length) != MemoryStatus.OK) {
          return false;
        }
      }
      return true;
    }

    private boolean isOnPath(long table, int level) {
      for (int above = level + 1; above < path.length; above++) {
        if (path[above] == table) {
          return true;
        }
      }
      return false;
    }
  }
}
