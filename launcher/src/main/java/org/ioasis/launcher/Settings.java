package org.ioasis.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * The settings of one launch: what ships with the launcher, then {@code conf/ioasis.properties},
 * then the command line; the later wins. A value may name another setting as <code>${name}</code>.
 * All of them become framework properties, so a bundle reads them by {@code
 * BundleContext.getProperty}.
 */
final class Settings {
  /** Folder of the distribution: {@code ioasis.jar}, {@code bundles/}, {@code conf/}. */
  static final String HOME = "ioasis.home";

  /** Folder of the configuration; default {@code conf} in the home. */
  static final String CONF = "ioasis.conf";

  /** The caller's folder, against which a command resolves paths. */
  static final String CWD = "ioasis.cwd";

  /**
   * Framework storage that survives the launch; absent: a folder of its own, deleted at the end.
   */
  static final String STORAGE = "ioasis.storage";

  /** Vendor bundles to start: names with commas between, or {@code none}. */
  static final String VENDORS = "ioasis.vendors";

  /** {@code true}: no interactive shell. */
  static final String HEADLESS = "ioasis.headless";

  /** Level of the log on standard error. */
  static final String LOG_LEVEL = "ioasis.log.level";

  /** The arguments of a one-shot, joined by {@link Options#SEPARATOR}; absent when interactive. */
  static final String COMMAND = "ioasis.command";

  /** Folders that File Install watches, with commas between. */
  static final String WATCHED = "felix.fileinstall.dir";

  /** How long a one-shot waits for a bundle that takes the command, in milliseconds. */
  static final String COMMAND_WAIT_MILLIS = "ioasis.command.wait.millis";

  /** Symbolic names of bundles that start only for the interactive shell, with commas between. */
  static final String INTERACTIVE_BUNDLES = "ioasis.interactive.bundles";

  private static final int MAX_REFERENCES = 16;

  private final Map<String, String> values = new HashMap<>();

  private Settings() {}

  /**
   * Reads the settings of a launch.
   *
   * @param home folder of the distribution
   * @param options the command line
   * @throws LaunchException when the configuration cannot be read
   */
  static Settings read(Path home, Options options) throws LaunchException {
    Settings settings = new Settings();
    settings.shipped();
    settings.values.put(HOME, home.toString());
    settings.values.put(CWD, Path.of("").toAbsolutePath().toString());
    String conf = options.settings().get(CONF);
    Path folder = (conf == null ? home.resolve("conf") : Path.of(conf)).toAbsolutePath();
    settings.file(folder.resolve("ioasis.properties"));
    settings.values.putAll(options.settings());
    settings.values.put(CONF, folder.toString());
    if (!options.command().isEmpty()) {
      settings.values.put(
          COMMAND, String.join(Character.toString(Options.SEPARATOR), options.command()));
    }
    return settings;
  }

  private void shipped() {
    Properties properties = new Properties();
    try (InputStream in = Settings.class.getResourceAsStream("framework.properties")) {
      properties.load(in);
    } catch (IOException e) {
      throw new IllegalStateException("framework.properties is missing in the launcher", e);
    }
    add(properties);
  }

  private void file(Path file) throws LaunchException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      properties.load(in);
    } catch (IOException | IllegalArgumentException e) {
      throw new LaunchException(
          "configuration cannot be read: " + file + "; --conf=DIR names the folder", e);
    }
    add(properties);
  }

  private void add(Properties properties) {
    for (String name : properties.stringPropertyNames()) {
      values.put(name, properties.getProperty(name).strip());
    }
  }

  /** Sets a value. */
  void put(String name, String value) {
    values.put(name, value);
  }

  /** The value of a setting with its references replaced, or null where it is not set. */
  String get(String name) {
    String value = values.get(name);
    for (int i = 0; value != null && i < MAX_REFERENCES; i++) {
      int start = value.indexOf("${");
      int end = value.indexOf('}', Math.max(start, 0));
      if (start < 0 || end < 0) {
        break;
      }
      String named = values.getOrDefault(value.substring(start + 2, end), "");
      value = value.substring(0, start) + named + value.substring(end + 1);
    }
    return value;
  }

  /** The value of a number, in the unit its name ends in. */
  long number(String name) throws LaunchException {
    String value = get(name);
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new LaunchException(name + " must be a whole number, not " + value, e);
    }
  }

  /** The names in a list with commas between; empty where it is not set. */
  List<String> list(String name) {
    String value = get(name);
    List<String> names = new ArrayList<>();
    if (value != null) {
      Arrays.stream(value.split(",", -1)).map(String::strip).forEach(names::add);
      names.removeIf(String::isEmpty);
    }
    return names;
  }

  /** Whether a shell for a person is wanted: no command and not headless. */
  boolean interactive() {
    return get(COMMAND) == null && !Boolean.parseBoolean(get(HEADLESS));
  }

  /** All settings with their references replaced, as the framework wants them. */
  Map<String, String> toMap() {
    Map<String, String> map = new HashMap<>();
    values.keySet().forEach(name -> map.put(name, get(name)));
    return map;
  }
}
