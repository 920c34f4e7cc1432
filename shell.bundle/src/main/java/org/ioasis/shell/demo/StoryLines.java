package org.ioasis.shell.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A line of an explanation, for a narrow window: without fields that hardware ignores, and folded.
 * Nothing else is left out.
 */
final class StoryLines {
  private static final int WIDTH = 98;
  private static final String FIRST = "  ";
  private static final String FOLDED = "       ";
  private static final Pattern IGNORED = Pattern.compile(" (IGN|AVAIL)[_0-9]*=0(?= |$)");

  private StoryLines() {}

  /** The line as one or more lines with indentation. */
  static List<String> of(String line) {
    List<String> folded = new ArrayList<>();
    StringBuilder current = new StringBuilder(FIRST);
    for (String word : IGNORED.matcher(line).replaceAll("").split(" ", -1)) {
      boolean begins = current.toString().isBlank();
      if (!begins && current.length() + 1 + word.length() > WIDTH) {
        folded.add(current.toString().stripTrailing());
        current = new StringBuilder(FOLDED);
        begins = true;
      }
      current.append(begins ? "" : " ").append(word);
    }
    folded.add(current.toString());
    return folded;
  }
}
