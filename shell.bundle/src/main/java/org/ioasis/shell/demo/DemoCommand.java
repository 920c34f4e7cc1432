package org.ioasis.shell.demo;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.ioasis.api.IoasisException;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.domain.SwapService;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.fault.FaultService;
import org.ioasis.shell.board.Commands;
import org.ioasis.shell.command.BundleFinder;
import org.ioasis.shell.command.BundleView;
import org.ioasis.shell.command.ConfiguredUnits;
import org.ioasis.shell.command.Factories;
import org.ioasis.shell.command.ParsedCommand;
import org.ioasis.shell.run.Platform;
import org.ioasis.shell.text.Json;
import org.ioasis.shell.unit.UnitPlans;
import org.ioasis.shell.unit.Units;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import picocli.CommandLine;

/**
 * {@code demo}: the main job, shown and checked. Ends with a line of counts; status 0 only if
 * something passed and nothing failed.
 */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=demo",
      Command.SUMMARY + "=See it at work: replays, explanations, DMA, faults, units exchanged"
    })
public final class DemoCommand extends ParsedCommand<DemoCommand.Arguments> {
  /** Framework property: the folder of captures with its {@code demo.json}. */
  static final String CAPTURES = "ioasis.captures";

  /** How long a device may take to be served after the start. */
  private static final long SERVED_MILLIS = 3000;

  private final BundleContext context;
  private final Commands commands;
  private final Factories factories;
  private final ConfiguredUnits configured;

  /** Arguments of {@code demo}. */
  @CommandLine.Command(
      name = "demo",
      description = "Show and check the main job: replays, explanations, DMA, faults, swaps.")
  static final class Arguments extends JsonLine {}

  /** Uses the other commands and the hardware models. */
  @Activate
  public DemoCommand(
      BundleContext context,
      @Reference Commands commands,
      @Reference Factories factories,
      @Reference Units units,
      @Reference(
              cardinality = ReferenceCardinality.OPTIONAL,
              policyOption = ReferencePolicyOption.GREEDY)
          UnitPlans plans) {
    super(Arguments::new);
    this.context = context;
    this.commands = commands;
    this.factories = factories;
    configured = new ConfiguredUnits(units, factories, plans);
  }

  @Override
  protected int run(CommandContext console, Arguments line) {
    Tally tally = new Tally();
    PrintStream text =
        line.json()
            ? new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)
            : console.out();
    play(new Stage(console, text, tally, commands, new HashSet<>()));
    text.println();
    if (line.json()) {
      Json.print(console.out(), tally.json());
    } else {
      console.out().println(tally.line());
    }
    return tally.status();
  }

  private void play(Stage stage) {
    stage
        .out()
        .println(
            "Ioasis %s models IOMMUs bit for bit, each vendor's as a bundle."
                .formatted(context.getBundle().getVersion()));
    PlatformAct platform = new PlatformAct(context, configured);
    platform.bundles(stage);
    platform.units(stage);
    try {
      CaptureAct captures = new CaptureAct(Script.read(captures()), factories, running());
      captures.replays(stage);
      captures.stories(stage);
    } catch (IoasisException e) {
      stage.tally().check("captures", false, captures().toString(), e.getMessage());
      stage.out().println("  failed: " + e.getMessage());
    }
    devices(stage);
  }

  /** What devices do, if the platform has engines and every one of them is served. */
  private void devices(Stage stage) {
    Services services = new Services(context);
    List<DmaEngine> engines =
        services.engines().stream()
            .filter(
                engine -> Services.await(() -> services.unit(engine).isPresent(), SERVED_MILLIS))
            .toList();
    if (engines.isEmpty() || services.find(SwapService.class).isEmpty()) {
      stage.heading("Devices", "None that a unit serves. Skipped.");
      stage.tally().setApart();
      return;
    }
    try {
      services
          .find(FaultService.class)
          .ifPresentOrElse(
              faults -> new PageFaultAct(services, stage, faults).play(engines),
              () -> stage.tally().setApart());
      try (DeviceAct act = new DeviceAct(services, stage, engines)) {
        act.oneSpace();
        act.share();
        act.swaps();
      }
    } catch (IoasisException e) {
      stage.tally().check("devices", false, "devices", e.getMessage());
      stage.out().println("  failed: " + e.getMessage());
    }
  }

  private Set<String> running() {
    return new BundleFinder(context)
        .all().stream()
            .filter(BundleView::active)
            .map(BundleView::vendor)
            .collect(Collectors.toSet());
  }

  private Path captures() {
    Platform platform = new Platform(context);
    String home = platform.text(Platform.HOME, "");
    return Path.of(platform.text(CAPTURES, Path.of(home, "captures").toString())).toAbsolutePath();
  }
}
