package org.ioasis.amdvi.hardware;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.api.state.RegisterDictionary;
import org.ioasis.kit.registers.Register;

/** The registers by name, at the places the default profile has them. */
final class AmdviDictionary implements RegisterDictionary {
  /** A register at a place. */
  record Row(String name, int offset) {}

  /** What a state must hold. */
  static final List<Row> NEEDED =
      List.of(
          new Row("DEV_TAB_BASE", RegisterMap.DEV_TAB_BASE),
          new Row("CONTROL", RegisterMap.CONTROL));

  /** What states which unit it is. */
  static final List<Row> IDENTIFICATION =
      List.of(
          new Row(Capabilities.EFR, RegisterMap.EXT_FEATURES),
          new Row(Capabilities.EFR2, RegisterMap.EXT_FEATURES_2));

  private final List<Description> all;

  AmdviDictionary(Capabilities capabilities) {
    this.all =
        AmdviRegisters.table(capabilities).registers().stream()
            .map(AmdviDictionary::describe)
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
