package org.ioasis.capture.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.capture.file.CapturedMachine;
import org.ioasis.capture.file.Json;
import org.ioasis.capture.file.JsonLines;
import org.ioasis.capture.replay.Answers;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.capture.replay.Question;
import org.ioasis.capture.replay.Replica;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;

/** {@code translate}: a stream of requests in, the same lines with answers out. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=translate",
      Command.SUMMARY + "=Answer requests against a capture or a dump"
    })
public final class TranslateCommand extends Tool<TranslateCommand.Options> {
  /** Keys of an answer, which a request may bring from an earlier run. */
  private static final List<String> ANSWER = List.of("pa", "fault", "name", "blocked");

  private final Laboratory laboratory;

  /** Made by the component runtime. */
  @Activate
  public TranslateCommand(@Reference Laboratory laboratory) {
    this.laboratory = laboratory;
  }

  /** What the command understands. */
  @CommandLine.Command(
      name = "translate",
      sortOptions = false,
      description = {
        "Answers requests: JSON lines {sid, iova, access, pasid?} in, the same lines with",
        "pa, or fault and name, or blocked out, in order."
      })
  static final class Options extends Help {
    @CommandLine.Parameters(paramLabel = "DIR", description = "A capture folder or a dump.")
    String place;

    @CommandLine.Option(
        names = "--requests",
        required = true,
        paramLabel = "FILE",
        description = "The requests, plain or gzip.")
    String requests;

    @CommandLine.Mixin SourceOptions source = new SourceOptions();
  }

  @Override
  Options options() {
    return new Options();
  }

  @Override
  int run(CommandContext context, Options options) {
    Progress progress = Progress.of(context, "requests answered");
    try (CapturedMachine captured = options.source.open(context, laboratory, options.place);
        Replica replica = Replica.restore(laboratory, captured, Remarks.of(context, captured))) {
      answer(replica, context.resolve(options.requests), context.out(), progress);
    } finally {
      progress.end();
    }
    return SUCCESS;
  }

  private static void answer(Replica replica, Path requests, PrintStream out, Progress progress) {
    try (JsonLines lines = JsonLines.open(requests)) {
      for (ObjectNode row = lines.next(); row != null; row = lines.next()) {
        out.print(Json.line(answered(replica, lines, row)) + "\n");
        progress.run();
        if (!lines.ready() && out.checkError()) {
          return;
        }
      }
    }
  }

  private static ObjectNode answered(Replica replica, JsonLines lines, ObjectNode row) {
    try {
      Answer answer = ask(replica, Question.of(row));
      row.remove(ANSWER);
      return Answers.put(row, answer, replica.answers());
    } catch (IoasisException e) {
      throw lines.placed(e);
    }
  }

  /** Where the direction is not known, the address that either direction has. */
  private static Answer ask(Replica replica, Question question) {
    int access = question.directed() ? question.access() : DmaRequest.READ;
    Answer answer = replica.ask(question.sourceId(), question.pasid(), question.iova(), access);
    if (question.directed() || answer.kind() == Answer.Kind.OK) {
      return answer;
    }
    Answer other =
        replica.ask(question.sourceId(), question.pasid(), question.iova(), DmaRequest.WRITE);
    return other.kind() == Answer.Kind.OK ? other : answer;
  }
}
