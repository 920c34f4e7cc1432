package org.ioasis.kit.registers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * The registers of a unit as one immutable table, and the rules of access to its block.
 *
 * <p>Dispatch is an array index: entry {@code offset / 4} tells which row owns those four bytes.
 *
 * <p><b>Access rules.</b> 32- and 64-bit naturally aligned accesses are the architected ones. A
 * 64-bit register may be accessed as two halves. A 64-bit access to two 32-bit registers (or to one
 * and a hole) is two 32-bit accesses, the low one first. Other sizes and unaligned accesses read
 * all ones and write nothing ({@link Builder#otherAccessesReadZero} for 0). Holes, offsets inside
 * the block without a register, read 0 and ignore writes ({@link Builder#absent} for ranges that
 * behave as if beyond the block). Beyond the block reads are all ones and writes are ignored.
 *
 * <p>Immutable; units of one profile share a table, on any threads.
 *
 * @param <U> the type of unit whose registers these are
 */
public final class RegisterTable<U> {
  /** In {@link #owners}: no register here. Positive numbers are a row's index plus one. */
  static final short HOLE = 0;

  /** In {@link #owners}: no register here, and it reads as if beyond the block. */
  static final short ABSENT = -1;

  final String name;
  final int size;
  final boolean otherAccessesReadOnes;
  final Register<? super U>[] rows;
  final short[] owners;
  private final Map<String, Register<? super U>> byName = new LinkedHashMap<>();

  private RegisterTable(Builder<U> builder) {
    this.name = builder.name;
    this.size = builder.size;
    this.otherAccessesReadOnes = builder.otherAccessesReadOnes;
    this.rows = sorted(builder.rows);
    this.owners = new short[size >>> 2];
    for (int row = 0; row < rows.length; row++) {
      claim(rows[row].offset, row);
      if (byName.putIfAbsent(key(rows[row].name), rows[row]) != null) {
        throw refused("two registers are named " + rows[row].name);
      }
    }
    for (Alias alias : builder.aliases) {
      claim(alias.offset, row(register(alias.register)));
    }
    for (int[] range : builder.absent) {
      markAbsent(range[0], range[1]);
    }
  }

  /**
   * A table to be filled.
   *
   * @param name what messages call the block, for example {@code VT-d}
   * @param size of the block in bytes, a positive multiple of 8
   * @param <U> the type of unit
   * @throws IllegalArgumentException if the size is another one
   */
  public static <U> Builder<U> builder(String name, int size) {
    return new Builder<>(name, size);
  }

  /** What messages call the block. */
  public String name() {
    return name;
  }

  /** Size of the block in bytes. */
  public int size() {
    return size;
  }

  /** The rows by ascending offset, aliases not repeated. Unmodifiable. */
  public List<Register<? super U>> registers() {
    return List.of(rows);
  }

  /**
   * Whether a register begins at this offset, alias offsets included.
   *
   * @param offset any offset, within the block or not
   */
  public boolean hasRegister(long offset) {
    return rowAt(offset) >= 0;
  }

  /**
   * The register of that name. Upper and lower case are the same, and so are names with and without
   * an ending {@code _REG}.
   *
   * @throws IllegalArgumentException if there is none; the message lists names that come near
   */
  public Register<? super U> register(String registerName) {
    String key = key(registerName);
    Register<? super U> found = byName.get(key);
    if (found == null) {
      throw new IllegalArgumentException(
          "no register " + registerName + " in " + name + "; " + near(key));
    }
    return found;
  }

  /**
   * A unit's own file of these registers, in cold-reset state.
   *
   * @param unit what handlers get; it is not called before the first access
   */
  public RegisterFile<U> newFile(U unit) {
    return new RegisterFile<>(this, unit);
  }

  /** The index of the row that begins at an offset, or -1. */
  int rowAt(long offset) {
    if (Long.compareUnsigned(offset, size) >= 0 || (offset & 3) != 0) {
      return -1;
    }
    int row = owners[(int) offset >>> 2] - 1;
    return row < 0 || (rows[row].width == 64 && (offset & 4) != 0) ? -1 : row;
  }

  private int row(Register<? super U> register) {
    return owners[register.offset >>> 2] - 1;
  }

  private void claim(int offset, int row) {
    Register<? super U> register = rows[row];
    if (offset < 0 || offset % register.bytes() != 0 || offset > size - register.bytes()) {
      throw refused(
          "0x%x is no place for %s; the block has 0x%x bytes".formatted(offset, register, size));
    }
    for (int at = offset; at < offset + register.bytes(); at += 4) {
      int owner = owners[at >>> 2] - 1;
      if (owner >= 0) {
        throw refused("%s overlaps %s at 0x%x".formatted(register, rows[owner], at));
      }
      owners[at >>> 2] = (short) (row + 1);
    }
  }

  private void markAbsent(int first, int last) {
    if (first < 0 || last < first || last >= size || first % 4 != 0 || last % 4 != 3) {
      throw refused(
          "absent range 0x%x..0x%x is not made of whole 32-bit places".formatted(first, last));
    }
    for (int place = first >>> 2; place <= last >>> 2; place++) {
      if (owners[place] > 0) {
        throw refused(
            "%s lies in the absent range 0x%x..0x%x"
                .formatted(rows[owners[place] - 1], first, last));
      }
      owners[place] = ABSENT;
    }
  }

  private String near(String key) {
    List<String> names = new ArrayList<>();
    byName.forEach(
        (other, register) -> {
          if (other.contains(key) || key.contains(other) || other.startsWith(head(key))) {
            names.add(register.name);
          }
        });
    return names.isEmpty() ? "it has " + byName.size() + " others" : "near are " + names;
  }

  private static String head(String key) {
    return key.substring(0, Math.min(2, key.length()));
  }

  private static String key(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return upper.endsWith("_REG") ? upper.substring(0, upper.length() - 4) : upper;
  }

  private static <U> Register<? super U>[] sorted(List<Register<? super U>> rows) {
    @SuppressWarnings({"unchecked", "rawtypes"}) // holds rows of U or of supertypes only
    Register<? super U>[] array = rows.toArray(new Register[0]);
    Arrays.sort(array, Comparator.comparingInt(Register::offset));
    return array;
  }

  private IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("register table refused: " + name + ": " + why);
  }

  private record Alias(int offset, String register) {}

  /**
   * Collects the rows. Not for several threads. Mistakes in the table are refused by {@link
   * #build}.
   *
   * @param <U> the type of unit
   */
  public static final class Builder<U> {
    private final String name;
    private final int size;
    private final List<Register<? super U>> rows = new ArrayList<>();
    private final List<Alias> aliases = new ArrayList<>();
    private final List<int[]> absent = new ArrayList<>();
    private boolean otherAccessesReadOnes = true;

    private Builder(String name, int size) {
      this.name = Objects.requireNonNull(name, "name");
      this.size = size;
      if (size <= 0 || size % 8 != 0) {
        throw new IllegalArgumentException(
            "register table refused: %s: a block of %d bytes; give a positive multiple of 8"
                .formatted(name, size));
      }
    }

    /** Adds rows, in any order. */
    @SafeVarargs
    public final Builder<U> rows(Register<? super U>... added) {
      for (Register<? super U> row : added) {
        rows.add(row);
      }
      return this;
    }

    /** Adds rows that exist only with a capability. */
    @SafeVarargs
    public final Builder<U> rowsIf(boolean present, Register<? super U>... added) {
      return present ? rows(added) : this;
    }

    /**
     * Adds a register array.
     *
     * @param count the number of elements, 0 or more
     * @param row makes the row of element 0 to {@code count} - 1: its offset, its name, and its
     *     handlers if they need to know the element
     */
    public Builder<U> array(int count, IntFunction<? extends Register<? super U>> row) {
      for (int element = 0; element < count; element++) {
        rows.add(row.apply(element));
      }
      return this;
    }

    /**
     * Makes a register answer at a second offset too: one register, one contents.
     *
     * @param offset the second offset
     * @param register the register's name, with the rules of {@link RegisterTable#register}
     */
    public Builder<U> alias(int offset, String register) {
      aliases.add(new Alias(offset, register));
      return this;
    }

    /**
     * Makes a range inside the block behave as if it lay beyond it: reads all ones.
     *
     * @param first the first byte, a multiple of 4
     * @param last the last byte, inclusive
     */
    public Builder<U> absent(int first, int last) {
      absent.add(new int[] {first, last});
      return this;
    }

    /** Accesses of other sizes and unaligned ones read 0 instead of all ones. */
    public Builder<U> otherAccessesReadZero() {
      otherAccessesReadOnes = false;
      return this;
    }

    /**
     * The table.
     *
     * @throws IllegalArgumentException if registers overlap, lie outside the block, share a name,
     *     or if an alias names no register
     */
    public RegisterTable<U> build() {
      if (rows.size() > Short.MAX_VALUE) {
        throw new IllegalArgumentException(
            "register table refused: %s: %d registers; the most is %d"
                .formatted(name, rows.size(), Short.MAX_VALUE));
      }
      return new RegisterTable<>(this);
    }
  }
}
