package org.ioasis.api.machine;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.memory.MemoryRegion;

/**
 * What a unit is made after: identity and capabilities exactly as its identification registers
 * report them, and the geometry of its caches. A profile selects capabilities of the model; it
 * never selects another model's errors.
 *
 * @param kind which vendor's hardware factory makes it, for example {@code vtd}
 * @param name the profile's name, unique within the kind
 * @param registers identification registers by the specification's name, as unsigned 64-bit values
 * @param parameters what no register reports, for example {@code iotlb.entries}; unknown names are
 *     refused by the factory
 * @param ram RAM of the machine the profile is meant for; may be empty
 * @param mmioBase where that machine has the register block
 */
public record Profile(
    String kind,
    String name,
    Map<String, Long> registers,
    Map<String, Long> parameters,
    List<MemoryRegion> ram,
    long mmioBase) {
  /** Copies the maps, sorted by name. */
  public Profile {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(name, "name");
    registers = java.util.Collections.unmodifiableMap(new TreeMap<>(registers));
    parameters = java.util.Collections.unmodifiableMap(new TreeMap<>(parameters));
    ram = List.copyOf(ram);
  }

  /**
   * The value of an identification register.
   *
   * @throws IoasisException NOT_FOUND if the profile does not state it
   */
  public long register(String register) {
    Long value = registers.get(register);
    if (value == null) {
      throw new IoasisException(
          Reason.NOT_FOUND,
          "profile %s/%s does not state register %s; it has %s"
              .formatted(kind, name, register, registers.keySet()));
    }
    return value;
  }

  /** A parameter, or {@code otherwise} if the profile does not state it. */
  public long parameter(String parameter, long otherwise) {
    return parameters.getOrDefault(parameter, otherwise);
  }

  /** The same profile with one more parameter. */
  public Profile withParameter(String parameter, long value) {
    Map<String, Long> more = new TreeMap<>(parameters);
    more.put(parameter, value);
    return new Profile(kind, name, registers, more, ram, mmioBase);
  }
}
