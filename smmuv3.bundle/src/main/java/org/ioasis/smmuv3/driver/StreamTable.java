package org.ioasis.smmuv3.driver;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.kit.driver.TablePages;
import org.ioasis.smmuv3.format.L1Std;
import org.ioasis.smmuv3.format.RegisterMap;
import org.ioasis.smmuv3.format.Ste;
import org.ioasis.smmuv3.format.StrtabBase;

/**
 * The stream table: linear, or with a second level of 256 entries that comes with the first device
 * in it. Every entry is an abort entry until a device is attached; a StreamID without a second
 * level is refused by the unit too. "Stream table".
 *
 * <p><b>Changing a live entry.</b> The unit reads 512 bits, memory stores 64 at once. A change that
 * {@link EntryUpdate} cannot make without a window is made in a copy of the second-level table; the
 * one word of the level above is stored, the unit forgets what it has cached of either, and the old
 * table is free. Without a second level there is a window.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards the second level and is held while an entry
 * changes.
 */
final class StreamTable {
  private static final int SPLIT = 8;
  private static final int LEAST_TWO_LEVEL_BITS = 9;
  private static final int FRAME_LG2 = 12;
  private static final int STE_LG2 = 6;

  /** Valid, and lets nothing pass. */
  static final long ABORT = Ste.V.mask();

  private final DriverCore core;
  private final TablePages pages;
  private final int bits;
  private final boolean twoLevel;
  private final Map<Integer, Long> second = new HashMap<>();
  private long base;

  StreamTable(DriverCore core) {
    this.core = core;
    this.pages = core.tables();
    this.bits = core.claims().sidBits();
    this.twoLevel = core.claims().twoLevelStreams() && bits >= LEAST_TWO_LEVEL_BITS;
  }

  private int rootLg2() {
    int bytesLg2 = twoLevel ? bits - SPLIT + 3 : bits + STE_LG2;
    return Math.max(FRAME_LG2, bytesLg2);
  }

  private long configuration() {
    return StrtabBase.LOG2SIZE.of(bits)
        | StrtabBase.SPLIT.of(SPLIT)
        | StrtabBase.FMT.of(twoLevel ? StrtabBase.FMT_TWO_LEVEL : StrtabBase.FMT_LINEAR);
  }

  private long register() {
    return StrtabBase.ADDR.ofInPlace(base) | StrtabBase.RA.mask();
  }

  /** Allocates a table of abort entries and tells the unit. */
  void start() {
    base = pages.allocate(rootLg2());
    if (!twoLevel) {
      fill(base, 1 << bits);
    }
    core.unit().write64(RegisterMap.STRTAB_BASE, register());
    core.unit().write32(RegisterMap.STRTAB_BASE_CFG, configuration());
  }

  private void fill(long table, int entries) {
    for (int i = 0; i < entries; i++) {
      pages.put(table + ((long) i << STE_LG2), ABORT);
    }
    pages.clean(table, (long) entries << STE_LG2);
    pages.barrier();
  }

  /** Goes on with the table that the unit has; false if it is none that this class made. */
  boolean adopt() {
    base = StrtabBase.ADDR.inPlace(core.unit().read64(RegisterMap.STRTAB_BASE));
    boolean ours =
        core.unit().read64(RegisterMap.STRTAB_BASE) == register()
            && core.unit().read32(RegisterMap.STRTAB_BASE_CFG) == configuration();
    if (ours && twoLevel) {
      for (int i = 0; i < 1 << (bits - SPLIT); i++) {
        long descriptor = pages.load(base + 8L * i);
        if (L1Std.entries(descriptor) != 0) {
          second.put(i, L1Std.base(descriptor));
        }
      }
    }
    return ours;
  }

  /** Counts the table as held. */
  synchronized void adopted() {
    pages.adopted(base, rootLg2());
    second.values().forEach(table -> pages.adopted(table, SPLIT + STE_LG2));
  }

  /** Gives the memory back; the unit is off. */
  synchronized void free() {
    second.values().forEach(table -> pages.free(table, SPLIT + STE_LG2));
    second.clear();
    pages.free(base, rootLg2());
  }

  /** Whether a StreamID is one of the table&#39;s. */
  boolean serves(int sid) {
    return sid >>> bits == 0;
  }

  /**
   * Address of the entry of a StreamID; its table comes if it is not there.
   *
   * @throws IoasisException EXHAUSTED without frames
   */
  synchronized long entry(int sid) {
    if (!serves(sid)) {
      throw new IoasisException(
          Reason.INVALID,
          "device refused: StreamID 0x%x is beyond the %d bits of unit %s"
              .formatted(sid, bits, core.unitId()));
    }
    if (!twoLevel) {
      return base + ((long) sid << STE_LG2);
    }
    long table = second.computeIfAbsent(sid >>> SPLIT, index -> link(index, sid));
    return table + ((long) (sid & (1 << SPLIT) - 1) << STE_LG2);
  }

  private long link(int index, int sid) {
    long table = pages.allocate(SPLIT + STE_LG2);
    fill(table, 1 << SPLIT);
    point(index, table);
    core.commands().run(new CommandList().stream(sid)); // its absence may have been cached
    return table;
  }

  private void point(int index, long table) {
    pages.store(base + 8L * index, L1Std.SPAN.of(SPLIT + 1) | L1Std.L2PTR.ofInPlace(table));
    pages.barrier();
  }

  /** Whether any change can be made without a window: with a table to spare. */
  boolean exchanges() {
    return twoLevel;
  }

  /**
   * A table to spare.
   *
   * @throws IoasisException EXHAUSTED without frames
   */
  long takeSpare() {
    return pages.allocate(SPLIT + STE_LG2);
  }

  /** Gives the spare table back. */
  void giveBack(long spare) {
    pages.free(spare, SPLIT + STE_LG2);
  }

  /**
   * Makes the entry of a StreamID say {@code target}, and the unit see it; waits.
   *
   * @param spare a table to spare, 0 for none
   * @return the table to spare afterwards
   */
  synchronized long write(int sid, long[] target, EntryUpdate update, long spare) {
    long at = entry(sid);
    if (spare == 0 || update.isHitless(update.read(at, target.length), target)) {
      update.write(at, target);
      return spare;
    }
    int index = sid >>> SPLIT;
    long old = second.get(index);
    long bytes = 1L << (SPLIT + STE_LG2);
    for (long offset = 0; offset < bytes; offset += 8) {
      pages.put(spare + offset, pages.load(old + offset));
    }
    for (int word = 0; word < target.length; word++) {
      pages.put(spare + (at - old) + 8L * word, target[word]);
    }
    pages.clean(spare, bytes);
    pages.barrier();
    second.put(index, spare);
    point(index, spare);
    core.commands().run(new CommandList().allConfiguration());
    return old;
  }

  /** Calls back for every entry that is not the abort entry. */
  void forEach(Visitor visitor) {
    if (!twoLevel) {
      visit(base, 0, 1 << bits, visitor);
    } else {
      new TreeMap<>(second)
          .forEach((index, table) -> visit(table, index << SPLIT, 1 << SPLIT, visitor));
    }
  }

  private void visit(long table, int first, int entries, Visitor visitor) {
    for (int i = 0; i < entries; i++) {
      long at = table + ((long) i << STE_LG2);
      if (pages.load(at) != ABORT) {
        visitor.entry(first + i, at);
      }
    }
  }

  /** Takes entries. */
  interface Visitor {
    /** An entry. */
    void entry(int sid, long address);
  }
}
