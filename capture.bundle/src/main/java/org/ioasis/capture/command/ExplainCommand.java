package org.ioasis.capture.command;

import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.capture.file.CapturedMachine;
import org.ioasis.capture.file.Numbers;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.capture.replay.Question;
import org.ioasis.capture.replay.Replica;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;

/** {@code explain}: why one request ends where it ends. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=explain",
      Command.SUMMARY + "=Tell step by step why a DMA went where it went"
    })
public final class ExplainCommand extends Tool<ExplainCommand.Options> {
  private final Laboratory laboratory;

  /** Made by the component runtime. */
  @Activate
  public ExplainCommand(@Reference Laboratory laboratory) {
    this.laboratory = laboratory;
  }

  /** What the command understands. */
  @CommandLine.Command(
      name = "explain",
      sortOptions = false,
      description = {
        "Tells which structures decide a request, field by field, and how it ends.",
        "Status 0 when explained, a fault included."
      })
  static final class Options extends Help {
    @CommandLine.Parameters(paramLabel = "DIR", description = "A capture folder or a dump.")
    String place;

    @CommandLine.Option(
        names = "--device",
        required = true,
        paramLabel = "BB:DD.F",
        description = "The device; also SSSS:BB:DD.F or 0xSID.")
    String device;

    @CommandLine.Option(
        names = "--pasid",
        paramLabel = "N",
        description = "PASID of the request. Default: none.")
    String pasid;

    @CommandLine.Option(
        names = "--iova",
        required = true,
        paramLabel = "0xADDR",
        description = "The address the device uses.")
    String iova;

    @CommandLine.Option(
        names = "--access",
        paramLabel = "r|w|x",
        defaultValue = "r",
        description = "Read, write or execute. Default: ${DEFAULT-VALUE}.")
    String access;

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
    Question question =
        new Question(
            Numbers.device(options.device),
            options.pasid == null
                ? DmaRequest.NO_PASID
                : Numbers.pasid(Numbers.typed(options.pasid)),
            Numbers.typed(options.iova),
            Numbers.access(options.access));
    try (CapturedMachine captured = options.source.open(context, laboratory, options.place);
        Replica replica = Replica.restore(laboratory, captured, Remarks.of(context, captured))) {
      replica.checkSource(question.sourceId());
      DmaRequest request =
          Replica.question(
              new DmaRequest(),
              question.sourceId(),
              question.pasid(),
              question.iova(),
              question.access());
      Explanation explanation = replica.unit().explainer().explain(request);
      if (options.json) {
        context.out().print(Story.object(question, explanation).toPrettyString() + "\n");
      } else {
        Story.lines(explanation).forEach(line -> context.out().print(line + "\n"));
      }
    }
    return SUCCESS;
  }
}
