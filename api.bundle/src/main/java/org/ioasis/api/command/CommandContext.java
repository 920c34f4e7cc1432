package org.ioasis.api.command;

import java.io.PrintStream;
import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Where a command reads and writes.
 *
 * <p><b>Threading:</b> belongs to the thread that runs the command.
 */
@ProviderType
public interface CommandContext {
  /** The answer, and nothing else. UTF-8. */
  PrintStream out();

  /** Progress, remarks and errors. UTF-8. */
  PrintStream err();

  /** The caller's folder. */
  Path folder();

  /** Whether the error stream is a terminal that may show moving progress. */
  boolean interactive();

  /** A path as the caller wrote it, resolved against the caller's folder. */
  default Path resolve(String path) {
    return folder().resolve(path).normalize();
  }
}
