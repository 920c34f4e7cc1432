package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;

/**
 * What all descriptors of the invalidation queue share: the type in two parts. VT-d, "Invalidation
 * Descriptors". Each type has a class with its layout of 256 bits; a 128-bit queue holds bits
 * 127:0.
 */
public final class Descriptor {
  public static final Field TYPE = bits("TYPE", 3, 0); // type[3:0]
  public static final Field TYPE_HIGH = bits("TYPE_HIGH", 11, 9); // type[6:4], 0 today

  private Descriptor() {}

  /** The type, 0 to 127. */
  public static int type(long word0) {
    return (int) (TYPE_HIGH.get(word0) << 4 | TYPE.get(word0));
  }
}
