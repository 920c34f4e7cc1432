package org.ioasis.shell.run;

import java.nio.file.Path;
import org.osgi.framework.BundleContext;

/**
 * What the launcher tells by framework properties.
 *
 * @param context the bundle that asks
 */
public record Platform(BundleContext context) {
  /** The caller's folder. */
  public static final String FOLDER = "ioasis.cwd";

  /** The folder of the distribution. */
  public static final String HOME = "ioasis.home";

  /** The vendors that were asked for. */
  public static final String VENDORS = "ioasis.vendors";

  /** {@code true} where standard error is a terminal. */
  public static final String ERROR_TERMINAL = "ioasis.stderr.terminal";

  /** The caller's folder, absolute; the process's own where the launcher told none. */
  public Path folder() {
    String folder = context.getProperty(FOLDER);
    return Path.of(folder == null ? "" : folder).toAbsolutePath();
  }

  /** A text, or {@code otherwise} where it is not set or blank. */
  public String text(String property, String otherwise) {
    String value = context.getProperty(property);
    return value == null || value.isBlank() ? otherwise : value.strip();
  }

  /** Whether the property is {@code true}. */
  public boolean flag(String property) {
    return Boolean.parseBoolean(text(property, "false"));
  }

  /** A whole number, or {@code otherwise} where it is not set or none. */
  public long number(String property, long otherwise) {
    try {
      return Long.parseLong(text(property, Long.toString(otherwise)));
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  /** Whether standard error is a terminal that may show moving progress. */
  public boolean errorIsTerminal() {
    return flag(ERROR_TERMINAL);
  }
}
