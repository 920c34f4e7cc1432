package org.ioasis.amdvi.hardware;

import java.util.List;
import java.util.Optional;
import org.ioasis.amdvi.format.AddressMap;
import org.ioasis.amdvi.format.Event;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.inspect.RowNumbers;

/**
 * The dialect of AMD-Vi captures and vectors.
 *
 * <p>Captures give the first address of the leaf page, whatever its size, and do not say whether
 * the rights allowed the access. Vectors are compared by class, address, and the code of the last
 * event; STATUS keeps what happened, so that a deviation lasts.
 *
 * <p><b>Threading:</b> stateless.
 */
final class AmdviAnswers implements AnswerFormat {
  @Override
  public String faultName(int code) {
    return FaultWords.name(code);
  }

  @Override
  public String faultMeaning(int code) {
    return FaultWords.meaning(code);
  }

  @Override
  public Optional<Profile> configuration(String name) {
    return AmdviProfiles.configuration(name);
  }

  @Override
  public Bench bench(Mmio mmio, PhysicalMemory memory) {
    return new AmdviBench(mmio, memory);
  }

  /** Rows that did not look at the rights give the page to both directions. */
  @Override
  public boolean directionMatters(Row row) {
    Row.Cell checked = row.cells().get("access_checked");
    return !row.has("pa") || checked == null || !Boolean.FALSE.equals(checked.value());
  }

  @Override
  public boolean agreesWithCapture(Row row, Answer ours, Row unit) {
    Optional<Long> address = RowNumbers.number(row, "pa");
    Optional<Long> iova = RowNumbers.number(row, "iova");
    if (address.isPresent()) {
      return ours.kind() == Answer.Kind.OK && isBase(address.get(), ours, iova.orElse(0L));
    }
    if (row.has("fault")) {
      return ours.kind() == Answer.Kind.FAULT;
    }
    boolean passed =
        ours.kind() == Answer.Kind.OK && iova.filter(at -> at == ours.address()).isPresent();
    return passed || ours.kind() == Answer.Kind.BLOCKED;
  }

  /**
   * Whether an address is the first of our page. Our pages end at the interrupt window; then any
   * larger one around it will do.
   */
  private static boolean isBase(long address, Answer ours, long iova) {
    if (address == ours.pageBase()) {
      return true;
    }
    boolean cut = false;
    for (int lg2 = ours.pageLg2() + 1; lg2 < 52 && !cut; lg2++) {
      cut = AddressMap.touchesInterrupt(iova, lg2) && address == (ours.address() & -(1L << lg2));
    }
    return cut;
  }

  @Override
  public boolean agreesWithVector(Row step, Row ours) {
    Row theirs = only(step);
    String wanted = plainClass(theirs);
    if (!wanted.equals(plainClass(ours))) {
      return false;
    }
    return switch (wanted) {
      case AmdviBench.OK -> {
        Optional<Long> address = RowNumbers.number(theirs, "pa");
        yield address.isPresent() && address.equals(RowNumbers.number(ours, "pa"));
      }
      case AmdviBench.FAULT -> lastCode(theirs) == lastCode(ours);
      default -> true;
    };
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
      case "suppressed", "abort" -> AmdviBench.BLOCKED;
      default -> name;
    };
  }

  /** The code of the last event, 0 if there is none. */
  private static int lastCode(Row out) {
    Row.Cell events = out.cells().get("events");
    if (events == null || !(events.value() instanceof List<?> rows) || rows.isEmpty()) {
      return 0;
    }
    List<Long> words =
        rows.get(rows.size() - 1) instanceof Row row
            ? RowNumbers.words(row, AmdviBench.WORDS)
            : List.of();
    return words.isEmpty() ? 0 : Event.code(words.get(0));
  }

  @Override
  public boolean deviationsLast() {
    return true;
  }
}
