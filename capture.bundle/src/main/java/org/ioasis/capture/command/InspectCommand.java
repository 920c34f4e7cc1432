package org.ioasis.capture.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.inspect.Inspector;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.inspect.RowSink;
import org.ioasis.capture.file.CapturedMachine;
import org.ioasis.capture.file.Json;
import org.ioasis.capture.file.Numbers;
import org.ioasis.capture.replay.Laboratory;
import org.ioasis.capture.replay.Replica;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import picocli.CommandLine;

/** {@code inspect}: what registers and structures say. */
@Component(
    service = Command.class,
    property = {
      Command.NAME + "=inspect",
      Command.SUMMARY + "=List unit, devices, domains or mappings of a capture or a dump"
    })
public final class InspectCommand extends Tool<InspectCommand.Options> {
  /** More rows than a machine with every page mapped once for a few devices has. */
  static final String LIMIT = "10000000";

  private final Laboratory laboratory;

  /** Made by the component runtime. */
  @Activate
  public InspectCommand(@Reference Laboratory laboratory) {
    this.laboratory = laboratory;
  }

  /** What the command understands. */
  @CommandLine.Command(
      name = "inspect",
      sortOptions = false,
      description = "Lists the unit, its devices and domains, or every mapping.")
  static final class Options extends Help {
    @CommandLine.Parameters(paramLabel = "DIR", description = "A capture folder or a dump.")
    String place;

    @CommandLine.Option(names = "--mappings", description = "Streams every mapping as JSON lines.")
    boolean mappings;

    @CommandLine.Option(
        names = "--device",
        paramLabel = "BB:DD.F",
        description = "Only this device; also SSSS:BB:DD.F or 0xSID.")
    String device;

    @CommandLine.Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = LIMIT,
        description = "Most rows of one list. Default: ${DEFAULT-VALUE}.")
    long limit;

    @CommandLine.Option(names = "--json", description = "One JSON object instead of text.")
    boolean json;

    @CommandLine.Mixin SourceOptions source = new SourceOptions();
  }

  @Override
  Options options() {
    return new Options();
  }

  @Override
  int run(CommandContext context, Options options) {
    if (options.limit < 1) {
      throw new IoasisException(
          Reason.INVALID, "--limit %d: at least 1 row".formatted(options.limit));
    }
    int source = options.device == null ? Inspector.ALL_SOURCES : Numbers.device(options.device);
    try (CapturedMachine captured = options.source.open(context, laboratory, options.place);
        Replica replica = Replica.restore(laboratory, captured, Remarks.of(context, captured))) {
      Inspector inspector = replica.unit().inspector();
      if (options.device != null) {
        checkDevice(inspector, source, options.device);
      }
      if (options.mappings) {
        mappings(context, inspector, source, options.limit);
      } else if (options.json) {
        json(context, inspector, source, options.limit);
      } else {
        text(context, inspector, source, options.limit);
      }
    }
    return SUCCESS;
  }

  private static void checkDevice(Inspector inspector, int source, String typed) {
    boolean[] found = new boolean[1];
    inspector.devices(
        row -> {
          found[0] = row.asLong("sid").orElse(-1L) == Integer.toUnsignedLong(source);
          return !found[0];
        });
    if (!found[0]) {
      throw new IoasisException(
          Reason.NOT_FOUND,
          "the structures configure no device %s; inspect without --device lists them"
              .formatted(typed));
    }
  }

  private static void mappings(
      CommandContext context, Inspector inspector, int source, long limit) {
    Progress progress = Progress.of(context, "mappings");
    PrintStream out = context.out();
    try {
      inspector.mappings(
          source,
          limited(
              context,
              limit,
              row -> {
                out.print(Json.line(Json.object(row, Json.Hex.PREFIXED)) + "\n");
                progress.run();
                return true;
              }));
    } finally {
      progress.end();
    }
  }

  private static void text(CommandContext context, Inspector inspector, int source, long limit) {
    PrintStream out = context.out();
    out.print("unit\n  " + inspector.unit() + "\ndevices\n");
    RowSink print =
        row -> {
          out.print("  " + row + "\n");
          return true;
        };
    inspector.devices(limited(context, limit, only(source, print)));
    out.print("domains\n");
    inspector.domains(limited(context, limit, print));
  }

  private static void json(CommandContext context, Inspector inspector, int source, long limit) {
    ObjectNode object = Json.object();
    object.set("unit", Json.object(inspector.unit(), Json.Hex.PREFIXED));
    List<Row> devices = new ArrayList<>();
    inspector.devices(limited(context, limit, only(source, devices::add)));
    list(object.putArray("devices"), devices);
    List<Row> domains = new ArrayList<>();
    inspector.domains(limited(context, limit, domains::add));
    list(object.putArray("domains"), domains);
    context.out().print(object.toPrettyString() + "\n");
  }

  private static void list(ArrayNode array, List<Row> rows) {
    rows.forEach(row -> array.add(Json.object(row, Json.Hex.PREFIXED)));
  }

  private static RowSink only(int source, RowSink sink) {
    return source == Inspector.ALL_SOURCES
        ? sink
        : row -> row.asLong("sid").orElse(-1L) != Integer.toUnsignedLong(source) || sink.row(row);
  }

  /** Passes rows on until there are too many, and says so. */
  private static RowSink limited(CommandContext context, long limit, RowSink sink) {
    long[] count = new long[1];
    return row -> {
      if (count[0]++ == limit) {
        context.err().println("stopped after %d rows; --limit N allows more".formatted(limit));
        return false;
      }
      return sink.row(row);
    };
  }
}
