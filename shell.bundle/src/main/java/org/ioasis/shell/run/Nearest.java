package org.ioasis.shell.run;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Finds what a person may have meant. */
public final class Nearest {
  private static final int MOST = 3;

  private Nearest() {}

  /**
   * The names that are close to what was typed, best first: those that begin with it or are begun
   * by it, and those that differ in at most a third of the letters, but at least two.
   */
  public static List<String> to(String typed, Collection<String> names) {
    int tolerance = Math.max(2, typed.length() / 3);
    return names.stream()
        .filter(name -> begins(name, typed) || distance(name, typed) <= tolerance)
        .sorted(
            Comparator.<String>comparingInt(name -> distance(name, typed))
                .thenComparing(Comparator.naturalOrder()))
        .limit(MOST)
        .toList();
  }

  private static boolean begins(String name, String typed) {
    return !typed.isEmpty() && (name.startsWith(typed) || typed.startsWith(name));
  }

  /** Letters to insert, delete or change to make one of the other. */
  static int distance(String one, String other) {
    int[] previous = new int[other.length() + 1];
    for (int j = 0; j <= other.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      int[] current = new int[other.length() + 1];
      current[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
        current[j] = Math.min(previous[j - 1] + change, 1 + Math.min(previous[j], current[j - 1]));
      }
      previous = current;
    }
    return previous[other.length()];
  }
}
