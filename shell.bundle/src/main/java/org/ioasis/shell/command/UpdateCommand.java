package org.ioasis.shell.command;

import java.nio.file.Path;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import picocli.CommandLine;

/** {@code update BUNDLE [JAR]}: puts another version in the place of a bundle. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=update",
      Command.SUMMARY + "=Update a bundle from a jar while the platform runs"
    })
public final class UpdateCommand extends ParsedCommand<UpdateCommand.Arguments> {
  private final BundleContext context;

  /** Arguments of {@code update}. */
  @CommandLine.Command(
      name = "update",
      description = "Update a bundle from a jar, or from where it was installed.")
  static final class Arguments extends Line {
    @CommandLine.Parameters(
        index = "0",
        paramLabel = "BUNDLE",
        description = "Number, symbolic name or its last part.")
    private String bundle;

    @CommandLine.Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "JAR",
        description = "The new jar; without it the jar the bundle came from.")
    private String jar;
  }

  /** Acts on the framework of this bundle. */
  @Activate
  public UpdateCommand(BundleContext context) {
    super(Arguments::new);
    this.context = context;
  }

  @Override
  protected int run(CommandContext console, Arguments line) {
    BundleView view = new BundleFinder(context).find(line.bundle);
    Path jar = line.jar == null ? null : console.resolve(line.jar);
    new BundleControl(context).update(view, jar, console.out());
    return SUCCESS;
  }
}
