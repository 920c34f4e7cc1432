package org.ioasis.shell.demo;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.inspect.Row;
import org.ioasis.shell.command.BundleFinder;
import org.ioasis.shell.command.BundleView;
import org.ioasis.shell.command.ConfiguredUnits;
import org.ioasis.shell.run.Platform;
import org.ioasis.shell.text.Json;
import org.ioasis.shell.text.Table;
import org.osgi.framework.BundleContext;

/**
 * The first two acts: the bundles that should run do, and the units that are configured are there
 * and answer.
 *
 * @param context the bundle that asks
 * @param configured the units of the platform
 */
record PlatformAct(BundleContext context, ConfiguredUnits configured) {
  private static final int FACTS_WIDTH = 60;
  private static final String NAME = "platform";

  /** Lists our bundles and checks that those that should run do. */
  void bundles(Stage stage) {
    stage.heading(
        "The platform", "Every part is a bundle that can be stopped, updated, exchanged.");
    Set<String> vendors =
        Arrays.stream(new Platform(context).text(Platform.VENDORS, "").split(","))
            .map(String::strip)
            .collect(Collectors.toSet());
    Table table = new Table("  ");
    for (BundleView view : new BundleFinder(context).ours()) {
      boolean wanted = view.vendor().isEmpty() || vendors.contains(view.vendor());
      String state = view.state();
      if (wanted) {
        stage.tally().check(NAME, view.active(), view.name(), state);
        state = view.active() ? state : state + " (should be active)";
      } else if (!view.active()) {
        state = "not asked for";
      }
      table.row(view.shortName(), state, view.description());
    }
    table.print(stage.out());
    stage.flush();
  }

  /** Lists the units of the platform's machine and checks that those configured are there. */
  void units(Stage stage) {
    List<String> expected = configured.expected();
    List<UnitService> all = configured.settled(stage.context().err());
    stage.heading(
        "The units in its machine",
        all.isEmpty() && expected.isEmpty()
            ? "None: no bundle that runs models hardware. Skipped."
            : "IOMMUs in reset state, waiting for somebody to program them.");
    Table table = new Table("  ");
    for (UnitService unit : all) {
      Map<String, Row.Cell> facts = unit.inspector().unit().cells();
      stage.tally().check(NAME, !facts.isEmpty(), unit.unitId(), "it tells nothing of itself");
      table.row(unit.unitId(), unit.kind(), "profile " + unit.profile().name(), line(facts));
    }
    for (String missing : expected) {
      if (!stage
          .tally()
          .check(NAME, configured.units().find(missing).isPresent(), missing, "no unit")) {
        table.row(missing, "configured and not there");
      }
    }
    table.print(stage.out());
    stage.flush();
  }

  /** The first facts, as many as a line takes. */
  private static String line(Map<String, Row.Cell> facts) {
    StringBuilder line = new StringBuilder();
    facts.forEach(
        (name, cell) -> {
          String fact = name + "=" + Json.text(cell);
          if (line.length() + fact.length() < FACTS_WIDTH) {
            line.append(line.isEmpty() ? "" : " ").append(fact);
          }
        });
    return line.toString();
  }
}
