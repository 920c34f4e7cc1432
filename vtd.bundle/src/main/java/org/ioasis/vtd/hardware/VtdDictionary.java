package org.ioasis.vtd.hardware;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.ioasis.api.state.RegisterDictionary;
import org.ioasis.kit.registers.Register;
import org.ioasis.vtd.format.RegisterMap;

/** The registers by name, at the places the default profile has them. */
final class VtdDictionary implements RegisterDictionary {
  /** A register at a place. */
  record Row(String name, int offset) {}

  /** What a state must hold. */
  static final List<Row> NEEDED =
      List.of(new Row("RTADDR", RegisterMap.RTADDR), new Row("GSTS", RegisterMap.GSTS));

  /** What states which unit it is. */
  static final List<Row> IDENTIFICATION =
      List.of(
          new Row("VER", RegisterMap.VER),
          new Row("CAP", RegisterMap.CAP),
          new Row("ECAP", RegisterMap.ECAP));

  private final List<Description> all;

  VtdDictionary(Capabilities capabilities) {
    this.all =
        VtdRegisters.table(capabilities).registers().stream()
            .map(VtdDictionary::describe)
            .sorted(Comparator.comparingLong(Description::offset))
            .toList();
  }

  private static Description describe(Register<?> register) {
    int offset = register.offset();
    return new Description(
        register.name(),
        offset,
        register.bytes(),
        IDENTIFICATION.stream().anyMatch(row -> row.offset() == offset),
        NEEDED.stream().anyMatch(row -> row.offset() == offset));
  }

  @Override
  public List<Description> all() {
    return all;
  }

  @Override
  public Optional<Description> find(String name) {
    String wanted = plain(name);
    return all.stream().filter(register -> plain(register.name()).equals(wanted)).findFirst();
  }

  private static String plain(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return upper.endsWith("_REG") ? upper.substring(0, upper.length() - 4) : upper;
  }
}
