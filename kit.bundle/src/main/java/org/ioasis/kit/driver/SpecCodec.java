package org.ioasis.kit.driver;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;

/**
 * What a driver&#39;s hand-over says of a domain, as numbers. A number is a place in a list: new
 * types and flags go to its end, and none leaves it.
 *
 * <p><b>Threading:</b> pure functions.
 */
public final class SpecCodec {
  private static final List<DomainSpec.Type> TYPES =
      List.of(
          DomainSpec.Type.PAGING,
          DomainSpec.Type.NESTED,
          DomainSpec.Type.IDENTITY,
          DomainSpec.Type.BLOCKED);
  private static final List<DomainFlag> FLAGS =
      List.of(
          DomainFlag.NEST_PARENT,
          DomainFlag.DIRTY_TRACKING,
          DomainFlag.FAULT_CAPABLE,
          DomainFlag.PASID,
          DomainFlag.USER_PASID_TABLE,
          DomainFlag.ENFORCE_SNOOP);

  private SpecCodec() {}

  /** The number of a type, from 0. */
  public static int code(DomainSpec.Type type) {
    return TYPES.indexOf(type);
  }

  /**
   * The type of a number.
   *
   * @throws IndexOutOfBoundsException if there is none
   */
  public static DomainSpec.Type type(int code) {
    return TYPES.get(code);
  }

  /** A bit per flag. */
  public static int bits(Set<DomainFlag> flags) {
    int bits = 0;
    for (DomainFlag flag : flags) {
      bits |= 1 << FLAGS.indexOf(flag);
    }
    return bits;
  }

  /**
   * The flags of bits.
   *
   * @throws IllegalArgumentException if a bit has no meaning
   */
  public static Set<DomainFlag> flags(int bits) {
    if (bits >>> FLAGS.size() != 0) {
      throw new IllegalArgumentException("flags 0x%x".formatted(bits));
    }
    Set<DomainFlag> flags = EnumSet.noneOf(DomainFlag.class);
    for (int i = 0; i < FLAGS.size(); i++) {
      if ((bits >>> i & 1) != 0) {
        flags.add(FLAGS.get(i));
      }
    }
    return flags;
  }
}
