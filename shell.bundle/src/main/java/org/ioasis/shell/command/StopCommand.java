package org.ioasis.shell.command;

import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import picocli.CommandLine;

/** {@code stop BUNDLE...}: stops bundles. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=stop",
      Command.SUMMARY + "=Stop bundles; those that use them go on"
    })
public final class StopCommand extends ParsedCommand<StopCommand.Arguments> {
  private final BundleContext context;

  /** Arguments of {@code stop}. */
  @CommandLine.Command(
      name = "stop",
      description = "Stop bundles; those that use them go on without.")
  static final class Arguments extends BundleNames {}

  /** Acts on the framework of this bundle. */
  @Activate
  public StopCommand(BundleContext context) {
    super(Arguments::new);
    this.context = context;
  }

  @Override
  protected int run(CommandContext console, Arguments line) {
    BundleControl control = new BundleControl(context);
    line.resolve(new BundleFinder(context)).forEach(view -> control.stop(view, console.out()));
    return SUCCESS;
  }
}
