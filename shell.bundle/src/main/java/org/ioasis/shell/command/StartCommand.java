package org.ioasis.shell.command;

import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import picocli.CommandLine;

/** {@code start BUNDLE...}: starts bundles. */
@Component(
    service = Command.class,
    property = {Command.NAME + "=start", Command.SUMMARY + "=Start bundles, such as a vendor's"})
public final class StartCommand extends ParsedCommand<StartCommand.Arguments> {
  private final BundleContext context;

  /** Arguments of {@code start}. */
  @CommandLine.Command(name = "start", description = "Start bundles.")
  static final class Arguments extends BundleNames {}

  /** Acts on the framework of this bundle. */
  @Activate
  public StartCommand(BundleContext context) {
    super(Arguments::new);
    this.context = context;
  }

  @Override
  protected int run(CommandContext console, Arguments line) {
    BundleControl control = new BundleControl(context);
    line.resolve(new BundleFinder(context)).forEach(view -> control.start(view, console.out()));
    return SUCCESS;
  }
}
