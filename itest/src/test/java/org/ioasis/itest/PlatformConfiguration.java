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
    make("unit", unitId, Map.of("unit.id", unitId, "kind", kind));
  }

  /** Has a unit of a profile. */
  void unit(String unitId, String kind, String profile) throws IOException {
    make("unit", unitId, Map.of("unit.id", unitId, "kind", kind, "profile", profile));
  }

  /** Has a modelled device; what it can do besides are properties of its configuration. */
  void device(String name, int sourceId, Map<String, Object> abilities) throws IOException {
    Map<String, Object> properties = new HashMap<>(abilities);
    properties.put("device.name", name);
    properties.put("source.id", "0x%x".formatted(sourceId));
    make("engine", name, properties);
  }

  /** Says which unit serves which source ids: {@code 0x20-0x2f=dmar0}. */
  void routes(String... routes) throws IOException {
    admin
        .getConfiguration("org.ioasis.domain", "?")
        .updateIfDifferent(FrameworkUtil.asDictionary(Map.of("routes", routes)));
  }

  private void make(String what, String name, Map<String, Object> properties) throws IOException {
    admin
        .getFactoryConfiguration("org.ioasis.machine." + what, name, "?")
        .updateIfDifferent(FrameworkUtil.asDictionary(properties));
  }
}
