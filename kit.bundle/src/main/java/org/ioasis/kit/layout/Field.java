package org.ioasis.kit.layout;

import java.util.Objects;

/**
 * One bit field {@code NAME[high:low]} of a register, entry, descriptor or record.
 *
 * <pre>
 *   bit   127        88 87      72 71 70   67 66  64   63        12 11  4 3  2  1   0
 *        +-------------+----------+--+-------+------+ +------------+-----+----+---+---+
 *        |  reserved   |   DID    |  | AVAIL |  AW  | |  SSPTPTR   |     | TT |FPD| P |
 *        +-------------+----------+--+-------+------+ +------------+-----+----+---+---+
 *         word 1: DID is [87:72], shift 8              word 0
 * </pre>
 *
 * <p>{@code high} and {@code low} are inclusive and numbered over the whole structure, as the
 * specification prints them; bits above 63 lie in later words. A field never straddles two words: a
 * number that does (GCR3 root of an AMD-Vi device table entry) is two or three fields, as the
 * specifications print it too.
 *
 * <p>Declare fields as {@code static final} constants. The just-in-time compiler trusts the
 * components of such a record, so {@link #get(long)} becomes one AND and one shift with constant
 * operands; a class or an enum would cost two loads and a variable shift. All values are unsigned.
 *
 * @param name the specification's name, without range
 * @param high the highest bit, inclusive, numbered over the whole structure
 * @param low the lowest bit, inclusive, numbered over the whole structure
 * @param shift position of the lowest bit inside its word, 0 to 63
 * @param mask the field's bits inside its word
 */
public record Field(String name, int high, int low, int shift, long mask) {

  /**
   * Checks that the five numbers describe the same field. Use {@link #bit} or {@link #bits}.
   *
   * @throws IllegalArgumentException if the range is empty, negative or straddles two words, if
   *     shift or mask do not belong to the range, or if the name is blank
   */
  public Field {
    Objects.requireNonNull(name, "name");
    if (name.isBlank()) {
      throw refused(name, high, low, "has no name; give it the specification's");
    }
    if (low < 0 || high < low) {
      throw refused(name, high, low, "is no range; write the higher bit first");
    }
    if (high >>> 6 != low >>> 6) {
      throw refused(name, high, low, "straddles two 64-bit words; split it at bit " + (high & ~63));
    }
    if (shift != (low & 63) || mask != maskOf(high, low)) {
      throw refused(name, high, low, "has another shift or mask; use Field.bits");
    }
  }

  /**
   * A field of one bit.
   *
   * @param name the specification's name
   * @param bit position over the whole structure
   */
  public static Field bit(String name, int bit) {
    return bits(name, bit, bit);
  }

  /**
   * The field {@code name[high:low]}.
   *
   * @param name the specification's name
   * @param high highest bit, inclusive, over the whole structure
   * @param low lowest bit, inclusive, over the whole structure
   * @throws IllegalArgumentException if the range is empty, negative or straddles two 64-bit words
   */
  public static Field bits(String name, int high, int low) {
    return new Field(name, high, low, low & 63, maskOf(high, low));
  }

  /** The index of the word that holds this field: 0 for bits 63:0, 1 for 127:64 and so on. */
  public int wordIndex() {
    return low >>> 6;
  }

  /** The number of bits, 1 to 64. */
  public int width() {
    return high - low + 1;
  }

  /** The largest value that fits, unsigned. */
  public long max() {
    return mask >>> shift;
  }

  /** Whether the unsigned {@code value} fits into this field. */
  public boolean fits(long value) {
    return (value & ~max()) == 0;
  }

  /**
   * The field's value.
   *
   * @param word the word that holds the field, that is word {@link #wordIndex()}
   */
  public long get(long word) {
    return (word & mask) >>> shift;
  }

  /**
   * The field's value out of a structure of at most 128 bits; the field picks its word.
   *
   * @param lo bits 63:0
   * @param hi bits 127:64
   */
  public long get(long lo, long hi) {
    assert low < 128 : this + " is not in the first 128 bits";
    return get(low < 64 ? lo : hi);
  }

  /**
   * The field's value out of a whole structure.
   *
   * @param words the structure, at least {@code wordIndex() + 1} words
   */
  public long get(long[] words) {
    return get(words[low >>> 6]);
  }

  /** Whether any bit of the field is 1 in its {@code word}. */
  public boolean isSet(long word) {
    return (word & mask) != 0;
  }

  /** Whether any bit of the field is 1 in a structure of at most 128 bits. */
  public boolean isSet(long lo, long hi) {
    assert low < 128 : this + " is not in the first 128 bits";
    return isSet(low < 64 ? lo : hi);
  }

  /** Whether any bit of the field is 1 in a whole structure. */
  public boolean isSet(long[] words) {
    return isSet(words[low >>> 6]);
  }

  /**
   * The field's bits left where they are, all others 0. For addresses: {@code SSPTPTR[63:12]} in
   * place is the table's byte address.
   */
  public long inPlace(long word) {
    return word & mask;
  }

  /** {@link #inPlace(long)} out of a structure of at most 128 bits. */
  public long inPlace(long lo, long hi) {
    assert low < 128 : this + " is not in the first 128 bits";
    return inPlace(low < 64 ? lo : hi);
  }

  /** {@link #inPlace(long)} out of a whole structure. */
  public long inPlace(long[] words) {
    return inPlace(words[low >>> 6]);
  }

  /**
   * A word that holds {@code value} in this field and 0 elsewhere; OR several to build a word.
   *
   * @throws IllegalArgumentException if the value does not fit
   */
  public long of(long value) {
    if (!fits(value)) {
      throw tooLarge(value);
    }
    return value << shift;
  }

  /**
   * A word that holds {@code address} as it stands and 0 elsewhere: the reverse of {@link
   * #inPlace(long)}.
   *
   * @throws IllegalArgumentException if the address has bits outside the field
   */
  public long ofInPlace(long address) {
    if ((address & ~mask) != 0) {
      throw new IllegalArgumentException(
          "put refused: "
              + this
              + " cannot hold 0x"
              + Long.toHexString(address)
              + " in place; bits 0x"
              + Long.toHexString(address & ~mask)
              + " lie outside the field");
    }
    return address;
  }

  /**
   * {@code word} with this field replaced.
   *
   * @param word the word that holds the field
   * @param value the new value, unsigned
   * @throws IllegalArgumentException if the value does not fit
   */
  public long put(long word, long value) {
    return (word & ~mask) | of(value);
  }

  /**
   * Replaces this field in a whole structure.
   *
   * @param words the structure, changed
   * @param value the new value, unsigned
   * @throws IllegalArgumentException if the value does not fit; the structure is then unchanged
   */
  public void put(long[] words, long value) {
    words[low >>> 6] = put(words[low >>> 6], value);
  }

  /**
   * {@code word} with this field replaced by an address that keeps its position.
   *
   * @throws IllegalArgumentException if the address has bits outside the field
   */
  public long putInPlace(long word, long address) {
    return (word & ~mask) | ofInPlace(address);
  }

  /** The range as the specification prints it: {@code [87:72]}, or {@code [3]} for one bit. */
  public String range() {
    return range(high, low);
  }

  /** Name and range: {@code DID[87:72]}. */
  @Override
  public String toString() {
    return name + range();
  }

  private IllegalArgumentException tooLarge(long value) {
    return new IllegalArgumentException(
        "put refused: "
            + this
            + " cannot hold 0x"
            + Long.toHexString(value)
            + "; the largest value is 0x"
            + Long.toHexString(max()));
  }

  private static long maskOf(int high, int low) {
    // Meaningless for ranges that the constructor refuses, but never an exception of its own.
    return (-1L >>> (63 - ((high - low) & 63))) << (low & 63);
  }

  private static String range(int high, int low) {
    return high == low ? "[" + low + "]" : "[" + high + ":" + low + "]";
  }

  private static IllegalArgumentException refused(String name, int high, int low, String why) {
    return new IllegalArgumentException("field refused: " + name + range(high, low) + " " + why);
  }
}
