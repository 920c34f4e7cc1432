package org.ioasis.itest;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * Configures the platform's machine and its units inside a framework; takes all back at the end.
 */
final class PlatformConfiguration implements AutoCloseable {
  private final ConfigurationAdmin admin;
  private final List<Configuration> made = new ArrayList<>();

  PlatformConfiguration(BundleContext context) {
    admin = context.getService(context.getServiceReference(ConfigurationAdmin.class));
  }

  /** Lets a bundle hold the platform's machine. */
  void trust(String symbolicName) throws IOException {
    Dictionary<String, Object> properties = new Hashtable<>();
    properties.put("trusted.bundles", new String[] {symbolicName});
    update(admin.getConfiguration("org.ioasis.machine.platform", "?"), properties);
  }

  /** Adds a unit to the platform's machine. */
  void unit(String unitId, String kind) throws IOException {
    Dictionary<String, Object> properties = new Hashtable<>();
    properties.put("unit.id", unitId);
    properties.put("kind", kind);
    update(admin.getFactoryConfiguration("org.ioasis.machine.unit", unitId, "?"), properties);
  }

  private void update(Configuration configuration, Dictionary<String, Object> properties)
      throws IOException {
    if (!made.contains(configuration)) {
      made.add(configuration);
    }
    configuration.update(properties);
  }

  @Override
  public void close() throws IOException {
    for (Configuration configuration : made) {
      configuration.delete();
    }
    made.clear();
  }
}
