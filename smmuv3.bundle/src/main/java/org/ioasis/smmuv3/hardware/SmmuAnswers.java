package org.ioasis.smmuv3.hardware;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.inspect.CommandReplay;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.inspect.RowNumbers;
import org.ioasis.smmuv3.format.EventType;

/**
 * The dialect of SMMUv3 captures and vectors.
 *
 * <p>Events are named, with and without the prefix {@value #PREFIX}. Vectors are compared by class,
 * address, event and record. Where a step has {@value #SPECIFIED}, the recorded words are known to
 * deviate: then words 0 and 2 of either are compared. {@code blocked}, {@code suppressed} and
 * {@code abort} are one class.
 *
 * <p><b>Threading:</b> stateless.
 */
final class SmmuAnswers implements AnswerFormat {
  private static final String PREFIX = "SMMU_EVT_";
  private static final String SPECIFIED = "spec_words";

  @Override
  public String faultName(int code) {
    EventType type = EventType.of(code);
    return type == null ? String.format(Locale.ROOT, "event 0x%02x", code) : type.name();
  }

  @Override
  public String faultMeaning(int code) {
    EventType type = EventType.of(code);
    if (type != null) {
      return type.meaning;
    }
    return code == 0 ? "blocked by configuration" : "no event of the specification";
  }

  @Override
  public Optional<Profile> configuration(String name) {
    return SmmuProfiles.configuration(name);
  }

  @Override
  public Bench bench(Mmio mmio, PhysicalMemory memory) {
    return new SmmuBench(mmio, memory);
  }

  @Override
  public Optional<CommandReplay> commandReplay(Mmio mmio, PhysicalMemory memory) {
    return Optional.of(new SmmuCommandReplay(mmio, memory));
  }

  @Override
  public boolean agreesWithCapture(Row row, Answer ours, Row unit) {
    Optional<Long> address = RowNumbers.number(row, "pa");
    if (address.isPresent()) {
      return ours.kind() == Answer.Kind.OK && ours.address() == address.get();
    }
    Optional<String> fault = row.asText("fault");
    if (fault.isPresent()) {
      boolean faulted = ours.kind() == Answer.Kind.FAULT || ours.kind() == Answer.Kind.STALLED;
      return faulted && plain(fault.get()).equals(faultName(ours.faultCode()));
    }
    boolean passed =
        ours.kind() == Answer.Kind.OK
            && RowNumbers.number(row, "iova").filter(iova -> iova == ours.address()).isPresent();
    return passed || ours.kind() == Answer.Kind.BLOCKED;
  }

  private static String plain(String event) {
    return event.startsWith(PREFIX) ? event.substring(PREFIX.length()) : event;
  }

  @Override
  public boolean agreesWithVector(Row step, Row ours) {
    Row theirs = only(step);
    String wanted = plainClass(theirs);
    if (!wanted.equals(plainClass(ours))) {
      return false;
    }
    return switch (wanted) {
      case SmmuBench.OK -> {
        Optional<Long> address = RowNumbers.number(theirs, "pa");
        yield address.isPresent() && address.equals(RowNumbers.number(ours, "pa"));
      }
      case SmmuBench.FAULT ->
          plain(theirs.asText("event").orElse("")).equals(ours.asText("event").orElse(""))
              && sameRecords(step, records(theirs), records(ours));
      default -> true;
    };
  }

  private static boolean sameRecords(Row step, List<List<Long>> theirs, List<List<Long>> ours) {
    if (theirs.isEmpty()) {
      return true;
    }
    if (theirs.size() != ours.size()) {
      return false;
    }
    List<Long> specified = RowNumbers.words(step, SPECIFIED);
    for (int i = 0; i < theirs.size(); i++) {
      boolean same =
          specified.isEmpty()
              ? theirs.get(i).equals(ours.get(i))
              : sameEvenWords(theirs.get(i), ours.get(i)) || sameEvenWords(specified, ours.get(i));
      if (!same) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameEvenWords(List<Long> theirs, List<Long> ours) {
    return theirs.size() == ours.size()
        && theirs.get(0).equals(ours.get(0))
        && theirs.get(2).equals(ours.get(2));
  }

  /** The words of each record: rows with a cell {@code words}. */
  private static List<List<Long>> records(Row out) {
    Row.Cell cell = out.cells().get("events");
    if (cell == null || !(cell.value() instanceof List<?> rows)) {
      return List.of();
    }
    return rows.stream()
        .filter(Row.class::isInstance)
        .map(row -> RowNumbers.words((Row) row, "words"))
        .toList();
  }

  private static Row only(Row step) {
    Row.Cell out = step.cells().get("out");
    if (out != null && out.value() instanceof List<?> rows && rows.get(0) instanceof Row row) {
      return row;
    }
    return new Row();
  }

  private static String plainClass(Row out) {
    String name = out.asText("class").orElse("");
    return switch (name) {
      case "blocked", "suppressed", "abort" -> SmmuBench.ABORT;
      default -> name;
    };
  }
}
