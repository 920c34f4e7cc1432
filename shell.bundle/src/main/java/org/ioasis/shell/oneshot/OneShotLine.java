package org.ioasis.shell.oneshot;

import java.util.List;
import java.util.Set;

/**
 * What the caller typed: a command and its arguments.
 *
 * @param name the command
 * @param arguments what follows it
 */
record OneShotLine(String name, List<String> arguments) {
  /** Separates the arguments in the framework property {@value OneShot#COMMAND}. */
  static final String SEPARATOR = "\u001f";

  private static final Set<String> HELP = Set.of("--help", "-h", "-?");
  private static final Set<String> VERSION = Set.of("--version", "-V");

  /** Copies the list. */
  OneShotLine {
    arguments = List.copyOf(arguments);
  }

  /**
   * Reads the property. The words by which people ask any program for help or its version are the
   * commands of that name.
   */
  static OneShotLine parse(String property) {
    List<String> words = List.of(property.split(SEPARATOR, -1));
    String first = words.get(0);
    String name = HELP.contains(first) ? "help" : VERSION.contains(first) ? "version" : first;
    return new OneShotLine(name, words.subList(1, words.size()));
  }
}
