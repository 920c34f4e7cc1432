package org.ioasis.capture.toy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.inspect.Answer;
import org.ioasis.api.inspect.AnswerFormat;
import org.ioasis.api.inspect.CommandReplay;
import org.ioasis.api.inspect.Row;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.machine.UnitEnvironment;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.api.state.RegisterDictionary;
import org.ioasis.api.state.RegisterValue;

/** A vendor that exists in tests alone. */
public final class ToyFactory implements HardwareFactory, AnswerFormat, RegisterDictionary {
  public static final String TOY = "toy";

  private final boolean deviationsLast;

  public ToyFactory() {
    this(false);
  }

  public ToyFactory(boolean deviationsLast) {
    this.deviationsLast = deviationsLast;
  }

  private static final List<Description> REGISTERS =
      List.of(
          new Description("ID", ToyUnit.ID, 4, true, false),
          new Description("ROOT", ToyUnit.ROOT, 8, false, true),
          new Description("CTRL", ToyUnit.CTRL, 4, false, true),
          new Description("STATUS", ToyUnit.STATUS, 4, false, false));

  @Override
  public String kind() {
    return TOY;
  }

  @Override
  public List<Profile> profiles() {
    return List.of(profile("default", 1, List.of()));
  }

  private static Profile profile(String name, long id, List<MemoryRegion> ram) {
    return new Profile(TOY, name, Map.of("ID", id), Map.of(), ram, 0x1000_0000L);
  }

  @Override
  public Profile profileOf(List<RegisterValue> registers, Consumer<String> remarks) {
    long id = 1;
    for (RegisterValue register : registers) {
      id = register.offset() == ToyUnit.ID ? register.value() : id;
    }
    if (id != 1) {
      remarks.accept("ID claims 0x%x, the toy does 1".formatted(id));
      remarks.accept("ID claims 0x%x, the toy does 1".formatted(id));
    }
    return profile("captured", id, List.of());
  }

  @Override
  public HardwareUnit create(UnitEnvironment environment, Profile profile) {
    return new ToyUnit(environment, profile);
  }

  @Override
  public int sourceIdBits() {
    return 16;
  }

  @Override
  public RegisterDictionary registers() {
    return this;
  }

  @Override
  public AnswerFormat answers() {
    return this;
  }

  @Override
  public List<Description> all() {
    return REGISTERS;
  }

  @Override
  public Optional<Description> find(String name) {
    return REGISTERS.stream().filter(register -> register.name().equalsIgnoreCase(name)).findAny();
  }

  @Override
  public String faultName(int code) {
    return "TOY." + code;
  }

  @Override
  public String faultMeaning(int code) {
    return "toy fault";
  }

  @Override
  public Optional<Profile> configuration(String name) {
    return name.equals("plain")
        ? Optional.of(profile(name, 1, List.of(MemoryRegion.ram(0, 1L << 30))))
        : Optional.empty();
  }

  @Override
  public Bench bench(Mmio mmio, PhysicalMemory memory) {
    return new Bench() {
      private Row outcome;

      @Override
      public void start() {
        mmio.write32(ToyUnit.STATUS, 0);
      }

      @Override
      public Answer answer(DmaRequest request, long translation) {
        if (Translation.isPresent(translation)) {
          long address = Translation.address(translation);
          outcome = new Row().text("class", "ok").hex("pa", address);
          return Answer.ok(address, 12, request.rights());
        }
        int status = mmio.read32(ToyUnit.STATUS);
        mmio.write32(ToyUnit.STATUS, 0);
        if (status == 0) {
          outcome = new Row().text("class", "suppressed");
          return Answer.blocked(request.faultCode());
        }
        outcome = new Row().text("class", "fault").hex("reason", status & 0x7F);
        return Answer.fault(status & 0x7F);
      }

      @Override
      public Row outcome() {
        return outcome;
      }
    };
  }

  @Override
  public boolean agreesWithCapture(Row row, Answer ours, Row unit) {
    if (row.has("pa")) {
      return ours.kind() == Answer.Kind.OK
          && row.asText("pa").orElseThrow().equals("0x" + Long.toHexString(ours.address()));
    }
    return row.has("fault")
        ? ours.kind() == Answer.Kind.FAULT && row.asLong("fault").orElseThrow() == ours.faultCode()
        : ours.kind() == Answer.Kind.BLOCKED;
  }

  @Override
  public boolean agreesWithVector(Row step, Row ours) {
    Row out = (Row) ((List<?>) step.cells().get("out").value()).get(0);
    String wanted = out.asText("class").orElseThrow();
    String got = ours.asText("class").orElseThrow();
    String key = wanted.equals("ok") ? "pa" : "reason";
    return switch (wanted) {
      case "ok", "fault" ->
          wanted.equals(got)
              && out.asText(key).map(text -> Long.parseLong(text, 16)).equals(ours.asLong(key));
      default -> got.equals("suppressed");
    };
  }

  @Override
  public boolean deviationsLast() {
    return deviationsLast;
  }

  @Override
  public Optional<CommandReplay> commandReplay(Mmio mmio, PhysicalMemory memory) {
    return Optional.of(
        new CommandReplay() {
          @Override
          public void accept(Row row) {
            long offset = Long.decode(row.asText("offset").orElseThrow());
            mmio.write64(offset, Long.decode(row.asText("value").orElseThrow()));
          }

          @Override
          public List<Check> finish(List<RegisterValue> registers) {
            long expected =
                registers.stream()
                    .filter(register -> register.offset() == ToyUnit.ROOT)
                    .findAny()
                    .orElseThrow()
                    .value();
            long ours = mmio.read64(ToyUnit.ROOT);
            return List.of(
                new Check(
                    "ROOT",
                    expected == ours,
                    "0x" + Long.toHexString(expected),
                    "0x" + Long.toHexString(ours)));
          }
        });
  }
}
