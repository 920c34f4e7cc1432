package org.ioasis.shell.command;

import java.io.PrintStream;
import java.util.List;
import java.util.TreeMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.machine.Profile;
import org.ioasis.shell.text.Json;
import org.ioasis.shell.text.Table;
import org.ioasis.shell.unit.UnitControl;
import org.ioasis.shell.unit.UnitPlan;
import org.ioasis.shell.unit.UnitPlans;
import org.ioasis.shell.unit.Units;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import picocli.CommandLine;

/**
 * {@code unit NAME}: what one IOMMU of the platform says of itself; with an option it is started,
 * stopped or made anew.
 */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=unit",
      Command.SUMMARY + "=Show, start, stop or update one IOMMU of the platform"
    })
public final class UnitCommand extends ParsedCommand<UnitCommand.Arguments> {
  private final ConfiguredUnits configured;

  /** Arguments of {@code unit}. */
  @CommandLine.Command(
      name = "unit",
      description = {
        "Show one IOMMU: its identification registers, state and counters.",
        "Or start, stop or update it, by way of its configuration."
      })
  static final class Arguments extends JsonLine {
    @CommandLine.Parameters(paramLabel = "UNIT", description = "Identity, as units lists it.")
    private String unit;

    @CommandLine.ArgGroup private Action action;

    @CommandLine.Option(
        names = "--kind",
        paramLabel = "KIND",
        description = "With --start: the hardware model, as vendors lists it.")
    private String kind;

    @CommandLine.Option(
        names = "--profile",
        paramLabel = "NAME",
        description = "With --start or --update: a profile of the model.")
    private String profile;
  }

  /** What to do instead of showing. */
  static final class Action {
    @SuppressWarnings("UnusedVariable") // what is neither of the others
    @CommandLine.Option(names = "--start", description = "Start a stopped or a new unit.")
    private boolean start;

    @CommandLine.Option(names = "--stop", description = "Stop the unit.")
    private boolean stop;

    @CommandLine.Option(names = "--update", description = "Make the unit anew, in reset state.")
    private boolean update;
  }

  /** Looks among the units and their configurations. */
  @Activate
  public UnitCommand(
      @Reference Units units,
      @Reference Factories factories,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          UnitPlans plans) {
    super(Arguments::new);
    configured = new ConfiguredUnits(units, factories, plans);
  }

  @Override
  protected int run(CommandContext context, Arguments line) {
    if (line.action != null) {
      act(context.out(), context.err(), line);
      return SUCCESS;
    }
    if (line.kind != null || line.profile != null) {
      throw new IoasisException(
          Reason.INVALID, "--kind and --profile go with --start, --profile also with --update");
    }
    List<UnitService> all = configured.settled(context.err());
    UnitService unit =
        all.stream()
            .filter(one -> one.unitId().equals(line.unit))
            .findFirst()
            .orElseThrow(() -> unknown(line.unit, all));
    if (line.json()) {
      Json.print(context.out(), UnitsCommand.node(unit));
    } else {
      print(context.out(), unit);
    }
    return SUCCESS;
  }

  private void act(PrintStream out, PrintStream err, Arguments line) {
    if (configured.plans() == null) {
      throw new IoasisException(
          Reason.GONE, "there is no Config Admin; units can be listed and not changed");
    }
    configured.settled(err);
    UnitControl control = new UnitControl(configured.plans(), configured.units());
    if (line.action.stop) {
      control.stop(line.unit);
      out.println("%s is stopped".formatted(line.unit));
      return;
    }
    checkProfile(line);
    UnitService unit =
        line.action.update
            ? control.update(line.unit, line.profile)
            : control.start(line.unit, line.kind, line.profile);
    out.println(
        "%s lives: %s, profile %s".formatted(unit.unitId(), unit.kind(), unit.profile().name()));
  }

  /** A kind or profile that nobody has would be found out by the machine, but only in the log. */
  private void checkProfile(Arguments line) {
    String kind =
        line.kind != null
            ? line.kind
            : configured
                .plans()
                .find(line.unit)
                .or(() -> configured.plans().removed(line.unit))
                .map(UnitPlan::kind)
                .orElse(null);
    if (kind == null) {
      return;
    }
    List<String> kinds = configured.factories().all().stream().map(HardwareFactory::kind).toList();
    HardwareFactory factory =
        configured
            .factories()
            .find(kind)
            .orElseThrow(
                () ->
                    new IoasisException(
                        Reason.NOT_FOUND,
                        "nobody models hardware of kind %s; %s"
                            .formatted(kind, Choice.of(kind, kinds))));
    List<String> profiles = factory.profiles().stream().map(Profile::name).toList();
    if (line.profile != null && !line.profile.isEmpty() && !profiles.contains(line.profile)) {
      throw new IoasisException(
          Reason.NOT_FOUND,
          "kind %s has no profile %s; %s"
              .formatted(kind, line.profile, Choice.of(line.profile, profiles)));
    }
  }

  private static IoasisException unknown(String name, List<UnitService> all) {
    List<String> names = all.stream().map(UnitService::unitId).toList();
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
