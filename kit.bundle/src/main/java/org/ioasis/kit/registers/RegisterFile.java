package org.ioasis.kit.registers;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * One unit's registers: their contents, as software sees them and as the hardware does.
 *
 * <p>Software's side is {@link #read} and {@link #write}, with the rules of {@link RegisterTable}.
 * It never throws: what a guest does wrong has a defined result. The hardware's side ({@link
 * #peek}, {@link #poke}, {@link #setBits}, {@link #clearBits}, {@link #compareAndSet}) knows
 * neither masks nor handlers and throws at an offset without a register, since that is the unit's
 * own mistake. State import ({@link #load}) is verbatim, read-only registers included, and runs no
 * handler.
 *
 * <p>Except for {@link #values} and for errors nothing here allocates.
 *
 * <p><b>Threading.</b> Contents are one {@code long[]}, every access of a register is a volatile or
 * an atomic one. Any thread may read, peek, poke and change bits at any time; a write of software's
 * and a change by the hardware to the same register never lose each other's bits. What is not
 * atomic is a write and its handler together: a unit whose software writes from several threads
 * serialises them under its own lock (around {@link #write}, or in its handlers). A 64-bit access
 * to two 32-bit registers is two accesses.
 *
 * @param <U> the type of unit
 */
public final class RegisterFile<U> {
  private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final long LOW = 0xFFFF_FFFFL;

  private final RegisterTable<U> table;
  private final U unit;
  private final long[] cells;

  RegisterFile(RegisterTable<U> table, U unit) {
    this.table = table;
    this.unit = unit;
    this.cells = new long[table.rows.length];
    coldReset();
  }

  /** The table this file follows. */
  public RegisterTable<U> table() {
    return table;
  }

  /**
   * A read of software's.
   *
   * @param offset byte offset in the block, any value
   * @param bytes the access size; 4 and 8 are the architected ones
   * @return the value, unsigned, with no bits beyond the access size (sizes outside 1 to 8 count as
   *     8)
   */
  public long read(long offset, int bytes) {
    if (isBeyond(offset, bytes)) {
      return ones(bytes);
    }
    if (bytes == 4 && (offset & 3) == 0) {
      return read32((int) offset);
    }
    if (bytes == 8 && (offset & 7) == 0) {
      int owner = table.owners[(int) offset >>> 2];
      return owner > 0 && table.rows[owner - 1].width == 64
          ? contents(owner - 1)
          : read32((int) offset) | read32((int) offset + 4) << 32;
    }
    return table.otherAccessesReadOnes ? ones(bytes) : 0;
  }

  /**
   * A write of software's. Handlers of the registers it reaches have returned when it returns.
   *
   * @param offset byte offset in the block, any value
   * @param bytes the access size; others than 4 and 8 write nothing
   * @param value the value; bits beyond the access size are ignored
   */
  public void write(long offset, int bytes, long value) {
    if (isBeyond(offset, bytes)) {
      return;
    }
    if (bytes == 4 && (offset & 3) == 0) {
      write32((int) offset, value & LOW);
    } else if (bytes == 8 && (offset & 7) == 0) {
      int owner = table.owners[(int) offset >>> 2];
      if (owner > 0 && table.rows[owner - 1].width == 64) {
        store(owner - 1, value, -1L);
      } else {
        write32((int) offset, value & LOW);
        write32((int) offset + 4, value >>> 32);
      }
    }
  }

  /**
   * The contents as the hardware holds them: also those of write-only registers, and without the
   * read handler.
   *
   * @param offset where the register begins
   * @throws IllegalArgumentException if no register begins there
   */
  public long peek(long offset) {
    return (long) CELLS.getVolatile(cells, index("peek", offset));
  }

  /**
   * Replaces the contents from the hardware's side: no masks, no handlers.
   *
   * @param offset where the register begins
   * @param value the new contents
   * @throws IllegalArgumentException if no register begins there, or the value is wider than it
   */
  public void poke(long offset, long value) {
    int index = index("poke", offset);
    CELLS.setVolatile(cells, index, fitting("poke", index, value));
  }

  /**
   * Sets bits from the hardware's side, atomically.
   *
   * @param offset where the register begins
   * @param mask the bits to set
   * @return the contents before, so that one caller only sees a bit change from 0 to 1
   * @throws IllegalArgumentException if no register begins there, or the mask is wider than it
   */
  public long setBits(long offset, long mask) {
    int index = index("setBits", offset);
    return (long) CELLS.getAndBitwiseOr(cells, index, fitting("setBits", index, mask));
  }

  /**
   * Clears bits from the hardware's side, atomically.
   *
   * @param offset where the register begins
   * @param mask the bits to clear
   * @return the contents before
   * @throws IllegalArgumentException if no register begins there, or the mask is wider than it
   */
  public long clearBits(long offset, long mask) {
    int index = index("clearBits", offset);
    return (long) CELLS.getAndBitwiseAnd(cells, index, ~fitting("clearBits", index, mask));
  }

  /**
   * Replaces the contents if they are the expected ones, atomically, from the hardware's side.
   *
   * @param offset where the register begins
   * @param expected the contents to be replaced
   * @param value the new contents
   * @return whether they were
   * @throws IllegalArgumentException if no register begins there, or the value is wider than it
   */
  public boolean compareAndSet(long offset, long expected, long value) {
    int index = index("compareAndSet", offset);
    return CELLS.compareAndSet(cells, index, expected, fitting("compareAndSet", index, value));
  }

  /** Power-good reset: every register has its reset value. Runs no handler. */
  public void coldReset() {
    for (int index = 0; index < cells.length; index++) {
      CELLS.setVolatile(cells, index, table.rows[index].reset);
    }
  }

  /** Warm reset: as {@link #coldReset}, but sticky bits stay. Runs no handler. */
  public void warmReset() {
    for (int index = 0; index < cells.length; index++) {
      Register<? super U> row = table.rows[index];
      CELLS.getAndBitwiseAnd(cells, index, row.sticky);
      CELLS.getAndBitwiseOr(cells, index, row.reset & ~row.sticky);
    }
  }

  /**
   * Restores one register of a saved state, verbatim: no masks, no handlers, read-only ones too.
   *
   * @param registerName with the rules of {@link RegisterTable#register}
   * @param value the contents
   * @throws IllegalArgumentException if there is no such register, or the value is wider than it
   */
  public void load(String registerName, long value) {
    poke(table.register(registerName).offset, value);
  }

  /**
   * Restores 4 or 8 bytes of a saved state, verbatim, with the same splitting as an access: the
   * half of a 64-bit register, or two 32-bit registers at once.
   *
   * @param offset byte offset, a multiple of {@code bytes}
   * @param bytes 4 or 8
   * @param value the contents of these bytes
   * @throws IllegalArgumentException if not all of the bytes belong to registers, if they are not
   *     aligned, or if the value is wider than they are; nothing is changed then
   */
  public void load(long offset, int bytes, long value) {
    boolean aligned = (bytes == 4 || bytes == 8) && (offset & (bytes - 1)) == 0;
    if (!aligned || isBeyond(offset, bytes) || (value & ~ones(bytes)) != 0) {
      throw new IllegalArgumentException(
          "load refused: %d bytes = 0x%x at 0x%x of %s (0x%x bytes); give 4 or 8 aligned bytes of it"
              .formatted(bytes, value, offset, table.name, table.size));
    }
    int low = covering(offset);
    if (bytes == 4) {
      overlay(low, offset, value);
    } else {
      int high = covering(offset + 4);
      overlay(low, offset, value & LOW);
      overlay(high, offset + 4, value >>> 32);
    }
  }

  /**
   * All registers by ascending offset, aliases not repeated: the contents as the hardware holds
   * them, except that a register with a read handler has the handler's answer. Loading them into
   * another file of the same table restores all contents that the file holds.
   *
   * @return a new unmodifiable list; each value is exact, the list is no atomic snapshot
   */
  public List<RegisterValue> values() {
    List<RegisterValue> values = new ArrayList<>(cells.length);
    for (int index = 0; index < cells.length; index++) {
      Register<? super U> row = table.rows[index];
      values.add(new RegisterValue(row.name, row.offset, row.bytes(), held(index)));
    }
    return List.copyOf(values);
  }

  private long read32(int offset) {
    int owner = table.owners[offset >>> 2];
    if (owner <= 0) {
      return owner == RegisterTable.ABSENT ? LOW : 0;
    }
    long whole = contents(owner - 1);
    return isHighHalf(owner - 1, offset) ? whole >>> 32 : whole & LOW;
  }

  private void write32(int offset, long value) {
    int index = table.owners[offset >>> 2] - 1;
    if (index < 0) {
      return;
    }
    if (isHighHalf(index, offset)) {
      store(index, value << 32, ~LOW);
    } else {
      store(index, value, LOW);
    }
  }

  /** What software sees in a register. */
  private long contents(int index) {
    return table.rows[index].readsZero ? 0 : held(index);
  }

  private long held(int index) {
    Register<? super U> row = table.rows[index];
    long stored = (long) CELLS.getVolatile(cells, index);
    return row.onRead == null ? stored : row.onRead.read(unit, stored) & row.all();
  }

  /**
   * Stores what a write may change and tells the handler.
   *
   * @param written the value in its place in the register, 0 outside the lanes
   * @param lanes the bits of the register that the access reaches
   */
  private void store(int index, long written, long lanes) {
    Register<? super U> row = table.rows[index];
    if (row.isReadOnly() || (row.writableWhile != null && !row.writableWhile.test(unit))) {
      return;
    }
    long writable = row.writable & lanes;
    long cleared = row.w1c & written;
    long shots = row.oneShot & written;
    long old;
    long value;
    do {
      old = (long) CELLS.getVolatile(cells, index);
      value = (old & ~(writable | cleared | row.oneShot)) | (written & writable) | shots;
      if (row.filter != null) {
        value = row.filter.admit(unit, value, old) & row.all();
      }
    } while (!CELLS.weakCompareAndSet(cells, index, old, value & ~row.oneShot));
    boolean upperByte = (lanes & (row.all() ^ (row.all() >>> 1))) != 0;
    if (row.onWrite != null && (upperByte || !row.upperByteActs)) {
      row.onWrite.written(unit, value, old);
    }
  }

  private boolean isBeyond(long offset, int bytes) {
    return Long.compareUnsigned(offset, table.size) >= 0
        || (bytes > 0 && bytes <= 8 && offset > table.size - bytes);
  }

  /** Whether an offset, known to be a place of this row, is that of its upper 32 bits. */
  private boolean isHighHalf(int index, long offset) {
    return table.rows[index].width == 64 && (offset & 4) != 0;
  }

  private int index(String operation, long offset) {
    int index = table.rowAt(offset);
    if (index < 0) {
      throw new IllegalArgumentException(
          "%s refused: no register of %s begins at 0x%x".formatted(operation, table.name, offset));
    }
    return index;
  }

  private long fitting(String operation, int index, long value) {
    Register<? super U> row = table.rows[index];
    if ((value & ~row.all()) != 0) {
      throw new IllegalArgumentException(
          "%s refused: 0x%x is wider than %s; was an int sign-extended?"
              .formatted(operation, value, row));
    }
    return value;
  }

  /** The row that owns the four bytes at a checked offset, for {@link #load}. */
  private int covering(long offset) {
    int index = table.owners[(int) offset >>> 2] - 1;
    if (index < 0) {
      throw new IllegalArgumentException(
          "load refused: no register of %s covers 0x%x".formatted(table.name, offset));
    }
    return index;
  }

  /** Replaces the 32 bits at {@code offset} of a row. */
  private void overlay(int index, long offset, long half) {
    int shift = isHighHalf(index, offset) ? 32 : 0;
    long old;
    do {
      old = (long) CELLS.getVolatile(cells, index);
    } while (!CELLS.weakCompareAndSet(cells, index, old, (old & ~(LOW << shift)) | half << shift));
  }

  /** All ones of an access size. */
  private static long ones(int bytes) {
    return bytes > 0 && bytes < 8 ? (1L << (8 * bytes)) - 1 : -1L;
  }
}
