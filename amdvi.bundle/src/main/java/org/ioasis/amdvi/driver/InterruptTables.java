package org.ioasis.amdvi.driver;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.Irte;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.InterruptRemapping;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.memory.FrameAllocator;

/**
 * Interrupt remapping: a table of 512 entries of 32 bits for each device that asked for one; the
 * index stands in the data of the device&#39;s message. "Interrupt Remapping Tables".
 *
 * <p><b>Threading:</b> any thread; {@code this} guards the tables and is held until the unit has
 * completed.
 */
final class InterruptTables implements InterruptRemapping {
  private static final int ENTRIES_LG2 = 9;
  private static final int ENTRIES = 1 << ENTRIES_LG2;
  private static final int MOST = 32;
  private static final long WINDOW = 0xFEE0_0000L;

  /** The table of one device. */
  private static final class Table {
    final AmdDevice device;
    final long address;
    final BitSet taken = new BitSet(ENTRIES);

    Table(AmdDevice device, long address) {
      this.device = device;
      this.address = address;
    }
  }

  private final DriverCore core;
  private final Map<AmdDevice, Table> tables = new HashMap<>();

  InterruptTables(DriverCore core) {
    this.core = core;
  }

  @Override
  public synchronized RemappedInterrupts allocate(DriverDevice device, int count) {
    if (count < 1 || count > MOST || Integer.bitCount(count) != 1) {
      throw new IoasisException(
          Reason.INVALID, "interrupts refused: %d is not 1, 2, 4, 8, 16 or 32".formatted(count));
    }
    if (!(device instanceof AmdDevice own) || own.tlbs() == null) {
      throw new IoasisException(
          Reason.INVALID, "interrupts refused: the device is of another driver");
    }
    core.gate().enter("interrupts");
    try {
      Table table = tables.computeIfAbsent(own, this::make);
      for (int first = 0; first < ENTRIES; first += count) {
        if (table.taken.get(first, first + count).isEmpty()) {
          table.taken.set(first, first + count);
          return new Block(table, first, count);
        }
      }
      throw new IoasisException(
          Reason.EXHAUSTED,
          "interrupts refused: device 0x%04x has no block of %d entries left of %d"
              .formatted(own.facts().sourceId(), count, ENTRIES));
    } finally {
      core.gate().leave();
    }
  }

  private Table make(AmdDevice device) {
    Table table = new Table(device, core.tables().allocate());
    device.interrupts(
        Dte.IV.mask()
            | Dte.INT_TAB_LEN.of(ENTRIES_LG2)
            | Dte.INT_ROOT.ofInPlace(table.address)
            | Dte.INT_CTL.of(Dte.INT_REMAP));
    return table;
  }

  /**
   * Goes on with the table of a predecessor: its entries stay as they are, and those that remap
   * stay taken.
   *
   * @param word2 of the device&#39;s entry
   */
  synchronized void adopt(AmdDevice device, long word2) {
    if (!Dte.IV.isSet(word2)) {
      return;
    }
    Table table = new Table(device, Dte.INT_ROOT.inPlace(word2));
    core.tables().adopted(table.address, FrameAllocator.FRAME_LG2);
    for (int index = 0; index < ENTRIES; index++) {
      int entry = core.environment().memory().load32(table.address + 4L * index);
      table.taken.set(index, Irte.REMAP_EN.isSet(entry));
    }
    tables.put(device, table);
  }

  /** Forgets the table of a device whose entry no longer leads to it. */
  synchronized void forget(AmdDevice device) {
    Table table = tables.remove(device);
    if (table != null) {
      core.tables().free(table.address);
    }
  }

  private synchronized SyncResult store(Table table, int index, int entry) {
    core.gate().enter("interrupts");
    try {
      if (tables.get(table.device) != table) {
        throw new IoasisException(Reason.GONE, "interrupts refused: their device is closed");
      }
      core.environment().memory().store32(table.address + 4L * index, entry);
      core.environment().memory().barrier();
      CommandList list = new CommandList();
      AmdDevice.sourceIds(table.device.facts()).forEach(list::interruptTable);
      return core.run(list);
    } finally {
      core.gate().leave();
    }
  }

  private synchronized void free(Table table, int first, int count) {
    if (tables.get(table.device) == table) {
      for (int i = 0; i < count; i++) {
        store(table, first + i, 0);
      }
      table.taken.clear(first, first + count);
    }
  }

  /** A block of entries of one device. */
  private final class Block implements RemappedInterrupts {
    private final Table table;
    private final int first;
    private final int count;
    private boolean closed; // guarded by the tables

    Block(Table table, int first, int count) {
      this.table = table;
      this.first = first;
      this.count = count;
    }

    private int at(int index) {
      if (index < 0 || index >= count) {
        throw new IoasisException(
            Reason.INVALID, "interrupt %d refused: the block has %d".formatted(index, count));
      }
      return first + index;
    }

    @Override
    public int count() {
      return count;
    }

    @Override
    public long address(int index) {
      at(index);
      return WINDOW;
    }

    @Override
    public int data(int index) {
      return at(index);
    }

    @Override
    public SyncResult retarget(int index, long vectorAddress, int vectorData) {
      long entry =
          Irte.REMAP_EN.mask()
              | Irte.INT_TYPE.of(vectorData >>> 8 & Irte.INT_TYPE_ARBITRATED)
              | Irte.DM.of(vectorAddress >>> 2 & 1)
              | Irte.DESTINATION.of(vectorAddress >>> 12 & Irte.DESTINATION.max())
              | Irte.VECTOR.of(vectorData & Irte.VECTOR.max());
      return store(table, at(index), (int) entry);
    }

    @Override
    public SyncResult post(int index, long descriptor, int vector, boolean urgent) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "posting refused: unit %s has EFR.GAMSup=0 for this driver".formatted(core.unitId()));
    }

    @Override
    public SyncResult mask(int index) {
      return store(table, at(index), 0);
    }

    @Override
    public void close() {
      synchronized (InterruptTables.this) {
        if (!closed) {
          closed = true;
          free(table, first, count);
        }
      }
    }
  }
}
