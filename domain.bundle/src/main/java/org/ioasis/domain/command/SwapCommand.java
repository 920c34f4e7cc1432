package org.ioasis.domain.command;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.command.Command;
import org.ioasis.api.domain.SwapObjection;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.domain.SwapService;

/**
 * {@code swap OLD NEW}: exchanges a unit and prints what it did; exits with {@link Command#NO} if
 * something stood against it.
 *
 * <p><b>Threading:</b> any thread.
 */
final class SwapCommand extends NamedCommand {
  private static final String USAGE =
      "swap OLD NEW [--dry-run] [--order make|break] [--formats refuse|quarantine] [--json]";

  private final SwapService swaps;

  SwapCommand(SwapService swaps) {
    super("Exchange a unit, or with the same name twice its driver, under load", USAGE);
    this.swaps = swaps;
  }

  @Override
  Answer answer(List<String> words) {
    List<String> rest = new ArrayList<>(words);
    boolean dry = rest.remove("--dry-run");
    String order = option(rest, "--order", "make");
    String formats = option(rest, "--formats", "refuse");
    if (rest.size() != 2 || rest.stream().anyMatch(word -> word.startsWith("-"))) {
      return null;
    }
    SwapRequest request =
        new SwapRequest(
            rest.get(0),
            rest.get(1),
            choose(
                order,
                "make",
                SwapRequest.Order.MAKE_BEFORE_BREAK,
                "break",
                SwapRequest.Order.BREAK_BEFORE_MAKE),
            choose(
                formats,
                "refuse",
                SwapRequest.Formats.REFUSE,
                "quarantine",
                SwapRequest.Formats.QUARANTINE));
    SwapReport report = dry ? swaps.dryRun(request) : swaps.swap(request);
    boolean fits = report.objections().isEmpty();
    return new Answer(
        DomainCommands.rows(report), remarks(report), fits ? Command.SUCCESS : Command.NO);
  }

  private static String option(List<String> words, String name, String otherwise) {
    int at = words.indexOf(name);
    if (at < 0 || at + 1 >= words.size()) {
      return otherwise;
    }
    words.remove(at);
    return words.remove(at).toLowerCase(Locale.ROOT);
  }

  private static <T> T choose(String word, String first, T one, String second, T two) {
    if (word.equals(first)) {
      return one;
    }
    if (word.equals(second)) {
      return two;
    }
    throw new IoasisException(
        Reason.INVALID, "swap refused: %s is neither %s nor %s".formatted(word, first, second));
  }

  private static List<String> remarks(SwapReport report) {
    List<String> remarks = new ArrayList<>();
    for (SwapObjection objection : report.objections()) {
      remarks.add(
          "%s: %s: %s".formatted(objection.what(), objection.reason(), objection.message()));
    }
    for (SwapReport.DeviceSwap device : report.devices()) {
      remarks.add(
          "%s: blackout %d ns%s"
              .formatted(
                  device.device(),
                  device.blackoutNanos(),
                  device.quarantined() ? ", in quarantine" : ""));
    }
    return remarks;
  }
}
