package org.ioasis.launcher;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bundles of the distribution: installs every jar of a folder, gives each its start level, and
 * marks for start what a launch wants. What is not wanted stays installed, so that a person can
 * start it later.
 */
final class BundleSet {
  /** Manifest header with the vendor's name; marks a bundle as a vendor's. */
  static final String VENDOR_HEADER = "Ioasis-Vendor";

  /** Start levels, in the order of starting. */
  static final int INFRASTRUCTURE = 1, APPLICATION = 2, VENDORS = 3, INTERACTIVE = 4;

  private static final String OUR_PREFIX = "org.ioasis.";
  private static final Logger LOG = LoggerFactory.getLogger(BundleSet.class);

  private final List<Bundle> bundles;

  private BundleSet(List<Bundle> bundles) {
    this.bundles = bundles;
  }

  /**
   * Installs every jar of a folder, in the order of the names. A jar that is installed already,
   * from an earlier launch on the same storage, is updated when it changed; one that is gone is
   * uninstalled.
   *
   * @param context the system bundle's
   * @param folder the folder of jars
   * @throws LaunchException when the folder holds no jar or one that is no bundle
   */
  static BundleSet install(BundleContext context, Path folder) throws LaunchException {
    List<Bundle> bundles = new ArrayList<>();
    Set<String> locations = new HashSet<>();
    for (Path jar : jars(folder)) {
      try {
        String location = jar.toUri().toString();
        locations.add(location);
        Bundle bundle = context.installBundle(location);
        if (bundle.getLastModified() < Files.getLastModifiedTime(jar).toMillis()) {
          bundle.update();
        }
        bundles.add(bundle);
      } catch (BundleException | IOException e) {
        throw new LaunchException("not a bundle: " + jar + " (" + e.getMessage() + ")", e);
      }
    }
    removeGone(context, folder, locations);
    return new BundleSet(bundles);
  }

  private static List<Path> jars(Path folder) throws LaunchException {
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, "*.jar")) {
      entries.forEach(jars::add);
    } catch (IOException e) {
      throw new LaunchException("bundles cannot be read: " + folder + "; build again", e);
    }
    if (jars.isEmpty()) {
      throw new LaunchException("no bundles in " + folder + "; build again");
    }
    jars.sort(null);
    return jars;
  }

  private static void removeGone(BundleContext context, Path folder, Set<String> locations) {
    String prefix = folder.toUri().toString();
    for (Bundle bundle : context.getBundles()) {
      if (bundle.getLocation().startsWith(prefix) && !locations.contains(bundle.getLocation())) {
        try {
          bundle.uninstall();
        } catch (BundleException e) {
          LOG.warn("bundle {} is gone but stays: {}", bundle.getLocation(), e.getMessage());
        }
      }
    }
  }

  /**
   * Marks bundles for start at their level. The framework starts them when it reaches the level.
   *
   * @param vendors names of the vendor bundles that are wanted
   * @param interactive symbolic names of bundles that read from a person; they start last
   * @param person whether there is a person
   * @throws LaunchException when no bundle has a wanted vendor's name
   */
  void select(Set<String> vendors, Set<String> interactive, boolean person) throws LaunchException {
    Set<String> known = new TreeSet<>();
    bundles.stream().map(BundleSet::vendor).filter(name -> name != null).forEach(known::add);
    for (String vendor : vendors) {
      if (!known.contains(vendor)) {
        throw new LaunchException(
            "unknown vendor " + vendor + " in --vendors; there are " + String.join(", ", known));
      }
    }
    for (Bundle bundle : bundles) {
      String vendor = vendor(bundle);
      boolean talks = interactive.contains(bundle.getSymbolicName());
      bundle.adapt(BundleStartLevel.class).setStartLevel(talks ? INTERACTIVE : level(bundle));
      mark(bundle, (vendor == null || vendors.contains(vendor)) && (person || !talks));
    }
  }

  private static void mark(Bundle bundle, boolean start) throws LaunchException {
    if (bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null) {
      return;
    }
    try {
      if (start) {
        bundle.start(Bundle.START_ACTIVATION_POLICY);
      } else {
        bundle.stop();
      }
    } catch (BundleException e) {
      throw new LaunchException(
          "bundle " + bundle.getSymbolicName() + " does not start: " + e.getMessage(), e);
    }
  }

  private static int level(Bundle bundle) {
    if (vendor(bundle) != null) {
      return VENDORS;
    }
    return bundle.getSymbolicName().startsWith(OUR_PREFIX) ? APPLICATION : INFRASTRUCTURE;
  }

  private static String vendor(Bundle bundle) {
    return bundle.getHeaders("").get(VENDOR_HEADER);
  }
}
