package org.ioasis.vtd.hardware;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.inspect.CommandReplay;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.inspect.RowNumbers;
import org.ioasis.vtd.format.FaultReason;
import org.ioasis.vtd.format.InterruptEntry;

/**
 * The dialect of VT-d captures and vectors.
 *
 * <p>Captures give fault reasons in decimal and, in scalable mode's second stage, the legacy
 * reasons 5 (write) and 6 (read) where the specification has 79h, 85h and 86h; such a row agrees
 * with the specification's reason for it. Vectors are compared by class, address, reason, record
 * and FSTS; {@code blocked}, {@code suppressed} and {@code abort} are one class.
 *
 * <p><b>Threading:</b> stateless.
 */
final class VtdAnswers implements AnswerFormat {
  @Override
  public String faultName(int code) {
    return FaultReason.of(code)
        .map(reason -> reason.label)
        .orElseGet(() -> String.format(Locale.ROOT, "reason %02Xh", code));
  }

  @Override
  public String faultMeaning(int code) {
    return FaultReason.of(code)
        .map(reason -> reason.meaning)
        .orElse(code == 0 ? "blocked by configuration" : "no reason of the specification");
  }

  @Override
  public Optional<Profile> configuration(String name) {
    return VtdProfiles.configuration(name);
  }

  @Override
  public Bench bench(Mmio mmio, PhysicalMemory memory) {
    return new VtdBench(mmio);
  }

  @Override
  public Optional<CommandReplay> commandReplay(Mmio mmio, PhysicalMemory memory) {
    return Optional.of(new VtdCommandReplay(mmio, memory));
  }

  @Override
  public boolean agreesWithCapture(Row row, Answer ours, Row unit) {
    Optional<Long> address = RowNumbers.number(row, "pa");
    if (address.isPresent()) {
      return ours.kind() == Answer.Kind.OK && ours.address() == address.get();
    }
    Optional<Long> fault = row.asLong("fault");
    if (fault.isPresent()) {
      return ours.kind() == Answer.Kind.FAULT
          && sameReason((int) (long) fault.get(), ours.faultCode());
    }
    boolean passed =
        ours.kind() == Answer.Kind.OK
            && RowNumbers.number(row, "iova").filter(iova -> iova == ours.address()).isPresent();
    return passed || ours.kind() == Answer.Kind.BLOCKED;
  }

  /** Rows call bits 127:64 of the entry {@code irte_lo}; a range of buses gives its first one. */
  @Override
  public OptionalInt interruptSource(Row row) {
    Optional<Long> upper = RowNumbers.number(row, "irte_lo");
    if (upper.isEmpty()) {
      return OptionalInt.empty();
    }
    int id = (int) InterruptEntry.SID.get(upper.get());
    boolean buses = InterruptEntry.SVT.get(upper.get()) == InterruptEntry.SVT_BUS;
    return OptionalInt.of(buses ? id & 0xFF00 : id);
  }

  private static boolean sameReason(int theirs, int ours) {
    if (theirs == ours) {
      return true;
    }
    if (theirs == FaultReason.LGN_2.code) {
      return ours == FaultReason.SSS_2.code || ours == FaultReason.SGN_6.code;
    }
    return theirs == FaultReason.LGN_3.code
        && (ours == FaultReason.SSS_2.code || ours == FaultReason.SGN_7.code);
  }

  @Override
  public boolean agreesWithVector(Row step, Row ours) {
    Row theirs = only(step);
    String wanted = plainClass(theirs);
    if (!wanted.equals(plainClass(ours))) {
      return false;
    }
    return switch (wanted) {
      case VtdBench.OK -> same(theirs, ours, "pa");
      case VtdBench.FAULT ->
          same(theirs, ours, "reason")
              && (!theirs.has("frcd")
                  || RowNumbers.words(theirs, "frcd").equals(RowNumbers.words(ours, "frcd")))
              && (!theirs.has("fsts") || same(theirs, ours, "fsts"));
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
      case "blocked", "suppressed", "abort" -> VtdBench.SUPPRESSED;
      default -> name;
    };
  }

  private static boolean same(Row theirs, Row ours, String key) {
    Optional<Long> wanted = RowNumbers.number(theirs, key);
    return wanted.isPresent() && wanted.equals(RowNumbers.number(ours, key));
  }
}
