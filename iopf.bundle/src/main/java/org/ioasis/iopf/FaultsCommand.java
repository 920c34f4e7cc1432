package org.ioasis.iopf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.explain.Explainer;
import org.ioasis.api.explain.Explanation;
import org.ioasis.api.explain.Step;
import org.ioasis.api.fault.FaultReport;
import org.ioasis.api.fault.Route;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.iopf.core.Client;
import org.ioasis.iopf.core.OpenGroup;
import org.ioasis.iopf.core.QueueInfo;

/**
 * {@code faults}: where faults go, what is open, what was counted, the users' queues, the last
 * faults that nobody could mend, and why they happened.
 *
 * <p><b>Threading:</b> any thread.
 */
final class FaultsCommand implements Command {
  static final String SUMMARY =
      "Show page faults: routes, groups, counters, queues, reports; explain one";
  private static final String USAGE =
      "usage: faults routes | groups | counters | queues | reports | explain NUMBER  [--json]";

  /** Finds the explainer of a unit. */
  @FunctionalInterface
  interface Explainers {
    /** Empty if the unit is not there. */
    Optional<Explainer> of(String unitId);
  }

  private final Client client;
  private final Explainers explainers;

  FaultsCommand(Client client, Explainers explainers) {
    this.client = client;
    this.explainers = explainers;
  }

  @Override
  public int run(CommandContext context, List<String> arguments) {
    List<String> words = new ArrayList<>(arguments);
    boolean json = words.remove("--json");
    List<Row> rows;
    switch (String.join(" ", words)) {
      case "routes" -> rows = client.routes().routes().stream().map(FaultsCommand::row).toList();
      case "groups" -> rows = client.openGroups().stream().map(FaultsCommand::row).toList();
      case "counters" -> rows = counters();
      case "queues" -> rows = client.queues().stream().map(FaultsCommand::row).toList();
      case "reports" -> rows = reports();
      default -> {
        if (words.size() != 2 || !words.get(0).equals("explain")) {
          context.err().println(USAGE);
          return BROKEN;
        }
        rows = explain(words.get(1));
      }
    }
    if (json) {
      RowWriter.json(context.out(), rows);
    } else {
      RowWriter.table(context.out(), rows);
    }
    return SUCCESS;
  }

  private static Row row(Route route) {
    Row row = new Row().hex("source", route.key().sourceId());
    pasid(row, route.key().pasid());
    row.hex("label", route.label())
        .number("device", route.device().id())
        .number("domain", route.domain().id());
    if (route.queue() == null) {
      row.nothing("queue");
    } else {
      row.number("queue", route.queue().id());
    }
    return row.flag("everyPasid", route.everyPasid())
        .number("timeoutMicros", route.timeoutNanos() / 1000)
        .number("version", route.version());
  }

  private static Row row(OpenGroup group) {
    return new Row()
        .text("unit", group.unitId())
        .text("place", group.place())
        .hex("label", group.label())
        .number("domain", group.domain())
        .number("cookie", group.cookie())
        .text("with", group.where())
        .text(
            "addresses",
            group.faults().stream()
                .map(fault -> "0x" + Long.toHexString(fault.address()))
                .collect(Collectors.joining(" ")))
        .number("waitedMicros", group.waitedNanos() / 1000)
        .number("leftMicros", group.leftNanos() / 1000);
  }

  private static Row row(QueueInfo queue) {
    return new Row()
        .number("queue", queue.id())
        .number("bundle", queue.owner())
        .number("capacity", queue.capacity())
        .number("unread", queue.unread())
        .number("unanswered", queue.unanswered())
        .number("overflows", queue.overflows());
  }

  private List<Row> counters() {
    return client.counters().entrySet().stream()
        .map(one -> new Row().text("counter", one.getKey()).number("value", one.getValue()))
        .toList();
  }

  private List<Row> reports() {
    List<Row> rows = new ArrayList<>();
    int number = 0;
    for (FaultReport report : client.reports()) {
      UnrecoverableFault fault = report.fault();
      Row row = new Row().number("number", ++number);
      row.text("unit", report.unitId().isEmpty() ? "-" : report.unitId());
      row.hex("source", Integer.toUnsignedLong(fault.sourceId()));
      pasid(row, fault.pasid());
      row.hex("label", report.label());
      report
          .domain()
          .map(Handle::id)
          .ifPresentOrElse(id -> row.number("domain", id), () -> row.nothing("domain"));
      rows.add(
          row.hex("address", fault.address())
              .text("meaning", report.meaning())
              .number("repeats", fault.repeats())
              .number("suppressed", report.suppressed()));
    }
    return rows;
  }

  /** Asks the unit's explainer what the same request would meet now. */
  private List<Row> explain(String word) {
    List<FaultReport> reports = client.reports();
    int number = number(word);
    if (number < 1 || number > reports.size()) {
      throw new IoasisException(
          Reason.NOT_FOUND,
          "report %s refused: there is none; faults reports lists them".formatted(word));
    }
    FaultReport report = reports.get(number - 1);
    Explainer explainer =
        explainers
            .of(report.unitId())
            .orElseThrow(
                () ->
                    new IoasisException(
                        Reason.GONE,
                        "report %d refused: unit %s is not there to explain it"
                            .formatted(number, report.unitId())));
    UnrecoverableFault fault = report.fault();
    int access = fault.access() == 0 ? DmaRequest.READ : fault.access();
    Explanation told =
        explainer.explain(
            new DmaRequest()
                .set(fault.sourceId(), fault.pasid(), fault.address(), 1, access)
                .privileged(fault.privileged()));
    return story(report, told);
  }

  private static List<Row> story(FaultReport report, Explanation told) {
    List<Row> rows = new ArrayList<>();
    rows.add(line("recorded", report.meaning()));
    for (Step step : told.steps()) {
      rows.add(line("step", text(step)));
    }
    rows.add(line("check", told.check()));
    rows.add(line("now", text(told.result())));
    if (!told.meaning().isEmpty()) {
      rows.add(line("meaning", told.meaning()));
    }
    if (!told.stale().isEmpty()) {
      rows.add(line("stale", told.stale()));
    }
    return rows;
  }

  private static String text(Step step) {
    String fields =
        step.fields().stream()
            .map(field -> field.name() + "=" + field.value())
            .collect(Collectors.joining(" "));
    return "%s at 0x%x: %s".formatted(step.name(), step.address(), fields);
  }

  private static String text(Answer answer) {
    String text = answer.kind().toString();
    if (answer.kind() == Answer.Kind.OK) {
      return text + " 0x" + Long.toHexString(answer.address());
    }
    return answer.faultCode() == 0 ? text : text + " 0x" + Integer.toHexString(answer.faultCode());
  }

  private static Row line(String what, String text) {
    return new Row().text("what", what).text("text", text);
  }

  private static void pasid(Row row, int pasid) {
    if (pasid == DmaRequest.NO_PASID) {
      row.nothing("pasid");
    } else {
      row.hex("pasid", pasid);
    }
  }

  private static int number(String word) {
    try {
      return Integer.decode(word);
    } catch (NumberFormatException e) {
      throw new IoasisException(Reason.INVALID, word + " refused: it is not a number", e);
    }
  }
}
