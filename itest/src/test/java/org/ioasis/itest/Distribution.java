package org.ioasis.itest;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.cleanCaches;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.options.UrlProvisionOption;

/** The assembled distribution, as options of Pax Exam. */
public final class Distribution {
  private Distribution() {}

  /** The folder with {@code ioasis.jar}, {@code bundles/} and {@code conf/}. */
  public static Path home() {
    return Path.of(System.getProperty("ioasis.distribution")).normalize();
  }

  /** All jars of the distribution, in the order of their names. */
  public static List<Path> jars() {
    try (Stream<Path> files = Files.list(home().resolve("bundles"))) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("no distribution; run the build of launcher first", e);
    }
  }

  /** What a framework needs beside bundles: the test's own bundles, logging, clean caches. */
  static Option framework() {
    return composite(
        junitBundles(),
        cleanCaches(),
        systemPackages(
            "org.slf4j;version=2.0.20",
            "org.slf4j.spi;version=2.0.20",
            "org.slf4j.helpers;version=2.0.20",
            "org.slf4j.event;version=2.0.20",
            "org.slf4j;version=1.7.36",
            "org.slf4j.helpers;version=1.7.36",
            // Only tests use these, to read the log.
            "ch.qos.logback.classic",
            "ch.qos.logback.classic.spi",
            "ch.qos.logback.core",
            "ch.qos.logback.core.read",
            "ch.qos.logback.core.spi"));
  }

  /**
   * Bundles of the distribution, without the interactive shell and File Install, which read from
   * the world outside.
   *
   * @param started whether a jar, named by its file name, is started; it is installed in any case
   */
  static Option bundles(Predicate<String> started) {
    return composite(
        jars().stream()
            .filter(jar -> !jar.toString().contains("gogo.shell"))
            .filter(jar -> !jar.toString().contains("fileinstall"))
            .map(jar -> provision(jar, started.test(jar.getFileName().toString())))
            .toArray(Option[]::new));
  }

  /** What our bundles run on, without what reads from the world outside and without Gogo. */
  static Option infrastructure() {
    return composite(
        jars().stream()
            .filter(jar -> !jar.getFileName().toString().startsWith("org.ioasis."))
            .filter(jar -> !jar.toString().contains("gogo"))
            .filter(jar -> !jar.toString().contains("fileinstall"))
            .map(jar -> provision(jar, true))
            .toArray(Option[]::new));
  }

  /**
   * The jar of one of our bundles.
   *
   * @param part the symbolic name after {@code org.ioasis.}
   */
  public static Path jar(String part) {
    return jars().stream()
        .filter(jar -> jar.getFileName().toString().startsWith("org.ioasis." + part + "-"))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no bundle " + part + " in " + home()));
  }

  private static UrlProvisionOption provision(Path jar, boolean started) {
    return bundle(jar.toUri().toString()).start(started);
  }
}
