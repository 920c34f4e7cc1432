package org.ioasis.allocator;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.ioasis.allocator.core.Client;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.command.CommandContext;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.ioasid.IoasidHolder;
import org.ioasis.api.ioasid.IoasidInfo;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetInfo;

/**
 * {@code ioasid}: what there is, who holds it, and the two changes an operator makes.
 *
 * <p><b>Threading:</b> any thread.
 */
final class IoasidCommand implements Command {
  static final String SUMMARY = "List and change IOASIDs: sets, ids, holders, leaks, adjust, free";
  private static final String USAGE =
      "usage: ioasid sets | ids [SET] | holders [ID] | leaks | adjust SET QUOTA | free ID [--json]";

  private final Client client;

  IoasidCommand(Client client) {
    this.client = client;
  }

  @Override
  public int run(CommandContext context, List<String> arguments) {
    List<String> words = new ArrayList<>(arguments);
    boolean json = words.remove("--json");
    String verb = words.isEmpty() ? "" : words.remove(0);
    List<Row> rows;
    switch (verb + " " + words.size()) {
      case "sets 0" -> rows = client.sets().stream().map(IoasidCommand::row).toList();
      case "ids 0" -> rows = ids(set -> true);
      case "ids 1" -> {
        int sid = number(words.get(0));
        client.setByNumber(sid);
        rows = ids(set -> set.sid() == sid);
      }
      case "holders 0" -> rows = holders(holder -> true);
      case "holders 1" -> {
        Pasid id = id(words.get(0));
        rows = holders(holder -> holder.id().equals(id));
      }
      case "leaks 0" -> rows = holders(this::isLeak);
      case "adjust 2" -> {
        client.setByNumber(number(words.get(0))).adjust(number(words.get(1)));
        return SUCCESS;
      }
      case "free 1" -> {
        return free(id(words.get(0)));
      }
      default -> {
        context.err().println(USAGE);
        return BROKEN;
      }
    }
    if (json) {
      RowWriter.json(context.out(), rows);
    } else {
      RowWriter.table(context.out(), rows);
    }
    return verb.equals("leaks") && !rows.isEmpty() ? NO : SUCCESS;
  }

  private int free(Pasid id) {
    int sid =
        client
            .findSet(id)
            .orElseThrow(() -> new IoasisException(Reason.NOT_FOUND, id + " refused: it is free"));
    client.setByNumber(sid).free(id);
    return SUCCESS;
  }

  /** A lease is a leak when its id has been freed and cannot be used again because of it. */
  private boolean isLeak(IoasidHolder holder) {
    return client.setByNumber(holder.sid()).stateOf(holder.id()) == IoasidState.FREE_PENDING;
  }

  private List<Row> ids(Predicate<SetInfo> of) {
    List<Row> rows = new ArrayList<>();
    for (SetInfo set : client.sets()) {
      if (of.test(set)) {
        client.setByNumber(set.sid()).snapshot().forEach(info -> rows.add(row(set, info)));
      }
    }
    return rows;
  }

  private List<Row> holders(Predicate<IoasidHolder> which) {
    return client.holders().stream()
        .filter(which)
        .map(
            h ->
                new Row()
                    .hex("id", h.id().value())
                    .number("set", h.sid())
                    .text("holder", h.holder())
                    .text("bundle", h.bundle())
                    .number("sinceMillis", h.sinceNanos() / 1_000_000)
                    .text("where", h.where().isEmpty() ? "-" : h.where().get(0)))
        .toList();
  }

  private static Row row(SetInfo set) {
    Row row = new Row().number("set", set.sid()).text("token", set.token().toString());
    set.parent().ifPresentOrElse(p -> row.number("parent", p), () -> row.nothing("parent"));
    return row.text("state", set.state().name())
        .number("quota", set.quota())
        .number("inUse", set.inUse())
        .number("children", set.childQuota());
  }

  private static Row row(SetInfo set, IoasidInfo info) {
    Row row = new Row().hex("id", info.id().value()).number("set", set.sid());
    info.guestId().ifPresentOrElse(g -> row.hex("guest", g), () -> row.nothing("guest"));
    return row.text("state", info.state().name())
        .number("leases", info.leases())
        .number("bindings", info.bindings());
  }

  private static Pasid id(String word) {
    int id = number(word);
    if (id < 0 || id >= 1 << Pasid.MAX_BITS) {
      throw new IoasisException(Reason.INVALID, word + " refused: an id is 0 to 0xfffff");
    }
    return new Pasid(id);
  }

  private static int number(String word) {
    try {
      return Integer.decode(word);
    } catch (NumberFormatException e) {
      throw new IoasisException(Reason.INVALID, word + " refused: it is not a number", e);
    }
  }
}
