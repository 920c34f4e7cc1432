package org.ioasis.domain.device;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.DevicePolicy;

/**
 * What no device says about itself: which unit serves it, its aliases, its group, whether it may
 * skip snooping, and how it wants to be treated. Written in the configuration as lines, or given by
 * a test.
 *
 * <p><b>Threading:</b> built by one thread, then read by any.
 */
public final class DeviceSettings {
  private record Range(int first, int last, String value) {
    boolean contains(int id) {
      return Integer.compareUnsigned(id, first) >= 0 && Integer.compareUnsigned(id, last) <= 0;
    }
  }

  private final List<Range> routes = new ArrayList<>();
  private final List<Range> groups = new ArrayList<>();
  private final Map<Integer, List<Integer>> aliases = new LinkedHashMap<>();
  private final Set<Integer> notSnooping = new TreeSet<>();
  private final Map<Integer, DevicePolicy> policies = new LinkedHashMap<>();
  private DevicePolicy policy = DevicePolicy.CAUTIOUS;

  /**
   * Reads a range and its value: {@code 0x100-0x1ff=dmar0} or {@code 0x100=dmar0}.
   *
   * @throws IoasisException INVALID if the line is not of this form
   */
  private static Range range(String line) {
    int equals = line.indexOf('=');
    int dash = line.lastIndexOf('-', equals);
    try {
      String from = line.substring(0, dash < 0 ? equals : dash).strip();
      int first = Integer.decode(from);
      int last = dash < 0 ? first : Integer.decode(line.substring(dash + 1, equals).strip());
      return new Range(first, last, line.substring(equals + 1).strip());
    } catch (NumberFormatException | StringIndexOutOfBoundsException e) {
      throw new IoasisException(
          Reason.INVALID,
          "device setting refused: %s; write FIRST-LAST=VALUE or ID=VALUE".formatted(line),
          e);
    }
  }

  /** {@code 0x100-0x1ff=dmar0}: these source ids are behind this unit. */
  public DeviceSettings route(String line) {
    routes.add(range(line));
    return this;
  }

  /** {@code 0x100-0x101=why}: these source ids cannot be told apart, and why. */
  public DeviceSettings group(String line) {
    groups.add(range(line));
    return this;
  }

  /** {@code 0x100=0x108}: requests of the first also arrive under the second id. */
  public DeviceSettings alias(String line) {
    Range range = range(line);
    aliases
        .computeIfAbsent(range.first(), id -> new ArrayList<>())
        .add(Integer.decode(range.value()));
    return this;
  }

  /** This device can send requests that do not snoop. */
  public DeviceSettings notSnooping(int sourceId) {
    notSnooping.add(sourceId);
    return this;
  }

  /** How this device wants to be treated. */
  public DeviceSettings policy(int sourceId, DevicePolicy of) {
    policies.put(sourceId, of);
    return this;
  }

  /** How all others want to be treated. */
  public DeviceSettings policy(DevicePolicy of) {
    policy = of;
    return this;
  }

  Optional<String> routeOf(int sourceId) {
    return routes.stream().filter(r -> r.contains(sourceId)).map(Range::value).findFirst();
  }

  /** Number and reason of the group a device is in; empty for one of its own. */
  Optional<Map.Entry<Integer, String>> groupOf(int sourceId) {
    for (int i = 0; i < groups.size(); i++) {
      if (groups.get(i).contains(sourceId)) {
        return Optional.of(Map.entry(i, groups.get(i).value()));
      }
    }
    return Optional.empty();
  }

  List<Integer> aliasesOf(int sourceId) {
    return List.copyOf(aliases.getOrDefault(sourceId, List.of()));
  }

  boolean mayNotSnoop(int sourceId) {
    return notSnooping.contains(sourceId);
  }

  DevicePolicy policyOf(int sourceId) {
    return policies.getOrDefault(sourceId, policy);
  }
}
