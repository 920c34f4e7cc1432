package org.ioasis.capture.command;

import java.io.PrintStream;
import java.util.List;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.capture.replay.VectorRunner;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;

/** {@code vectors}: random structures and what another model answered. */
@Component(
    service = Command.class,
    property = {Command.NAME + "=vectors", Command.SUMMARY + "=Score vector files, or answer them"})
public final class VectorsCommand extends Tool<VectorsCommand.Options> {
  private final Laboratory laboratory;

  /** Made by the component runtime. */
  @Activate
  public VectorsCommand(@Reference Laboratory laboratory) {
    this.laboratory = laboratory;
  }

  /** What the command understands. */
  @CommandLine.Command(
      name = "vectors",
      sortOptions = false,
      description = "Scores vectors. Status 0: all agree.")
  static final class Options extends Help {
    @CommandLine.Parameters(
        arity = "1..*",
        paramLabel = "FILE",
        description = "Files of vectors, JSON lines, plain or gzip.")
    List<String> files;

    @CommandLine.Option(
        names = "--answer",
        description = "Prints every vector again with our own outcomes instead of scoring.")
    boolean answer;

    @CommandLine.Option(names = "--all", description = "Shows every mismatch, not the first 20.")
    boolean all;

    @CommandLine.Option(names = "--json", description = "One JSON object instead of text.")
    boolean json;
  }

  @Override
  Options options() {
    return new Options();
  }

  @Override
  int run(CommandContext context, Options options) {
    Progress progress = Progress.of(context, "vectors");
    VectorRunner runner = new VectorRunner(laboratory, progress);
    try {
      return options.answer ? answer(context, options, runner) : score(context, options, runner);
    } finally {
      progress.end();
    }
  }

  private static int answer(CommandContext context, Options options, VectorRunner runner) {
    PrintStream out = context.out();
    for (String file : options.files) {
      runner.answer(context.resolve(file), line -> out.print(line + "\n"));
    }
    return SUCCESS;
  }

  private static int score(CommandContext context, Options options, VectorRunner runner) {
    int all = options.json ? Report.MOST : Integer.MAX_VALUE;
    Report report = new Report(context, options.json, options.all ? all : Report.FIRST);
    for (String file : options.files) {
      runner.score(context.resolve(file), report.score());
    }
    return report.end();
  }
}
