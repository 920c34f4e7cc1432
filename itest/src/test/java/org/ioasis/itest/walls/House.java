package org.ioasis.itest.walls;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The house of ARCHITECTURE.md as data. A bundle is named by the part of its symbolic name after
 * {@code org.ioasis.}, which is also how its packages begin.
 */
final class House {
  /** What our packages begin with, in the house that ships. */
  static final String BASE = "org.ioasis";

  /** The vendors. */
  static final List<String> VENDORS = List.of("vtd", "smmuv3", "amdvi");

  /** Parts in whose code and files no vendor's name occurs. */
  static final List<String> DOORS = List.of("shell", "capture");

  /** For each part, the other parts whose packages it may import. */
  static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          Map.entry("api", Set.of()),
          Map.entry("kit", Set.of("api")),
          Map.entry("machine", Set.of("api")),
          Map.entry("vtd", Set.of("api", "kit")),
          Map.entry("smmuv3", Set.of("api", "kit")),
          Map.entry("amdvi", Set.of("api", "kit")),
          Map.entry("allocator", Set.of("api")),
          Map.entry("iopf", Set.of("api")),
          Map.entry("domain", Set.of("api")),
          Map.entry("capture", Set.of("api")),
          Map.entry("shell", Set.of("api")),
          Map.entry("launcher", Set.of()));

  private House() {}

  /**
   * The part a package belongs to.
   *
   * @param base what our packages begin with
   * @param name a package
   * @return null for a package that is not ours
   */
  static String part(String base, String name) {
    if (!name.startsWith(base + ".")) {
      return null;
    }
    String rest = name.substring(base.length() + 1);
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  /**
   * Whether one part may import another.
   *
   * @param from a part of {@link #MAY_IMPORT}; an unknown one may import nothing but itself
   * @param to any part
   */
  static boolean mayImport(String from, String to) {
    return from.equals(to) || MAY_IMPORT.getOrDefault(from, Set.of()).contains(to);
  }
}
