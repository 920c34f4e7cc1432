package org.ioasis.capture.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.capture.file.Json;

/** A caller's streams, kept in memory. */
public final class Console implements CommandContext {
  private final Path folder;
  private final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(outBytes, false, StandardCharsets.UTF_8);
  private final PrintStream err = new PrintStream(errBytes, true, StandardCharsets.UTF_8);
  private final boolean interactive;

  public Console(Path folder) {
    this(folder, false);
  }

  public Console(Path folder, boolean interactive) {
    this.folder = folder;
    this.interactive = interactive;
  }

  public int run(Command command, String... arguments) {
    return command.run(this, List.of(arguments));
  }

  public String text() {
    out.flush();
    return outBytes.toString(StandardCharsets.UTF_8);
  }

  public List<String> lines() {
    return text().lines().toList();
  }

  public String lastLine() {
    return lines().get(lines().size() - 1);
  }

  public ObjectNode json() {
    out.flush();
    byte[] bytes = outBytes.toByteArray();
    return Json.parse(bytes, bytes.length, "standard output", "");
  }

  public String errors() {
    return errBytes.toString(StandardCharsets.UTF_8);
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
    return interactive;
  }
}
