package org.ioasis.api.ioasid;

/**
 * A number that tells address spaces of one device apart: a PASID, an SMMU's SubstreamID. It is no
 * authority and no address space.
 *
 * @param value 0 to 2^20-1
 */
public record Pasid(int value) {
  /** Width of the widest PASID in bits. */
  public static final int MAX_BITS = 20;

  /** Checks the width. */
  public Pasid {
    if (value < 0 || value >= 1 << MAX_BITS) {
      throw new IllegalArgumentException("PASID 0x%x is not 0 to 0xfffff".formatted(value));
    }
  }

  /** {@code pasid 0x12}. */
  @Override
  public String toString() {
    return "pasid 0x%x".formatted(value);
  }
}
