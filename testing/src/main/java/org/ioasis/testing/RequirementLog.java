package org.ioasis.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Appends results of executed tests to a file below {@code target/requirements} of the module under
 * test: one line {@code number TAB class#method TAB PASSED|FAILED} per requirement and execution.
 *
 * <p>The file's name is the system property {@value #FILE_PROPERTY}, which surefire and failsafe
 * set to one name each, so that a new run replaces the old results; without it, the process id.
 *
 * <p>Threading: any thread may record; a lock keeps lines whole.
 */
final class RequirementLog {
  /** System property with the name of the result file, without its ending. */
  static final String FILE_PROPERTY = "ioasis.requirements.file";

  private final Path file;
  private boolean started;

  RequirementLog(Path file) {
    this.file = file;
  }

  /** The log of this process, below the folder the tests run in. */
  static RequirementLog ofThisProcess() {
    String name = System.getProperty(FILE_PROPERTY, Long.toString(ProcessHandle.current().pid()));
    return new RequirementLog(Path.of("target", "requirements", name + ".tsv").toAbsolutePath());
  }

  /**
   * The requirements that cover one test.
   *
   * @param type the class the test ran in
   * @param method the test's method, or null when the test is not a method
   */
  static SortedSet<Integer> requirements(Class<?> type, Method method) {
    SortedSet<Integer> numbers = new TreeSet<>();
    for (Class<?> c = type; c != null; c = c.getEnclosingClass()) {
      addAll(numbers, c.getAnnotation(Requirement.class));
    }
    if (method != null) {
      addAll(numbers, method.getAnnotation(Requirement.class));
    }
    return numbers;
  }

  private static void addAll(SortedSet<Integer> numbers, Requirement annotation) {
    if (annotation != null) {
      for (int number : annotation.value()) {
        numbers.add(number);
      }
    }
  }

  /** Records one executed test; nothing is written when it covers no requirement. */
  synchronized void record(Class<?> type, Method method, boolean passed) {
    StringBuilder lines = new StringBuilder();
    String test = type.getName() + "#" + (method == null ? "" : method.getName());
    for (int number : requirements(type, method)) {
      lines.append(number).append('\t').append(test).append('\t');
      lines.append(passed ? "PASSED" : "FAILED").append('\n');
    }
    if (lines.length() > 0) {
      append(lines.toString());
    }
  }

  private void append(String lines) {
    try {
      if (!started) {
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(file);
        started = true;
      }
      Files.writeString(
          file,
          lines,
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("requirements cannot be recorded in " + file, e);
    }
  }
}
