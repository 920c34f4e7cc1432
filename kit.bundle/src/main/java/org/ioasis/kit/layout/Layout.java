package org.ioasis.kit.layout;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One structure of a specification: its name, its size and its fields.
 *
 * <p>A layout is a {@code static final} constant beside its fields, so that overlaps and ranges
 * outside the structure are refused when the class is loaded. Bits that no field names are the
 * reserved ones; {@link #reserved} gives them as one mask per word, for the one AND that a check
 * costs. Bits that the specification calls ignored or available to software are fields, not
 * reserved. Masks that depend on the profile (address bits above the implemented width) are the
 * vendor's to add.
 *
 * <p>Unions (one descriptor type per layout, fault information by type) are several layouts.
 *
 * <p>{@link #describe} and {@link #format} are for the shell and for failing tests; they allocate
 * and have no place on a hot path.
 */
public final class Layout {
  /** The name under which reserved ranges are described. No field may have it. */
  public static final String RESERVED = "RSVD";

  private final String name;
  private final int bits;
  private final List<Field> fields;
  private final List<Field> everything;
  private final Set<Field> shownInPlace;
  private final long[] reserved;

  private Layout(String name, int bits, List<Field> fields, Set<Field> shownInPlace) {
    this.name = Objects.requireNonNull(name, "name");
    this.bits = bits;
    if (bits <= 0) {
      throw refused("its size of " + bits + " bits is not positive");
    }
    this.fields =
        fields.stream().sorted(Comparator.comparingInt(Field::low)).collect(Collectors.toList());
    this.shownInPlace = shownInPlace;
    this.reserved = checkedReserved();
    this.everything = withReserved();
  }

  /**
   * A structure of {@code bits} bits.
   *
   * @param name the specification's name, used in messages and listings
   * @param bits the size in bits, positive
   * @param fields all fields that are not reserved, in any order
   * @throws IllegalArgumentException if two fields overlap or have the same name, if a field lies
   *     outside the structure, or if one is named {@link #RESERVED}
   */
  public static Layout of(String name, int bits, Field... fields) {
    return new Layout(name, bits, List.of(fields), Set.of());
  }

  /**
   * The same structure with some fields described in their position, as addresses are read.
   *
   * @param addresses fields of this layout
   * @throws IllegalArgumentException if one is not a field of this layout
   */
  public Layout inPlace(Field... addresses) {
    Set<Field> all = new LinkedHashSet<>(shownInPlace);
    for (Field address : addresses) {
      if (!fields.contains(address)) {
        throw refused(address + " cannot be shown in place, it is not a field of it");
      }
      all.add(address);
    }
    return new Layout(name, bits, fields, Set.copyOf(all));
  }

  /** The structure's name. */
  public String name() {
    return name;
  }

  /** The size in bits. */
  public int bits() {
    return bits;
  }

  /** The size in 64-bit words; the last one may be used in part. */
  public int words() {
    return reserved.length;
  }

  /** The fields by ascending position, without reserved ranges. Unmodifiable. */
  public List<Field> fields() {
    return List.copyOf(fields);
  }

  /**
   * The field of that name, exactly as declared.
   *
   * @throws IllegalArgumentException if there is none; the message lists the names
   */
  public Field field(String fieldName) {
    for (Field field : fields) {
      if (field.name().equals(fieldName)) {
        return field;
      }
    }
    throw new IllegalArgumentException(
        "no field " + fieldName + " in " + name + "; it has " + fields);
  }

  /**
   * The bits of one word that no field covers. Bits beyond the size of the structure (a 32-bit
   * register in a word) are not part of it and not in the mask.
   *
   * @param wordIndex 0 to {@link #words()} - 1
   * @throws IndexOutOfBoundsException if there is no such word
   */
  public long reserved(int wordIndex) {
    return reserved[Objects.checkIndex(wordIndex, reserved.length)];
  }

  /**
   * The structure field by field, by ascending position. Fields always appear, reserved ranges only
   * where a bit of them is 1.
   *
   * @param words exactly {@link #words()} words
   * @return a new unmodifiable list
   * @throws IllegalArgumentException if the number of words differs, or if the last word has bits
   *     beyond the size of the structure
   */
  public List<FieldValue> describe(long... words) {
    checkWords(words);
    List<FieldValue> values = new ArrayList<>(everything.size());
    for (Field field : everything) {
      if (!field.name().equals(RESERVED) || field.isSet(words)) {
        values.add(new FieldValue(field, field.get(words), shownInPlace.contains(field)));
      }
    }
    return List.copyOf(values);
  }

  /**
   * {@link #describe} on one line: {@code P=1 FPD=0 TT=0 SSPTPTR=0x200000 AW=2 AVAIL=0 DID=0x42}.
   *
   * @param words exactly {@link #words()} words
   * @throws IllegalArgumentException as {@link #describe}
   */
  public String format(long... words) {
    return describe(words).stream().map(FieldValue::toString).collect(Collectors.joining(" "));
  }

  /** Name, size and fields: {@code context-entry (128 bits): P[0] FPD[1] TT[3:2] ...}. */
  @Override
  public String toString() {
    return fields.stream()
        .map(Field::toString)
        .collect(Collectors.joining(" ", name + " (" + bits + " bits): ", ""));
  }

  private void checkWords(long[] words) {
    if (words.length != reserved.length) {
      throw new IllegalArgumentException(
          "describe refused: %s has %d words, %d given"
              .formatted(name, reserved.length, words.length));
    }
    long beyond = words[words.length - 1] & ~present(words.length - 1);
    if (beyond != 0) {
      throw new IllegalArgumentException(
          "describe refused: %s has %d bits, bits 0x%x of its last word lie beyond them; cut the word"
              .formatted(name, bits, beyond));
    }
  }

  /** The bits of a word that belong to the structure. */
  private long present(int wordIndex) {
    int left = bits - 64 * wordIndex;
    return left >= 64 ? -1L : (1L << left) - 1;
  }

  private long[] checkedReserved() {
    long[] free = new long[(bits + 63) >>> 6];
    for (int word = 0; word < free.length; word++) {
      free[word] = present(word);
    }
    Set<String> names = new HashSet<>();
    Field before = null;
    for (Field field : fields) {
      if (field.high() >= bits) {
        throw refused(field + " lies outside its " + bits + " bits");
      }
      if (before != null && field.low() <= before.high()) {
        throw refused(before + " overlaps " + field);
      }
      if (field.name().equals(RESERVED)) {
        throw refused(field + " must not be declared; bits without a field are the reserved ones");
      }
      if (!names.add(field.name())) {
        throw refused("two fields are named " + field.name());
      }
      free[field.wordIndex()] &= ~field.mask();
      before = field;
    }
    return free;
  }

  /** The fields and the reserved ranges between them; a range never crosses a word boundary. */
  private List<Field> withReserved() {
    List<Field> all = new ArrayList<>(fields);
    for (int word = 0; word < reserved.length; word++) {
      long left = reserved[word];
      while (left != 0) {
        int low = Long.numberOfTrailingZeros(left);
        int length = Long.numberOfTrailingZeros(~(left >>> low));
        Field run = Field.bits(RESERVED, 64 * word + low + length - 1, 64 * word + low);
        all.add(run);
        left &= ~run.mask();
      }
    }
    all.sort(Comparator.comparingInt(Field::low));
    return List.copyOf(all);
  }

  private IllegalArgumentException refused(String why) {
    return new IllegalArgumentException("layout refused: " + name + ": " + why);
  }
}
