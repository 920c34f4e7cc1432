package org.ioasis.shell.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Starts, stops and updates bundles and says in a line what came of it.
 *
 * <p><b>Threading:</b> any thread; waits for the framework.
 *
 * @param context the bundle that asks
 */
record BundleControl(BundleContext context) {
  private static final long REFRESH_SECONDS = 30;

  /**
   * Starts a bundle.
   *
   * @throws IoasisException UNSUPPORTED for a fragment, GONE if it does not start
   */
  void start(BundleView view, PrintStream out) {
    if (view.fragment()) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "%s is a fragment and never starts; start its host".formatted(view.name()));
    }
    try {
      view.bundle().start(Bundle.START_ACTIVATION_POLICY);
    } catch (BundleException e) {
      throw refused("start", view, e);
    }
    out.println("%s %s is %s".formatted(view.name(), view.version(), view.state()));
  }

  /**
   * Stops a bundle.
   *
   * @throws IoasisException GONE if it does not stop in order
   */
  void stop(BundleView view, PrintStream out) {
    try {
      view.bundle().stop();
    } catch (BundleException e) {
      throw refused("stop", view, e);
    }
    out.println("%s %s is %s".formatted(view.name(), view.version(), view.state()));
  }

  /**
   * Updates a bundle, from a jar or from where it was installed, and rewires those that use it.
   *
   * @param jar the new jar, or null for the bundle's own place
   * @throws IoasisException NOT_FOUND or MALFORMED if the jar is none, INVALID if it holds another
   *     bundle, GONE if the framework refuses it
   */
  void update(BundleView view, Path jar, PrintStream out) {
    String before = view.version();
    if (jar == null) {
      updateFrom(view, null);
    } else {
      checkSame(view, jar);
      try (InputStream in = Files.newInputStream(jar)) {
        updateFrom(view, in);
      } catch (IOException e) {
        throw new IoasisException(Reason.NOT_FOUND, "%s cannot be read".formatted(jar), e);
      }
    }
    refresh(view);
    out.println("%s %s is now %s, %s".formatted(view.name(), before, view.version(), view.state()));
  }

  private static void updateFrom(BundleView view, InputStream in) {
    try {
      view.bundle().update(in);
    } catch (BundleException e) {
      throw refused("update", view, e);
    }
  }

  private static void checkSame(BundleView view, Path jar) {
    if (!Files.isRegularFile(jar)) {
      throw new IoasisException(
          Reason.NOT_FOUND, "there is no file %s; give the path of a jar".formatted(jar));
    }
    String name = symbolicName(jar);
    if (!name.equals(view.bundle().getSymbolicName())) {
      throw new IoasisException(
          Reason.INVALID,
          "%s holds the bundle %s, not %s; give a jar of that bundle"
              .formatted(jar, name.isEmpty() ? "(none)" : name, view.name()));
    }
  }

  private static String symbolicName(Path jar) {
    try (JarFile file = new JarFile(jar.toFile())) {
      Manifest manifest = file.getManifest();
      String header =
          manifest == null
              ? null
              : manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
      return header == null ? "" : header.split(";", 2)[0].strip();
    } catch (IOException e) {
      throw new IoasisException(
          Reason.MALFORMED, "%s is not a jar: %s".formatted(jar, e.getMessage()), e);
    }
  }

  /** Users of an old revision's packages hold on to it until they are rewired. */
  private void refresh(BundleView view) {
    FrameworkWiring wiring =
        context.getBundle(Constants.SYSTEM_BUNDLE_ID).adapt(FrameworkWiring.class);
    if (!wiring.getRemovalPendingBundles().contains(view.bundle())) {
      return;
    }
    CountDownLatch done = new CountDownLatch(1);
    wiring.refreshBundles(
        List.of(view.bundle()),
        event -> {
          if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
            done.countDown();
          }
        });
    try {
      if (!done.await(REFRESH_SECONDS, TimeUnit.SECONDS)) {
        throw new IoasisException(
            Reason.TIMED_OUT,
            "the users of %s were not rewired within %d s".formatted(view.name(), REFRESH_SECONDS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static IoasisException refused(String what, BundleView view, BundleException cause) {
    Throwable reason = cause.getCause() == null ? cause : cause.getCause();
    return new IoasisException(
        Reason.GONE,
        "%s %s does not %s: %s".formatted(view.name(), view.version(), what, reason.getMessage()),
        cause);
  }
}
