package org.ioasis.capture.command;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.ioasis.api.command.CommandContext;
import org.ioasis.capture.file.CapturedMachine;

/** Remarks about a capture on the error stream, each once. */
final class Remarks {
  private Remarks() {}

  static Consumer<String> of(CommandContext context, CapturedMachine captured) {
    Set<String> said = new HashSet<>();
    return remark -> {
      if (said.add(remark)) {
        context.err().println("%s: %s".formatted(captured.place().getFileName(), remark));
      }
    };
  }
}
