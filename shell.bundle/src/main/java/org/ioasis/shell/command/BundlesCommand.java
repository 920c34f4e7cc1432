package org.ioasis.shell.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.List;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.shell.text.Json;
import org.ioasis.shell.text.Table;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import picocli.CommandLine;

/** {@code bundles}: what the platform is made of. */
@Component(
    service = Command.class,
    property = {Command.NAME + "=bundles", Command.SUMMARY + "=List the bundles and their states"})
public final class BundlesCommand extends ParsedCommand<BundlesCommand.Arguments> {
  private final BundleFinder finder;

  /** Arguments of {@code bundles}. */
  @CommandLine.Command(
      name = "bundles",
      description = "List the bundles: those of Ioasis, then the infrastructure they run on.")
  static final class Arguments extends JsonLine {}

  /** Asks the framework. */
  @Activate
  public BundlesCommand(BundleContext context) {
    super(Arguments::new);
    finder = new BundleFinder(context);
  }

  @Override
  protected int run(CommandContext context, Arguments line) {
    if (line.json()) {
      ArrayNode list = Json.array();
      finder.all().forEach(view -> list.add(node(view)));
      Json.print(context.out(), list);
    } else {
      List<BundleView> all = finder.all();
      print(context.out(), "Ioasis", all.stream().filter(BundleView::ours).toList());
      context.out().println();
      print(context.out(), "Infrastructure", all.stream().filter(view -> !view.ours()).toList());
    }
    return SUCCESS;
  }

  private static void print(PrintStream out, String title, List<BundleView> views) {
    long active = views.stream().filter(BundleView::active).count();
    out.println("%s: %d bundles, %d active".formatted(title, views.size(), active));
    Table table = new Table("  ");
    for (BundleView view : views) {
      table.row(
          Long.toString(view.bundle().getBundleId()),
          view.shortName(),
          view.version(),
          view.state(),
          view.description());
    }
    table.print(out);
  }

  private static ObjectNode node(BundleView view) {
    return Json.object()
        .put("id", view.bundle().getBundleId())
        .put("name", view.name())
        .put("version", view.version())
        .put("state", view.state())
        .put("ours", view.ours())
        .put("vendor", view.vendor().isEmpty() ? null : view.vendor())
        .put("description", view.description());
  }
}
