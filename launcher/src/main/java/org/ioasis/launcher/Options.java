package org.ioasis.launcher;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The launcher's command line: options, then a command with its arguments. The first argument that
 * does not start with {@code --}, or whatever follows a lone {@code --}, begins the command. The
 * choice of vendors is understood among the arguments of the command too, since people think of it
 * last.
 *
 * @param settings what {@code --key=value} set, by the full name of the setting
 * @param command the command and its arguments; empty for the interactive shell
 * @param help whether the usage was asked for
 */
record Options(Map<String, String> settings, List<String> command, boolean help) {

  /** Separates the arguments inside the framework property {@value Settings#COMMAND}. */
  static final char SEPARATOR = '\u001f';

  /** The usage text; one option per line. */
  static final String USAGE =
      """
      usage: ioasis [option...] [command [argument...]]

      Without a command an interactive shell starts; with one, it runs and ends with its status.

        --vendors=LIST   vendor bundles to start, such as vtd,smmuv3 (none: no vendor)
        --storage=DIR    keep bundles and configuration in DIR (default: a new folder, deleted at the end)
        --conf=DIR       read the configuration from DIR
        --headless       no interactive shell; run until stopped
        --verbose        log at INFO (default: WARN); the log goes to standard error
        --KEY=VALUE      set any property of conf/ioasis.properties or of the framework
        --version        print the versions
        --help           print this text; the command help lists the commands
      """;

  private static final String VENDORS_OPTION = "--vendors=";

  /** Short options and the settings they stand for. */
  private static final Map<String, String> SHORT =
      Map.of(
          "vendors", Settings.VENDORS,
          "storage", Settings.STORAGE,
          "conf", Settings.CONF);

  Options {
    settings = Map.copyOf(settings);
    command = List.copyOf(command);
  }

  /**
   * Reads a command line.
   *
   * @throws LaunchException when an option is unknown or lacks its value
   */
  static Options parse(List<String> arguments) throws LaunchException {
    Map<String, String> settings = new LinkedHashMap<>();
    boolean help = false;
    int next = 0;
    for (; next < arguments.size() && arguments.get(next).startsWith("--"); next++) {
      String option = arguments.get(next).substring(2);
      if (option.isEmpty()) {
        next++;
        break;
      }
      switch (option) {
        case "help" -> help = true;
        case "version" -> {
          return new Options(settings, List.of(option), help);
        }
        case "verbose" -> settings.put(Settings.LOG_LEVEL, "INFO");
        case "headless" -> settings.put(Settings.HEADLESS, "true");
        default -> set(settings, option);
      }
    }
    List<String> command = command(arguments.subList(next, arguments.size()));
    takeVendors(command, settings);
    return new Options(settings, command, help);
  }

  private static void set(Map<String, String> settings, String option) throws LaunchException {
    int equals = option.indexOf('=');
    String key = equals < 0 ? option : option.substring(0, equals);
    String name = SHORT.getOrDefault(key, key);
    if (name.indexOf('.') < 0) {
      throw new LaunchException("unknown option --" + key + "; ioasis --help lists the options");
    }
    if (equals < 0) {
      throw new LaunchException("option --" + key + " needs a value: --" + key + "=VALUE");
    }
    settings.put(name, option.substring(equals + 1));
  }

  private static void takeVendors(List<String> command, Map<String, String> settings)
      throws LaunchException {
    int end = command.indexOf("--");
    List<String> own = end < 0 ? command : command.subList(0, end);
    for (String argument : own) {
      if (argument.startsWith(VENDORS_OPTION)) {
        set(settings, argument.substring(2));
      }
    }
    own.removeIf(argument -> argument.startsWith(VENDORS_OPTION));
  }

  private static List<String> command(List<String> arguments) throws LaunchException {
    for (String argument : arguments) {
      if (argument.indexOf(SEPARATOR) >= 0) {
        throw new LaunchException("an argument holds the character U+001F; leave it out");
      }
    }
    return new ArrayList<>(arguments);
  }
}
