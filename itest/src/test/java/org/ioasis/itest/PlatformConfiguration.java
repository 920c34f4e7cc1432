package org.ioasis.itest;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * Configures the platform's machine and its units inside a framework. Configurations stay until the
 * framework ends: the component runtime loses one that is made right after it was deleted.
 */
final class PlatformConfiguration {
  private final ConfigurationAdmin admin;

  PlatformConfiguration(BundleContext context) {
    admin = context.getService(context.getServiceReference(ConfigurationAdmin.class));
  }

  /** Lets one bundle hold the platform's machine, and no other. */
  void trust(String symbolicName) throws IOException {
    admin
        .getConfiguration("org.ioasis.machine.platform", "?")
        .updateIfDifferent(
            FrameworkUtil.asDictionary(Map.of("trusted.bundles", new String[] {symbolicName})));
  }

  /** Has a unit in the platform's machine. */
  void unit(String unitId, String kind) throws IOException {
    admin
        .getFactoryConfiguration("org.ioasis.machine.unit", unitId, "?")
        .updateIfDifferent(FrameworkUtil.asDictionary(Map.of("unit.id", unitId, "kind", kind)));
  }

  /** Has a trusted engine in the platform's machine, with more properties of its own. */
  void engine(String name, int sourceId, Map<String, Object> more) throws IOException {
    Map<String, Object> properties = new HashMap<>(more);
    properties.put("device.name", name);
    properties.put("source.id", "0x%x".formatted(sourceId));
    properties.put("trusted", true);
    admin
        .getFactoryConfiguration("org.ioasis.machine.engine", name, "?")
        .updateIfDifferent(FrameworkUtil.asDictionary(properties));
  }
}
