package org.ioasis.vtd.hardware;

/** How people write things. Pure functions. */
final class Names {
  private Names() {}

  /** Bus, device and function of a source id: {@code 00:04.0}. */
  static String bdf(int sourceId) {
    return "%02x:%02x.%d".formatted(sourceId >>> 8 & 0xFF, sourceId >>> 3 & 0x1F, sourceId & 7);
  }

  /** Rights bits as {@code rw}, {@code r}, {@code -}. */
  static String rights(int rights) {
    String text =
        ((rights & Access.READ) != 0 ? "r" : "")
            + ((rights & Access.WRITE) != 0 ? "w" : "")
            + ((rights & Access.EXECUTE) != 0 ? "x" : "");
    return text.isEmpty() ? "-" : text;
  }
}
