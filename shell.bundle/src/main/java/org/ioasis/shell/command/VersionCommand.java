package org.ioasis.shell.command;

import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.shell.text.Json;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import picocli.CommandLine;

/** {@code version}: the versions of Ioasis and of what it runs on. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=version",
      Command.SUMMARY + "=Print the versions of Ioasis, the framework and Java"
    })
public final class VersionCommand extends ParsedCommand<VersionCommand.Arguments> {
  private final BundleContext context;

  /** Arguments of {@code version}. */
  @CommandLine.Command(name = "version", description = "Print the versions.")
  static final class Arguments extends JsonLine {}

  /** Asks the framework. */
  @Activate
  public VersionCommand(BundleContext context) {
    super(Arguments::new);
    this.context = context;
  }

  @Override
  protected int run(CommandContext console, Arguments line) {
    String ours = context.getBundle().getVersion().toString();
    String framework = context.getBundle(Constants.SYSTEM_BUNDLE_ID).getVersion().toString();
    String java = Runtime.version().toString();
    if (line.json()) {
      Json.print(
          console.out(),
          Json.object().put("ioasis", ours).put("framework", framework).put("java", java));
    } else {
      console.out().println("ioasis %s (framework %s, Java %s)".formatted(ours, framework, java));
    }
    return SUCCESS;
  }
}
