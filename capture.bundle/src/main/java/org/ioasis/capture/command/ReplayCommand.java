package org.ioasis.capture.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.capture.file.CapturedMachine;
import org.ioasis.capture.replay.CaptureCheck;
import org.ioasis.capture.replay.CommandCheck;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.capture.replay.Replica;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;

/** {@code replay}: every recorded answer of a capture, asked again. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=replay",
      Command.SUMMARY + "=Check every recorded answer of captures against the model"
    })
public final class ReplayCommand extends Tool<ReplayCommand.Options> {
  /** Files with recorded answers. */
  private static final List<String> ANSWERS = List.of("translations.jsonl", "qemu-oracle.jsonl");

  private static final String COMMANDS = "commands.jsonl";

  private final Laboratory laboratory;

  /** Made by the component runtime. */
  @Activate
  public ReplayCommand(@Reference Laboratory laboratory) {
    this.laboratory = laboratory;
  }

  /** What the command understands. */
  @CommandLine.Command(
      name = "replay",
      sortOptions = false,
      description = "Checks the recorded answers of captures. Status 0: all agree.")
  static final class Options extends Help {
    @CommandLine.Parameters(arity = "1..*", paramLabel = "DIR", description = "Capture folders.")
    List<String> places;

    @CommandLine.Option(
        names = "--commands",
        description = "Also replays the command stream, from reset, and compares where it ends.")
    boolean commands;

    @CommandLine.Option(names = "--json", description = "One JSON object instead of text.")
    boolean json;

    @CommandLine.Mixin SourceOptions source = new SourceOptions();
  }

  @Override
  Options options() {
    return new Options();
  }

  @Override
  int run(CommandContext context, Options options) {
    Report report =
        new Report(context, options.json, options.json ? Report.MOST : Integer.MAX_VALUE);
    Progress progress = Progress.of(context, "rows checked");
    try {
      for (String place : options.places) {
        try (CapturedMachine captured = options.source.open(context, laboratory, place)) {
          answers(context, captured, report, progress);
          if (options.commands) {
            commands(captured, report, progress);
          }
        }
      }
    } finally {
      progress.end();
    }
    return report.end();
  }

  private void answers(
      CommandContext context, CapturedMachine captured, Report report, Progress progress) {
    try (Replica replica = Replica.restore(laboratory, captured, Remarks.of(context, captured))) {
      CaptureCheck check = new CaptureCheck(replica, report.score(), progress);
      for (String name : ANSWERS) {
        Optional<Path> file = captured.file(name);
        file.ifPresent(check::check);
      }
    }
  }

  private void commands(CapturedMachine captured, Report report, Progress progress) {
    Path file =
        captured
            .file(COMMANDS)
            .orElseThrow(
                () ->
                    new IoasisException(
                        Reason.NOT_FOUND,
                        "%s: no %s(.gz) in it, so there are no commands to replay"
                            .formatted(captured.place(), COMMANDS)));
    try (Replica replica = Replica.reset(laboratory, captured, remark -> {})) {
      CommandCheck.check(replica, captured, file, report.score(), progress);
    }
  }
}
