package org.ioasis.launcher;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The program's entry: reads options and configuration, starts the platform, waits, and ends with
 * the status of the command. Standard output carries only the answer; everything the launcher says
 * goes to standard error.
 */
public final class Launcher {
  private Launcher() {}

  /**
   * Runs the platform and ends the virtual machine.
   *
   * @param arguments options, then a command with its arguments; see {@code --help}
   */
  public static void main(String[] arguments) {
    int status;
    try {
      status = launch(arguments);
    } catch (LaunchException e) {
      System.err.println("ioasis: " + e.getMessage());
      status = LaunchException.STATUS;
    } catch (InterruptedException e) {
      status = LaunchException.STATUS;
    }
    System.exit(status);
  }

  private static int launch(String[] arguments) throws LaunchException, InterruptedException {
    Options options = Options.parse(Arrays.asList(arguments));
    if (options.help()) {
      System.out.print(Options.USAGE);
      System.out.flush();
      return 0;
    }
    // Standard output belongs to answers, which go to the file descriptor; what libraries print by
    // the way goes to standard error.
    System.setOut(System.err);
    Settings settings = Settings.read(home(), options);
    // Before the first logger is made: logback.xml reads it.
    System.setProperty(Settings.LOG_LEVEL, settings.get(Settings.LOG_LEVEL));
    Platform platform = new Platform(settings, Storage.open(settings.get(Settings.STORAGE)));
    Runtime.getRuntime().addShutdownHook(new Thread(platform::close, "ioasis-stop"));
    try (platform) {
      return platform.run();
    }
  }

  /** The folder of the distribution: where the launcher's jar lies, or the property's value. */
  private static Path home() throws LaunchException {
    String home = System.getProperty(Settings.HOME);
    if (home != null) {
      return Path.of(home).toAbsolutePath();
    }
    try {
      Path jar =
          Path.of(Launcher.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return jar.getParent();
    } catch (URISyntaxException e) {
      throw new LaunchException("the launcher's own folder cannot be found; set -Dioasis.home", e);
    }
  }
}
