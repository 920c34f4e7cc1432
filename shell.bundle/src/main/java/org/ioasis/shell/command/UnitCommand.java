package org.ioasis.shell.command;

import java.io.PrintStream;
import java.util.List;
import java.util.TreeMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.shell.text.Json;
import org.ioasis.shell.text.Table;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;

/** {@code unit NAME}: what one IOMMU of the platform says of itself. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=unit",
      Command.SUMMARY + "=Show one IOMMU: identification, state, counters"
    })
public final class UnitCommand extends ParsedCommand<UnitCommand.Arguments> {
  private final Units units;

  /** Arguments of {@code unit}. */
  @CommandLine.Command(
      name = "unit",
      description = "Show one IOMMU: its identification registers, state and counters.")
  static final class Arguments extends JsonLine {
    @CommandLine.Parameters(paramLabel = "UNIT", description = "Identity, as units lists it.")
    private String unit;
  }

  /** Looks among the registered units. */
  @Activate
  public UnitCommand(@Reference Units units) {
    super(Arguments::new);
    this.units = units;
  }

  @Override
  protected int run(CommandContext context, Arguments line) {
    UnitService unit = units.find(line.unit).orElseThrow(() -> unknown(line.unit));
    if (line.json()) {
      Json.print(context.out(), UnitsCommand.node(unit));
    } else {
      print(context.out(), unit);
    }
    return SUCCESS;
  }

  private IoasisException unknown(String name) {
    List<String> names = units.all().stream().map(UnitService::unitId).toList();
    return new IoasisException(
        Reason.NOT_FOUND, "there is no unit %s; %s".formatted(name, Choice.of(name, names)));
  }

  private static void print(PrintStream out, UnitService unit) {
    out.println("%s: %s, profile %s".formatted(unit.unitId(), unit.kind(), unit.profile().name()));
    Table identification = new Table("  ");
    unit.profile().registers().forEach((name, value) -> identification.row(name, Json.hex(value)));
    section(out, "identification", identification);
    Table state = new Table("  ");
    unit.inspector().unit().cells().forEach((key, cell) -> state.row(key, Json.text(cell)));
    section(out, "state", state);
    Table counters = new Table("  ");
    new TreeMap<>(unit.counters()).forEach((name, count) -> counters.row(name, count.toString()));
    section(out, "counters", counters);
  }

  private static void section(PrintStream out, String title, Table table) {
    out.println(title);
    table.print(out);
  }
}
