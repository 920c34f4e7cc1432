package org.ioasis.itest;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/** The shipped jar of one of our bundles with something changed. */
final class PatchedJar {
  private final String bundle;
  private final Map<String, byte[]> added = new LinkedHashMap<>();
  private Predicate<String> touched = name -> false;
  private Function<String, String> change = text -> text;
  private Version version;

  /**
   * Unchanged so far.
   *
   * @param bundle the symbolic name after {@code org.ioasis.}
   */
  PatchedJar(String bundle) {
    this.bundle = bundle;
  }

  /** Another version in its manifest. */
  PatchedJar version(Version other) {
    version = other;
    return this;
  }

  /** The text of the entries whose name fits is changed. */
  PatchedJar text(Predicate<String> names, Function<String, String> edit) {
    touched = names;
    change = edit;
    return this;
  }

  /** A class of this test bundle goes into the jar. */
  PatchedJar with(Class<?> type) throws IOException {
    String entry = type.getName().replace('.', '/') + ".class";
    try (InputStream in = type.getClassLoader().getResourceAsStream(entry)) {
      added.put(entry, in.readAllBytes());
    }
    return this;
  }

  /** The jar. */
  InputStream open() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarFile shipped = new JarFile(Distribution.jar(bundle).toFile())) {
      Manifest manifest = new Manifest(shipped.getManifest());
      if (version != null) {
        manifest.getMainAttributes().putValue(Constants.BUNDLE_VERSION, version.toString());
      }
      try (JarOutputStream out = new JarOutputStream(bytes, manifest)) {
        for (var entry : shipped.stream().filter(e -> !e.isDirectory()).toList()) {
          if (!entry.getName().equals(JarFile.MANIFEST_NAME)) {
            out.putNextEntry(new ZipEntry(entry.getName()));
            try (InputStream in = shipped.getInputStream(entry)) {
              out.write(patched(entry.getName(), in.readAllBytes()));
            }
          }
        }
        for (Map.Entry<String, byte[]> entry : added.entrySet()) {
          out.putNextEntry(new ZipEntry(entry.getKey()));
          out.write(entry.getValue());
        }
      }
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  private byte[] patched(String name, byte[] content) {
    return touched.test(name)
        ? change.apply(new String(content, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8)
        : content;
  }
}
