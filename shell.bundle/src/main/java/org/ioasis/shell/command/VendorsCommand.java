package org.ioasis.shell.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.machine.Profile;
import org.ioasis.shell.text.Json;
import org.ioasis.shell.text.Table;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;

/** {@code vendors}: whose hardware can be modelled, and after which profiles. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=vendors",
      Command.SUMMARY + "=List the vendors, their states and profiles"
    })
public final class VendorsCommand extends ParsedCommand<VendorsCommand.Arguments> {
  private final BundleFinder finder;
  private final Factories factories;

  /** Arguments of {@code vendors}. */
  @CommandLine.Command(
      name = "vendors",
      description = "List the vendors: bundle, state, and the profiles of its hardware model.")
  static final class Arguments extends JsonLine {}

  /** Asks the framework for bundles and the registry for factories. */
  @Activate
  public VendorsCommand(BundleContext context, @Reference Factories factories) {
    super(Arguments::new);
    finder = new BundleFinder(context);
    this.factories = factories;
  }

  @Override
  protected int run(CommandContext context, Arguments line) {
    List<BundleView> vendors =
        finder.all().stream().filter(view -> !view.vendor().isEmpty()).toList();
    if (line.json()) {
      ArrayNode list = Json.array();
      vendors.forEach(view -> list.add(node(view)));
      Json.print(context.out(), list);
    } else {
      Table table = Table.withHeading("VENDOR", "STATE", "BUNDLE", "PROFILES");
      for (BundleView view : vendors) {
        table.row(view.vendor(), view.state(), view.description(), profiles(view));
      }
      table.print(context.out());
    }
    return SUCCESS;
  }

  private String profiles(BundleView view) {
    return factories
        .find(view.vendor())
        .map(factory -> names(factory).stream().collect(Collectors.joining(", ")))
        .orElse(view.active() ? "no hardware model yet" : "-");
  }

  private static List<String> names(HardwareFactory factory) {
    return factory.profiles().stream().map(Profile::name).toList();
  }

  private ObjectNode node(BundleView view) {
    ObjectNode node =
        Json.object()
            .put("vendor", view.vendor())
            .put("bundle", view.name())
            .put("version", view.version())
            .put("state", view.state());
    ArrayNode profiles = node.putArray("profiles");
    factories.find(view.vendor()).ifPresent(factory -> names(factory).forEach(profiles::add));
    return node;
  }
}
