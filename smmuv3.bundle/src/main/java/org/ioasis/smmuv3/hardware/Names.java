package org.ioasis.smmuv3.hardware;

/** How people write things. Pure functions. */
final class Names {
  private Names() {}

  /** Rights of a cache word: unprivileged, then privileged: {@code rw-/rw-}. */
  static String rights(int flags) {
    return three(flags, Rights.UR, Rights.UW, Rights.UX)
        + "/"
        + three(flags, Rights.PR, Rights.PW, Rights.PX);
  }

  private static String three(int flags, int read, int write, int execute) {
    return ((flags & read) != 0 ? "r" : "-")
        + ((flags & write) != 0 ? "w" : "-")
        + ((flags & execute) != 0 ? "x" : "-");
  }
}
