package org.ioasis.vtd.driver;

import java.util.BitSet;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.InterruptRemapping;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.driver.TablePages;
import org.ioasis.vtd.format.Gcmd;
import org.ioasis.vtd.format.InterruptEntry;
import org.ioasis.vtd.format.Irta;
import org.ioasis.vtd.format.RegisterMap;

/**
 * The interrupt remapping table. VT-d, "Interrupt Remapping".
 *
 * <p>It is made and remapping switched on when the first entries are asked for; from then on
 * messages in compatibility format are blocked (CFI=0). An entry is stored whole, 128 bits, and
 * then its cached copy invalidated. Entries admit the sources of their device alone.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards the table and which entries are taken.
 */
final class InterruptTable implements InterruptRemapping {
  private static final int ENTRIES_LG2 = 16;
  private static final int TABLE_LG2 = ENTRIES_LG2 + 4;
  private static final int ENTRIES = 1 << ENTRIES_LG2;
  private static final int MOST = 32;

  private final DriverCore core;
  private final TablePages pages;
  private final PhysicalMemory memory;
  private final BitSet taken = new BitSet();
  private long base;

  InterruptTable(DriverCore core) {
    this.core = core;
    this.pages = core.structures();
    this.memory = core.environment().memory();
  }

  private long irta() {
    return Irta.IRTA.ofInPlace(base)
        | Irta.EIME.of(core.claims().extendedInterrupts() ? 1 : 0)
        | Irta.S.of(ENTRIES_LG2 - 1);
  }

  /** Makes the table and switches remapping on, unless that is done. */
  private void requireTable() {
    if (base != 0) {
      return;
    }
    base = pages.allocate(TABLE_LG2);
    pages.barrier();
    core.unit().mmio().write64(RegisterMap.IRTA, irta());
    core.unit().takeInterruptPointer();
    if (!core.claims().interruptPointerInvalidates()) {
      core.run(new DescriptorList().interruptsGlobal());
    }
    core.unit().level(Gcmd.IRE, true);
  }

  /** Switches remapping off and gives the table back; the driver ends. */
  synchronized void stop() {
    if (base != 0) {
      core.unit().level(Gcmd.IRE, false);
      pages.free(base, TABLE_LG2);
      base = 0;
      taken.clear();
    }
  }

  /** Which entries are taken, for a successor; empty without a table. */
  synchronized BitSet taken() {
    return (BitSet) taken.clone();
  }

  /** Why the unit's table is none that this class made; empty if it is one, or remapping is off. */
  String objection() {
    long now = core.unit().mmio().read64(RegisterMap.IRTA);
    boolean own = now == (Irta.IRTA.ofInPlace(Irta.IRTA.inPlace(now)) | irta());
    return !core.unit().status(Gcmd.IRE) || own
        ? ""
        : "IRTA 0x%x is no table of 2^%d entries".formatted(now, ENTRIES_LG2);
  }

  /**
   * Goes on with the unit's table.
   *
   * @param known entries that a predecessor gave away
   * @return how many entries are taken now; nobody can give them back but {@link #stop}
   */
  synchronized int adopt(BitSet known) {
    if (!core.unit().status(Gcmd.IRE)) {
      return 0;
    }
    base = Irta.IRTA.inPlace(core.unit().mmio().read64(RegisterMap.IRTA));
    pages.adopted(base, TABLE_LG2);
    taken.or(known);
    for (int index = 0; index < ENTRIES; index++) {
      if (InterruptEntry.P.isSet(memory.load64(InterruptEntry.address(base, index)))) {
        taken.set(index);
      }
    }
    return taken.cardinality();
  }

  @Override
  public RemappedInterrupts allocate(DriverDevice device, int count) {
    if (count < 1 || count > MOST || Integer.bitCount(count) != 1) {
      throw new IoasisException(
          Reason.INVALID,
          "interrupt entries refused: %d is not 1, 2, 4, 8, 16 or 32".formatted(count));
    }
    if (!(device instanceof VtdDevice own) || own.core() != core) {
      throw new IoasisException(
          Reason.INVALID,
          "interrupt entries refused: the device is not of unit %s".formatted(core.unitId()));
    }
    core.gate().enter("interrupt entries");
    try {
      return new InterruptBlock(this, own, take(count), count);
    } finally {
      core.gate().leave();
    }
  }

  private synchronized int take(int count) {
    requireTable();
    for (int first = 0; first < ENTRIES; first += count) {
      if (taken.nextSetBit(first) < 0 || taken.nextSetBit(first) >= first + count) {
        taken.set(first, first + count);
        return first;
      }
    }
    throw new IoasisException(
        Reason.EXHAUSTED,
        "interrupt entries refused: unit %s has no aligned block of %d left; close one"
            .formatted(core.unitId(), count));
  }

  DriverCore core() {
    return core;
  }

  /** Stores an entry whole and removes its cached copy. */
  SyncResult write(int index, long low, long high) {
    store(index, low, high);
    return core.run(new DescriptorList().interrupt(index));
  }

  private void store(int index, long low, long high) {
    long at = InterruptEntry.address(base, index);
    memory.store128(at, low, high);
    pages.clean(at, InterruptEntry.BYTES);
    pages.barrier();
  }

  /** Empties a block and gives it back. */
  void release(int first, int count) {
    DescriptorList list = new DescriptorList();
    for (int index = first; index < first + count; index++) {
      store(index, 0, 0);
      list.interrupt(index);
    }
    core.run(list);
    synchronized (this) {
      taken.clear(first, first + count);
    }
  }
}
