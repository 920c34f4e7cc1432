package org.ioasis.shell.run;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.ioasis.api.command.CommandContext;

/**
 * Streams and folder of one run.
 *
 * <p><b>Threading:</b> belongs to the thread that runs the command.
 *
 * @param out the answer, UTF-8; flushed by {@link CommandRunner} when the command has ended
 * @param err progress, remarks and errors, UTF-8, flushed at each line
 * @param folder the caller's folder, absolute
 * @param interactive whether {@code err} is a terminal
 */
public record Terminal(PrintStream out, PrintStream err, Path folder, boolean interactive)
    implements CommandContext {
  private static final int BUFFER_BYTES = 1 << 16;

  /** Checks that nothing is missing. */
  public Terminal {
    Objects.requireNonNull(out, "out");
    Objects.requireNonNull(err, "err");
    Objects.requireNonNull(folder, "folder");
  }

  /**
   * The streams of the process itself, whatever character set its locale names. Standard output is
   * buffered in large pieces.
   */
  public static Terminal ofProcess(Path folder, boolean interactive) {
    OutputStream out =
        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES);
    return new Terminal(
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        folder,
        interactive);
  }

  /** Other streams, which may use another character set for text but pass bytes as they are. */
  public static Terminal over(
      OutputStream out, OutputStream err, Path folder, boolean interactive) {
    return new Terminal(
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        folder,
        interactive);
  }
}
