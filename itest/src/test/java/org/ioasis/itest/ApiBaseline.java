package org.ioasis.itest;

import aQute.bnd.differ.Baseline;
import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.header.Attrs;
import aQute.bnd.osgi.Domain;
import aQute.bnd.osgi.Instructions;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Processor;
import aQute.bnd.version.Version;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares the exported packages of a bundle with those of an accepted one, as semantic versioning
 * asks. Packages below 1.0 are drafts and may change at will.
 */
final class ApiBaseline {
  private static final Version SETTLED = new Version(1, 0, 0);

  private ApiBaseline() {}

  /**
   * What is wrong with a bundle, one line each; empty when nothing is.
   *
   * @param newer the bundle's jar
   * @param older the accepted jar
   * @throws Exception when a jar cannot be read
   */
  static List<String> compare(Path newer, Path older) throws Exception {
    List<String> wrong = new ArrayList<>();
    try (Jar newJar = new Jar(newer.toFile());
        Jar oldJar = new Jar(older.toFile());
        Processor processor = new Processor()) {
      Map<String, Version> now = settled(newJar);
      Map<String, Version> accepted = settled(oldJar);
      for (String name : accepted.keySet()) {
        if (!now.containsKey(name)) {
          wrong.add(name + ": settled in the base line, but no longer exported at 1.0 or above");
        }
      }
      for (String name : now.keySet()) {
        if (!accepted.containsKey(name)) {
          wrong.add(name + ": settled at " + now.get(name) + ", but the base line lacks it");
        }
      }
      Baseline baseline = new Baseline(processor, new DiffPluginImpl());
      for (Baseline.Info info : baseline.baseline(newJar, oldJar, new Instructions())) {
        if (info.mismatch && accepted.containsKey(info.packageName)) {
          wrong.add(describe(info));
        }
      }
    }
    return wrong;
  }

  private static String describe(Baseline.Info info) {
    return "%s: %s change since %s, version is %s and must be %s"
        .formatted(
            info.packageName,
            info.packageDiff.getDelta(),
            info.olderVersion,
            info.newerVersion,
            info.suggestedVersion);
  }

  /** The exported packages at 1.0 or above. */
  private static Map<String, Version> settled(Jar jar) throws Exception {
    Map<String, Version> packages = new TreeMap<>();
    for (Map.Entry<String, Attrs> export :
        Domain.domain(jar.getManifest()).getExportPackage().entrySet()) {
      Version version = Version.parseVersion(export.getValue().getVersion());
      if (version.compareTo(SETTLED) >= 0) {
        packages.put(export.getKey(), version);
      }
    }
    return packages;
  }
}
