package org.ioasis.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.felix.framework.Felix;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A framework with the bundles of the distribution, from start to stop.
 *
 * <p>Threading: {@link #run} belongs to one thread; {@link #close} may be called by any thread, as
 * the shutdown hook does, and more than once.
 */
final class Platform implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Platform.class);
  private static final long STOP_MILLIS = 5_000;
  private static final String NO_VENDOR = "none";

  private final Settings settings;
  private final Storage storage;
  private final Framework framework;
  private final ExitGate exit = new ExitGate();
  private boolean closed;

  /** Makes a platform; nothing is started, and the storage is the platform's from now on. */
  Platform(Settings settings, Storage storage) {
    this.settings = settings;
    this.storage = storage;
    settings.put(Constants.FRAMEWORK_STORAGE, storage.folder().resolve("felix").toString());
    Map<String, Object> configuration = new HashMap<>(settings.toMap());
    FrameworkLog log = new FrameworkLog();
    configuration.put("felix.log.logger", log);
    configuration.put(
        Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(BundleSet.INTERACTIVE));
    if (storage.temporary()) {
      configuration.put(
          Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
    }
    framework = new Felix(configuration);
  }

  /**
   * Starts the platform and stays until it ends.
   *
   * @return the exit status: a one-shot's own, 0 when an interactive platform was stopped
   * @throws LaunchException when the platform cannot be started or nobody takes the command
   */
  int run() throws LaunchException, InterruptedException {
    start();
    if (settings.get(Settings.COMMAND) != null) {
      return exit.await(framework, settings.number(Settings.COMMAND_WAIT_MILLIS));
    }
    return untilStopped();
  }

  private void start() throws LaunchException {
    makeWatchedFolders();
    try {
      framework.init(new FrameworkLog());
      exit.register(framework.getBundleContext());
      Path folder = Path.of(settings.get(Settings.HOME), "bundles");
      BundleSet bundles = BundleSet.install(framework.getBundleContext(), folder);
      bundles.select(
          vendors(),
          new HashSet<>(settings.list(Settings.INTERACTIVE_BUNDLES)),
          settings.interactive());
      framework.start();
      LOG.info("platform started from {}", settings.get(Settings.HOME));
    } catch (BundleException e) {
      throw new LaunchException("the framework does not start: " + e.getMessage(), e);
    }
  }

  /** File Install complains on standard output where a folder is missing. */
  private void makeWatchedFolders() throws LaunchException {
    for (String folder : settings.list(Settings.WATCHED)) {
      try {
        Files.createDirectories(Path.of(folder));
      } catch (IOException e) {
        throw new LaunchException(
            "folder cannot be made: " + folder + " in " + Settings.WATCHED + "; name another", e);
      }
    }
  }

  private Set<String> vendors() {
    Set<String> vendors = new HashSet<>(settings.list(Settings.VENDORS));
    vendors.remove(NO_VENDOR);
    return vendors;
  }

  /** Waits for the end of an interactive platform; a status given by a bundle ends it too. */
  private int untilStopped() throws InterruptedException, LaunchException {
    exit.whenDone(this::stop);
    while (true) {
      FrameworkEvent event = framework.waitForStop(0);
      if (event.getType() != FrameworkEvent.STOPPED_UPDATE) {
        return exit.isDone() ? exit.await(framework, 0) : 0;
      }
    }
  }

  private void stop() {
    try {
      framework.stop();
    } catch (BundleException e) {
      LOG.warn("the framework does not stop: {}", e.getMessage());
    }
  }

  /** Stops the framework within a bounded time and deletes a temporary storage; never fails. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    stop();
    try {
      if (framework.waitForStop(STOP_MILLIS).getType() == FrameworkEvent.WAIT_TIMEDOUT) {
        LOG.warn("the framework did not stop within {} ms", STOP_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    storage.close();
  }
}
