package org.ioasis.shell.demo;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.shell.command.BundleFinder;
import org.ioasis.shell.command.BundleView;
import org.ioasis.shell.command.Factories;
import org.ioasis.shell.command.Units;
import org.ioasis.shell.run.Platform;
import org.ioasis.shell.text.Table;
import org.osgi.framework.BundleContext;

/**
 * The first two acts: the bundles that should run do, and every hardware model has made a unit that
 * answers.
 *
 * @param context the bundle that asks
 * @param factories the hardware models
 * @param units the units of the platform
 */
record PlatformAct(BundleContext context, Factories factories, Units units) {
  private static final long UNIT_MILLIS = 5_000;
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

  /** Lists the units of the platform's machine and checks that every model has one. */
  void units(Stage stage) {
    List<HardwareFactory> kinds = factories.all();
    stage.heading(
        "The units in its machine",
        kinds.isEmpty()
            ? "None: no bundle that runs models hardware. Skipped."
            : "IOMMUs after profiles of real hardware, waiting for a driver.");
    Table table = new Table("  ");
    for (HardwareFactory factory : kinds) {
      UnitService unit = await(factory.kind());
      String state = unit == null ? "" : unit.inspector().unit().toString();
      boolean answers =
          stage.tally().check(NAME, !state.isEmpty(), "unit of " + factory.kind(), "no unit");
      table.row(
          answers ? unit.unitId() : "(none)",
          factory.kind(),
          answers ? "profile " + unit.profile().name() : "no unit came within 5 s");
    }
    table.print(stage.out());
    stage.flush();
  }

  /** Units are made from configurations that arrive after the start; they are waited for. */
  private UnitService await(String kind) {
    try {
      return units.await(kind, UNIT_MILLIS).orElse(null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
