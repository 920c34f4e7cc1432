package org.ioasis.shell.command;

import java.util.Collection;
import java.util.List;
import org.ioasis.shell.run.Nearest;

/** What to type instead of a name that nothing has. */
final class Choice {
  private Choice() {}

  /** {@code did you mean A or B?}, or {@code there are A, B, C} when nothing is near. */
  static String of(String typed, Collection<String> names) {
    if (names.isEmpty()) {
      return "there are none";
    }
    List<String> nearest = Nearest.to(typed, names);
    return nearest.isEmpty()
        ? "there are " + String.join(", ", names)
        : "did you mean " + String.join(" or ", nearest) + "?";
  }
}
