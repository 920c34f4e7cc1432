package org.ioasis.shell;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.ioasis.api.command.CommandContext;

/** A command's context whose streams are kept. */
public final class Streams implements CommandContext {
  private final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(outBytes, false, StandardCharsets.UTF_8);
  private final PrintStream err = new PrintStream(errBytes, false, StandardCharsets.UTF_8);
  private final Path folder;

  /** In this folder. */
  public Streams(Path folder) {
    this.folder = folder;
  }

  /** In a folder that does not matter. */
  public Streams() {
    this(Path.of("/caller"));
  }

  @Override
  public PrintStream out() {
    return out;
  }

  @Override
  public PrintStream err() {
    return err;
  }

  @Override
  public Path folder() {
    return folder;
  }

  @Override
  public boolean interactive() {
    return false;
  }

  /** What reached standard output; what still waits in a buffer did not. */
  public String outText() {
    return outBytes.toString(StandardCharsets.UTF_8);
  }

  /** What reached standard error. */
  public String errText() {
    return errBytes.toString(StandardCharsets.UTF_8);
  }
}
