package org.ioasis.launcher;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where {@code System.out} leads while the platform runs. Standard output belongs to answers, which
 * go to the file descriptor; what libraries print by the way goes to standard error, and while the
 * platform stops nowhere: Event Admin prints a warning for each event that its end interrupts,
 * which nobody can act on. Gogo exchanges {@code System.out} and puts it back, so this stays in
 * place.
 *
 * <p>Threading: any thread.
 */
final class StrayOutput extends OutputStream {
  private final PrintStream to;
  private volatile boolean silent;

  private StrayOutput(PrintStream to) {
    this.to = to;
  }

  /** Puts a new one in place. */
  static StrayOutput install() {
    StrayOutput stray = new StrayOutput(System.err);
    System.setOut(new PrintStream(stray, true, StandardCharsets.UTF_8));
    return stray;
  }

  /** Swallows what comes from now on. */
  void silence() {
    silent = true;
  }

  @Override
  public void write(int b) {
    if (!silent) {
      to.write(b);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (!silent) {
      to.write(bytes, offset, length);
    }
  }

  @Override
  public void flush() {
    to.flush();
  }
}
