package org.ioasis.kit.inspect;

/** Source ids as people write them. Pure functions. */
public final class SourceIds {
  private SourceIds() {}

  /** Bus, device and function of a PCI requester id: {@code 00:04.0}. */
  public static String bdf(int sourceId) {
    return "%02x:%02x.%d".formatted(sourceId >>> 8 & 0xFF, sourceId >>> 3 & 0x1F, sourceId & 7);
  }
}
