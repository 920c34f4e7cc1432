package org.ioasis.domain.command;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.ioasis.api.Handle;
import org.ioasis.api.device.DeviceView;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.inspect.Row;
import org.ioasis.domain.Core;
import org.ioasis.domain.Foundations;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.device.DeviceCore;
import org.ioasis.domain.hwpt.DomainCore;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.unit.UnitHost;

/**
 * {@code spaces}, {@code domains}, {@code devices}, {@code drivers} and {@code swap}.
 *
 * <p><b>Threading:</b> any thread.
 */
public final class DomainCommands {
  private final Core core;
  private final Foundations foundations;

  /** Over these services. */
  public DomainCommands(Core core, Foundations foundations) {
    this.core = core;
    this.foundations = foundations;
  }

  /** The commands by name. */
  public Map<String, NamedCommand> all() {
    Map<String, NamedCommand> all = new LinkedHashMap<>();
    all.put("spaces", list("List address spaces and what they map", "spaces", this::spaces));
    all.put("domains", list("List domains: units, flags, attachments", "domains", this::domains));
    all.put(
        "devices", list("List devices: owner, unit, what is attached", "devices", this::devices));
    all.put("drivers", list("List units and the state of their drivers", "drivers", this::drivers));
    all.put("swap", new SwapCommand(core.swapService()));
    return all;
  }

  private static NamedCommand list(String summary, String name, Supplier<List<Row>> rows) {
    return new NamedCommand(summary, name + " [--json]") {
      @Override
      Answer answer(List<String> words) {
        return words.isEmpty() ? Answer.of(rows.get()) : null;
      }
    };
  }

  private String owner(Handle<?> handle) {
    Client owner = foundations.objects().owner(handle);
    return owner.name();
  }

  private List<Row> spaces() {
    List<Row> rows = new ArrayList<>();
    for (Space space : foundations.objects().all(Space.class)) {
      long domains =
          core.parts().domains().all().stream().filter(d -> d.plan().space() == space).count();
      rows.add(
          new Row()
              .number("id", space.handle().id())
              .text("name", space.spec().name())
              .text("owner", owner(space.handle()))
              .number("mappings", space.mappingCount())
              .hex("alignment", space.limits().alignment())
              .number("domains", domains));
    }
    return rows;
  }

  private List<Row> domains() {
    List<Row> rows = new ArrayList<>();
    for (DomainCore domain : core.parts().domains().all()) {
      Row row =
          new Row()
              .number("id", domain.handle().id())
              .text("type", domain.type().name())
              .text("unit", domain.unitId());
      if (domain.space() == null) {
        row.nothing("space");
      } else {
        row.number("space", domain.space().id());
      }
      rows.add(
          row.text("flags", words(domain.flags()))
              .flag("automatic", domain.automatic())
              .flag("lost", domain.isLost())
              .text("attached", words(domain.attachments())));
    }
    return rows;
  }

  private static String words(java.util.Collection<?> things) {
    return things.isEmpty()
        ? "-"
        : String.join(",", things.stream().map(Object::toString).sorted().toList());
  }

  private List<Row> devices() {
    List<Row> rows = new ArrayList<>();
    for (DeviceCore device : core.parts().devices().all()) {
      DeviceView view = device;
      Row row =
          new Row().text("name", view.endpoint().name()).hex("source", view.endpoint().sourceId());
      view.unitId().ifPresentOrElse(u -> row.text("unit", u), () -> row.nothing("unit"));
      view.owner().ifPresentOrElse(o -> row.text("owner", o), () -> row.nothing("owner"));
      rows.add(
          row.text("port", device.gate().isOpen() ? "open" : words(device.gate().reasons()))
              .text("attached", words(core.parts().mover().attachedAt(device)))
              .flag("coherent", view.coherence().coherent())
              .number("blocked", device.gate().blockedCount()));
    }
    return rows;
  }

  private List<Row> drivers() {
    List<Row> rows = new ArrayList<>();
    for (UnitHost host : core.parts().hosts().hosts()) {
      Map<String, Long> counters = host.counters();
      rows.add(
          new Row()
              .text("unit", host.unitId())
              .text("kind", host.kind())
              .text("driver", host.state().name())
              .number("frames", host.framesHeld() >>> 12)
              .number("starts", counters.get("driver.starts"))
              .number("adoptions", counters.get("driver.adoptions"))
              .number("failures", counters.get("driver.failures"))
              .number("faults", counters.get("faults.unrecoverable")));
    }
    return rows;
  }

  /** The rows of a report: one of the whole, then one per device. */
  static List<Row> rows(SwapReport report) {
    List<Row> rows = new ArrayList<>();
    for (SwapReport.DeviceSwap device : report.devices()) {
      rows.add(
          new Row()
              .text("device", device.device())
              .number("blackoutNanos", device.blackoutNanos())
              .flag("quarantined", device.quarantined()));
    }
    SwapRequest request = report.request();
    return List.of(
        new Row()
            .text("old", request.oldUnit())
            .text("new", request.newUnit())
            .text("order", request.order().name())
            .flag("performed", report.performed())
            .number("mappings", report.mappings())
            .number("blocked", report.dmaBlocked())
            .number("faultsCarried", report.faultsCarried())
            .number("faultsClosed", report.faultsClosed())
            .number("stallsMoved", report.stallsMoved())
            .number("interruptsReplayed", report.interruptsReplayed())
            .number("framesBefore", report.framesBefore() >>> 12)
            .number("framesAfter", report.framesAfter() >>> 12)
            .rows("devices", rows)
            .rows(
                "objections",
                report.objections().stream()
                    .map(
                        o ->
                            new Row()
                                .text("what", o.what())
                                .text("reason", o.reason().name())
                                .text("message", o.message()))
                    .toList())
            .text("formatsLost", words(report.formatsLost())));
  }
}
