package org.ioasis.shell.command;

import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;

/**
 * What people want to know of a bundle.
 *
 * @param bundle the bundle
 */
public record BundleView(Bundle bundle) {
  /** Manifest header by which a bundle says whose hardware it models. */
  public static final String VENDOR_HEADER = "Ioasis-Vendor";

  /** What the names of our own bundles begin with. */
  public static final String PREFIX = "org.ioasis.";

  /** Whether it is one of ours. */
  public boolean ours() {
    return name().startsWith(PREFIX);
  }

  /** The symbolic name; the location for a jar that has none. */
  public String name() {
    String name = bundle.getSymbolicName();
    return name == null ? bundle.getLocation() : name;
  }

  /** What people call it: our own without the prefix. */
  public String shortName() {
    return ours() ? name().substring(PREFIX.length()) : name();
  }

  /** The version, as the manifest has it. */
  public String version() {
    return bundle.getVersion().toString();
  }

  /** The vendor's name, or empty. */
  public String vendor() {
    return header(VENDOR_HEADER);
  }

  /** One line on what it is, or empty. */
  public String description() {
    String description = header(Constants.BUNDLE_DESCRIPTION);
    return description.isEmpty() ? header(Constants.BUNDLE_NAME) : description;
  }

  /** Whether it attaches to another bundle and so never runs by itself. */
  public boolean fragment() {
    return !header(Constants.FRAGMENT_HOST).isEmpty();
  }

  /** Whether it runs. */
  public boolean active() {
    return bundle.getState() == Bundle.ACTIVE;
  }

  /** The state's name in the words of the OSGi specification, in lower case. */
  public String state() {
    return switch (bundle.getState()) {
      case Bundle.UNINSTALLED -> "uninstalled";
      case Bundle.INSTALLED -> "installed";
      case Bundle.RESOLVED -> "resolved";
      case Bundle.STARTING -> "starting";
      case Bundle.STOPPING -> "stopping";
      case Bundle.ACTIVE -> "active";
      default -> "state " + bundle.getState();
    };
  }

  private String header(String key) {
    String value = bundle.getHeaders("").get(key);
    return value == null ? "" : value.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
