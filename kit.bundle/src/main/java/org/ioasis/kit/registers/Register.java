package org.ioasis.kit.registers;

import java.util.Objects;
import java.util.function.Predicate;

/**
 * One row of a register table: where a register lies, how wide it is, and what a write does to each
 * of its bits.
 *
 * <table>
 *   <caption>What a write does to a bit</caption>
 *   <tr><td>{@link #writable}</td><td>takes the written value</td></tr>
 *   <tr><td>{@link #w1c}</td><td>a written 1 clears it, a 0 leaves it</td></tr>
 *   <tr><td>{@link #oneShot}</td><td>a written 1 reaches the handler and is not stored</td></tr>
 *   <tr><td>none of them</td><td>read-only: the write leaves it</td></tr>
 * </table>
 *
 * <p>A row without any such bit is a read-only register; {@link RegisterFile#poke} is how the
 * hardware changes it. Rows are immutable: each method returns a changed copy, so that they chain.
 * A row starts with owner type {@code Object}; the first handler narrows it, and a table takes rows
 * of its owner type or of any supertype. Method references need no type arguments for that: {@code
 * reg(0x18, "GCMD_REG", 32).writable(m).onWrite(Unit::globalCommand)}.
 *
 * @param <U> the type of unit that the row's handlers expect
 */
public final class Register<U> {
  final int offset;
  final String name;
  final int width;
  final long reset;
  final long writable;
  final long w1c;
  final long oneShot;
  final long sticky;
  final boolean readsZero;
  final boolean upperByteActs;
  final Predicate<? super U> writableWhile;
  final WriteFilter<? super U> filter;
  final WriteHandler<? super U> onWrite;
  final ReadHandler<? super U> onRead;

  private Register(Draft<U> draft) {
    this.offset = draft.offset;
    this.name = draft.name;
    this.width = draft.width;
    this.reset = draft.reset;
    this.writable = draft.writable;
    this.w1c = draft.w1c;
    this.oneShot = draft.oneShot;
    this.sticky = draft.sticky;
    this.readsZero = draft.readsZero;
    this.upperByteActs = draft.upperByteActs;
    this.writableWhile = draft.writableWhile;
    this.filter = draft.filter;
    this.onWrite = draft.onWrite;
    this.onRead = draft.onRead;
    check();
  }

  /**
   * A read-only register that resets to 0; the methods of the row make more of it.
   *
   * @param offset byte offset in the block, a multiple of the register's size
   * @param name the specification's name
   * @param width 32 or 64 bits
   * @throws IllegalArgumentException if the width is another one or the offset is not aligned
   */
  public static Register<Object> reg(int offset, String name, int width) {
    Draft<Object> draft = new Draft<>();
    draft.offset = offset;
    draft.name = Objects.requireNonNull(name, "name");
    draft.width = width;
    return new Register<>(draft);
  }

  /** The contents after a cold reset, and after a warm one for bits that are not sticky. */
  public Register<U> reset(long value) {
    Draft<U> draft = new Draft<>(this);
    draft.reset = value;
    return new Register<>(draft);
  }

  /** The bits that take the written value. */
  public Register<U> writable(long mask) {
    Draft<U> draft = new Draft<>(this);
    draft.writable = mask;
    return new Register<>(draft);
  }

  /** All bits take the written value. */
  public Register<U> writable() {
    return writable(all());
  }

  /** The bits that a written 1 clears and a written 0 leaves (RW1C). */
  public Register<U> w1c(long mask) {
    Draft<U> draft = new Draft<>(this);
    draft.w1c = mask;
    return new Register<>(draft);
  }

  /** The bits that read 0 and tell the handler something when written as 1. */
  public Register<U> oneShot(long mask) {
    Draft<U> draft = new Draft<>(this);
    draft.oneShot = mask;
    return new Register<>(draft);
  }

  /** The bits that a warm reset leaves (the S of RW1CS and ROS). */
  public Register<U> sticky(long mask) {
    Draft<U> draft = new Draft<>(this);
    draft.sticky = mask;
    return new Register<>(draft);
  }

  /**
   * Software reads 0 whatever was written (write-only registers). The contents are stored all the
   * same, for the handler of another register ({@code IVA_REG} before {@code IOTLB_REG}).
   */
  public Register<U> readsZero() {
    Draft<U> draft = new Draft<>(this);
    draft.readsZero = true;
    return new Register<>(draft);
  }

  /**
   * The register is read-only, as a whole, while the condition does not hold: writes are dropped
   * and no handler runs. For registers guarded by an enable bit.
   *
   * @param condition a pure function of the unit's state
   */
  public <V extends U> Register<V> writableWhile(Predicate<? super V> condition) {
    Draft<V> draft = new Draft<>(this);
    draft.writableWhile = Objects.requireNonNull(condition, "condition");
    return new Register<>(draft);
  }

  /** What a write stores is the filter's decision, after the masks. */
  public <V extends U> Register<V> filter(WriteFilter<? super V> admits) {
    Draft<V> draft = new Draft<>(this);
    draft.filter = Objects.requireNonNull(admits, "admits");
    return new Register<>(draft);
  }

  /** The handler runs after every write to the register or a half of it. */
  public <V extends U> Register<V> onWrite(WriteHandler<? super V> handler) {
    Draft<V> draft = new Draft<>(this);
    draft.onWrite = Objects.requireNonNull(handler, "handler");
    draft.upperByteActs = false;
    return new Register<>(draft);
  }

  /**
   * The handler runs after writes that reach the register's uppermost byte: the whole register or
   * its high half. A write of the low half alone is stored and starts nothing.
   */
  public <V extends U> Register<V> onUpperWrite(WriteHandler<? super V> handler) {
    Draft<V> draft = new Draft<>(this);
    draft.onWrite = Objects.requireNonNull(handler, "handler");
    draft.upperByteActs = true;
    return new Register<>(draft);
  }

  /** What software reads is the handler's answer. */
  public <V extends U> Register<V> onRead(ReadHandler<? super V> handler) {
    Draft<V> draft = new Draft<>(this);
    draft.onRead = Objects.requireNonNull(handler, "handler");
    return new Register<>(draft);
  }

  /** Byte offset in the block. */
  public int offset() {
    return offset;
  }

  /** The register's name. */
  public String name() {
    return name;
  }

  /** Size in bytes, 4 or 8. */
  public int bytes() {
    return width >>> 3;
  }

  /** The contents after a cold reset. */
  public long resetValue() {
    return reset;
  }

  /** Whether no write of software's can change it or be noticed. */
  public boolean isReadOnly() {
    return (writable | w1c | oneShot) == 0;
  }

  /** Name, offset and width: {@code FSTS_REG @0x34 (32 bits)}. */
  @Override
  public String toString() {
    return name + " @0x" + Integer.toHexString(offset) + " (" + width + " bits)";
  }

  /** All bits of the register. */
  long all() {
    return width == 64 ? -1L : (1L << width) - 1;
  }

  private void check() {
    if (width != 32 && width != 64) {
      throw refused("a register is 32 or 64 bits wide");
    }
    if (offset < 0 || offset % bytes() != 0) {
      throw refused("its offset is not a multiple of its " + bytes() + " bytes");
    }
    long beyond = (reset | writable | w1c | oneShot | sticky) & ~all();
    if (beyond != 0) {
      throw refused("bits 0x" + Long.toHexString(beyond) + " of its masks lie beyond its width");
    }
    long twice = (writable & w1c) | (writable & oneShot) | (w1c & oneShot);
    if (twice != 0) {
      throw refused(
          "bits 0x"
              + Long.toHexString(twice)
              + " are in two of writable, w1c and oneShot; a bit is of one kind");
    }
    if ((reset & oneShot) != 0) {
      throw refused("one-shot bits read 0, its reset value has one of them");
    }
  }

  private IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("register refused: " + this + ": " + why);
  }

  /** A row being changed. Handlers of the row copied fit, since the new owner type is narrower. */
  private static final class Draft<U> {
    int offset;
    String name;
    int width;
    long reset;
    long writable;
    long w1c;
    long oneShot;
    long sticky;
    boolean readsZero;
    boolean upperByteActs;
    Predicate<? super U> writableWhile;
    WriteFilter<? super U> filter;
    WriteHandler<? super U> onWrite;
    ReadHandler<? super U> onRead;

    Draft() {}

    Draft(Register<? super U> row) {
      offset = row.offset;
      name = row.name;
      width = row.width;
      reset = row.reset;
      writable = row.writable;
      w1c = row.w1c;
      oneShot = row.oneShot;
      sticky = row.sticky;
      readsZero = row.readsZero;
      upperByteActs = row.upperByteActs;
      writableWhile = row.writableWhile;
      filter = row.filter;
      onWrite = row.onWrite;
      onRead = row.onRead;
    }
  }
}
