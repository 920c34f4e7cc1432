package org.ioasis.api.state;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.ioasis.api.Blob;

/**
 * The state of one unit. Memory is not in it: it belongs to the machine and comes first.
 *
 * @param kind which vendor's hardware it is of
 * @param version of the sections' content, {@value #VERSION} now
 * @param registers section REGISTERS
 * @param sections the other sections that are present, as vendor data
 */
public record UnitState(
    String kind, int version, List<RegisterValue> registers, Map<Section, List<Blob>> sections) {
  /** Version of the container that this API writes. */
  public static final int VERSION = 1;

  /** Copies the collections. */
  public UnitState {
    Objects.requireNonNull(kind, "kind");
    registers = List.copyOf(registers);
    EnumMap<Section, List<Blob>> copy = new EnumMap<>(Section.class);
    sections.forEach((section, blobs) -> copy.put(section, List.copyOf(blobs)));
    sections = Collections.unmodifiableMap(copy);
  }

  /** A state that holds registers alone, as a capture does. */
  public static UnitState ofRegisters(String kind, List<RegisterValue> registers) {
    return new UnitState(kind, VERSION, registers, Map.of());
  }
}
