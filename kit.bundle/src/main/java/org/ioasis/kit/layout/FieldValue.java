package org.ioasis.kit.layout;

import java.util.Objects;

/**
 * One field of a structure with the value it holds: a line of {@link Layout#describe}.
 *
 * @param field the field, or a reserved range named {@link Layout#RESERVED}
 * @param value the field's value, unsigned, moved down to bit 0
 * @param inPlace whether people read the value in its position, as addresses are
 */
public record FieldValue(Field field, long value, boolean inPlace) {

  /**
   * Checks the value against the field.
   *
   * @throws IllegalArgumentException if the value does not fit into the field
   */
  public FieldValue {
    Objects.requireNonNull(field, "field");
    if (!field.fits(value)) {
      throw new IllegalArgumentException(
          "field value refused: " + field + " cannot hold 0x" + Long.toHexString(value));
    }
  }

  /** Whether this is a reserved range. It is only described when it is not zero. */
  public boolean isReserved() {
    return field.name().equals(Layout.RESERVED);
  }

  /** The field's name; a reserved range carries its position: {@code RSVD[63:52]}. */
  public String name() {
    return isReserved() ? field.toString() : field.name();
  }

  /** The number people read: the address for a field shown in place, else the value. */
  public long shown() {
    return inPlace ? value << field.shift() : value;
  }

  /**
   * {@link #shown()} as text: small numbers plain (0 to 9 read alike in both bases), all others,
   * and addresses and reserved bits always, as {@code 0x} and lower-case hexadecimal digits.
   */
  public String text() {
    long shown = shown();
    boolean plain = !inPlace && !isReserved() && shown >= 0 && shown < 10;
    return plain ? Long.toString(shown) : "0x" + Long.toHexString(shown);
  }

  /** Name and text: {@code DID=0x42}, {@code RSVD[63:52]=0x1}. */
  @Override
  public String toString() {
    return name() + "=" + text();
  }
}
