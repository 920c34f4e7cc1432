package org.ioasis.smmuv3.hardware;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.state.RegisterDictionary;
import org.ioasis.kit.registers.Register;
import org.ioasis.smmuv3.format.RegisterMap;

/** The registers by name, with and without the prefix {@code SMMU_}. */
final class SmmuDictionary implements RegisterDictionary {
  /** A register at a place. */
  record Row(String name, int offset) {}

  /** What a state must hold. */
  static final List<Row> NEEDED =
      List.of(
          new Row("CR0", RegisterMap.CR0),
          new Row("STRTAB_BASE", RegisterMap.STRTAB_BASE),
          new Row("STRTAB_BASE_CFG", RegisterMap.STRTAB_BASE_CFG));

  /** What states which unit it is. */
  static final List<Row> IDENTIFICATION =
      List.of(
          new Row("IDR0", RegisterMap.IDR0),
          new Row("IDR1", RegisterMap.IDR1),
          new Row("IDR2", RegisterMap.IDR2),
          new Row("IDR3", RegisterMap.IDR3),
          new Row("IDR4", RegisterMap.IDR4),
          new Row("IDR5", RegisterMap.IDR5),
          new Row("IIDR", RegisterMap.IIDR),
          new Row("AIDR", RegisterMap.AIDR));

  private static final String PREFIX = "SMMU_";

  private final List<Description> all;

  SmmuDictionary(Profile profile) {
    this.all =
        SmmuRegisters.table(profile, Capabilities.of(profile)).registers().stream()
            .map(SmmuDictionary::describe)
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
    return all.stream().filter(register -> register.name().equals(wanted)).findFirst();
  }

  private static String plain(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return upper.startsWith(PREFIX) ? upper.substring(PREFIX.length()) : upper;
  }
}
