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

  /** A translation table mode. */
  static String mode(int ttm) {
    return switch (ttm) {
      case Latched.TTM_LEGACY -> "legacy";
      case Latched.TTM_SCALABLE -> "scalable";
      case Latched.TTM_ABORT -> "abort";
      default -> "reserved";
    };
  }

  /** What a binding translates with. */
  static String type(Binding binding) {
    if (binding.isPassThrough()) {
      return "pass-through";
    }
    if (binding.isNested()) {
      return "nested";
    }
    return binding.isFirstStage() ? "first stage" : "second stage";
  }
}
