package org.ioasis.shell;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.launch.Framework;

/** A real framework with empty bundles, without the component runtime. */
public final class TestFramework implements AutoCloseable {
  private final Path folder;
  private final Framework framework;

  /** Initialised, not started; keeps everything in the folder. */
  public TestFramework(Path folder, Map<String, String> properties) throws BundleException {
    this.folder = folder;
    Map<String, String> all = new HashMap<>(properties);
    all.put("org.osgi.framework.storage", folder.resolve("storage").toString());
    all.put("felix.log.level", "0");
    framework = new FrameworkFactory().newFramework(all);
    framework.init();
  }

  /** Starts the framework. */
  public TestFramework started() throws BundleException {
    framework.start();
    return this;
  }

  /** The system bundle's context. */
  public BundleContext context() {
    return framework.getBundleContext();
  }

  /** Writes a jar with an empty bundle; more headers are given as name and value in turn. */
  public Path jar(String file, String name, String version, String... headers) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.putValue("Manifest-Version", "1.0");
    main.putValue("Bundle-ManifestVersion", "2");
    main.putValue("Bundle-SymbolicName", name);
    main.putValue("Bundle-Version", version);
    for (int i = 0; i < headers.length; i += 2) {
      main.putValue(headers[i], headers[i + 1]);
    }
    Path jar = folder.resolve(file);
    try (OutputStream out = Files.newOutputStream(jar)) {
      new JarOutputStream(out, manifest).close();
    }
    return jar;
  }

  /** Installs an empty bundle. */
  public Bundle install(String name, String version, String... headers)
      throws IOException, BundleException {
    Path jar = jar(name + "-" + version + ".jar", name, version, headers);
    return context().installBundle(jar.toUri().toString());
  }

  @Override
  public void close() throws BundleException {
    framework.stop();
    try {
      framework.waitForStop(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
