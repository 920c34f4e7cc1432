package org.ioasis.capture.command;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.state.RegisterValue;
import org.ioasis.api.state.Section;
import org.ioasis.capture.file.CaptureRegisters;
import org.ioasis.capture.file.CaptureWriter;
import org.ioasis.capture.file.CapturedMachine;
import org.ioasis.capture.file.Range;
import org.ioasis.capture.file.TypedRegisters;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.capture.replay.Replica;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;

/** {@code export}: the structures in a dump, or in a capture, as a capture folder of their own. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=export",
      Command.SUMMARY + "=Write the structures of a capture or a dump as a capture folder"
    })
public final class ExportCommand extends Tool<ExportCommand.Options> {
  private final Laboratory laboratory;

  /** Made by the component runtime. */
  @Activate
  public ExportCommand(@Reference Laboratory laboratory) {
    this.laboratory = laboratory;
  }

  /** What the command understands. */
  @CommandLine.Command(
      name = "export",
      sortOptions = false,
      description = "Writes registers, reachable pages of structures and mappings.")
  static final class Options extends Help {
    @CommandLine.Parameters(
        index = "0",
        paramLabel = "DIR",
        description = "A capture folder or a dump.")
    String place;

    @CommandLine.Parameters(index = "1", paramLabel = "OUT", description = "A new folder.")
    String out;

    @CommandLine.Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = InspectCommand.LIMIT,
        description = "Most mappings to write. Default: ${DEFAULT-VALUE}.")
    long limit;

    @CommandLine.Mixin SourceOptions source = new SourceOptions();
  }

  @Override
  Options options() {
    return new Options();
  }

  @Override
  int run(CommandContext context, Options options) {
    Path out = context.resolve(options.out);
    try (CapturedMachine captured = options.source.open(context, laboratory, options.place);
        Replica replica = Replica.restore(laboratory, captured, Remarks.of(context, captured))) {
      Inspector inspector = replica.unit().inspector();
      CaptureWriter writer = new CaptureWriter(out);
      writer.prepare();
      int pages = writer.memory(inspector, replica.memory(), captured.memory().machine());
      if (pages == 0) {
        throw new IoasisException(
            Reason.NOT_FOUND,
            "%s: the registers lead to no page of structures in RAM, there is nothing to export"
                .formatted(captured.place()));
      }
      writer.registers(registers(captured, replica));
      long rows = writer.mappings(inspector, options.limit);
      if (rows >= options.limit) {
        context.err().println("stopped after %d mappings; --limit N allows more".formatted(rows));
      }
      context.out().print("%s: %d pages, %d mappings\n".formatted(out, pages, rows));
    }
    return SUCCESS;
  }

  /** Every register of the unit, those of the source as the source has them; and where RAM is. */
  private static CaptureRegisters registers(CapturedMachine captured, Replica replica) {
    List<RegisterValue> exported =
        replica.unit().state().exportState(Set.of(Section.REGISTERS)).registers();
    List<Range> ram =
        replica.memory().regions().stream()
            .map(region -> new Range(region.base(), region.last()))
            .toList();
    return new CaptureRegisters(
        captured.kind(),
        captured.registers().mmioBase(),
        ram,
        TypedRegisters.merge(exported, captured.registers().registers()));
  }
}
