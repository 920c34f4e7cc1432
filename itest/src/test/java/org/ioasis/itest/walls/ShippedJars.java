package org.ioasis.itest.walls;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.ioasis.itest.Distribution;

/** What the assembled distribution holds of ours: classes, manifests, files. */
final class ShippedJars {
  private static final String PREFIX = "org.ioasis.";
  private static final String CLASSES = "org/ioasis/";

  private ShippedJars() {}

  /** The jars of our bundles by the part's name, and the program's as {@code launcher}. */
  static Map<String, Path> byPart() {
    Map<String, Path> jars = new TreeMap<>();
    for (Path jar : Distribution.jars()) {
      String name = jar.getFileName().toString();
      if (name.startsWith(PREFIX)) {
        jars.put(name.substring(PREFIX.length(), name.indexOf('-')), jar);
      }
    }
    jars.put("launcher", Distribution.home().resolve("ioasis.jar"));
    return jars;
  }

  /** All classes of ours. */
  static JavaClasses classes() {
    return new ClassFileImporter()
        .withImportOption(location -> location.contains(CLASSES))
        .importJars(byPart().values().stream().map(ShippedJars::open).toList());
  }

  /** The importer reads the file by its name; what is open here only names it. */
  private static JarFile open(Path jar) {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot be read: " + jar, e);
    }
  }

  /** The main attributes of a jar's manifest. */
  static Attributes manifest(Path jar) {
    try (JarFile file = new JarFile(jar.toFile())) {
      return file.getManifest().getMainAttributes();
    } catch (IOException e) {
      throw new UncheckedIOException("no manifest in " + jar, e);
    }
  }

  /** The files of a jar that are ours, by name: everything but META-INF and foreign classes. */
  static Map<String, byte[]> files(Path jar) {
    Map<String, byte[]> files = new TreeMap<>();
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : file.stream().filter(ShippedJars::isOurs).toList()) {
        try (InputStream in = file.getInputStream(entry)) {
          files.put(entry.getName(), in.readAllBytes());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot be read: " + jar, e);
    }
    return files;
  }

  private static boolean isOurs(JarEntry entry) {
    String name = entry.getName();
    return !entry.isDirectory()
        && !name.startsWith("META-INF/")
        && (name.startsWith(CLASSES) || !name.endsWith(".class"));
  }
}
