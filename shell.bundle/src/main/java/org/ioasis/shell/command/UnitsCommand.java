package org.ioasis.shell.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.shell.text.Json;
import org.ioasis.shell.text.Table;
import org.ioasis.shell.unit.UnitPlans;
import org.ioasis.shell.unit.Units;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import picocli.CommandLine;

/** {@code units}: the IOMMUs of the platform's machine. */
@Component(
    service = Command.class,
    property = {Command.NAME + "=units", Command.SUMMARY + "=List the IOMMUs of the platform"})
public final class UnitsCommand extends ParsedCommand<UnitsCommand.Arguments> {
  private final ConfiguredUnits configured;

  /** Arguments of {@code units}. */
  @CommandLine.Command(name = "units", description = "List the IOMMUs of the platform's machine.")
  static final class Arguments extends JsonLine {}

  /** Lists the registered units, once those that are configured have come. */
  @Activate
  public UnitsCommand(
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
    List<UnitService> all = configured.settled(context.err());
    if (line.json()) {
      ArrayNode list = Json.array();
      all.forEach(unit -> list.add(node(unit)));
      Json.print(context.out(), list);
    } else if (all.isEmpty()) {
      context.err().println("no units; vendors shows who could make them, start starts a bundle");
    } else {
      Table table = Table.withHeading("UNIT", "KIND", "PROFILE", "COUNTERS");
      for (UnitService unit : all) {
        table.row(unit.unitId(), unit.kind(), unit.profile().name(), counters(unit.counters()));
      }
      table.print(context.out());
    }
    return SUCCESS;
  }

  /** The counters that have counted, {@code name=count} with spaces between. */
  static String counters(Map<String, Long> counters) {
    String text =
        new TreeMap<>(counters)
            .entrySet().stream()
                .filter(entry -> entry.getValue() != 0)
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(" "));
    return text.isEmpty() ? "all zero" : text;
  }

  /** All that a unit tells of itself. */
  static ObjectNode node(UnitService unit) {
    ObjectNode node =
        Json.object()
            .put("id", unit.unitId())
            .put("kind", unit.kind())
            .put("profile", unit.profile().name());
    node.set("unit", Json.of(unit.inspector().unit()));
    ObjectNode counters = Json.object();
    new TreeMap<>(unit.counters()).forEach(counters::put);
    node.set("counters", counters);
    return node;
  }
}
