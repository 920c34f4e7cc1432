package org.ioasis.machine.platform;

import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.PlatformMachine;

/**
 * Who may hold the platform's machine.
 *
 * <p><b>Threading:</b> immutable.
 *
 * @param machine the machine
 * @param own symbolic name that is always trusted: this bundle's
 * @param trusted symbolic names that the configuration trusts
 */
record TrustedMachines(Machine machine, String own, Set<String> trusted) {
  /**
   * The service as one bundle gets it.
   *
   * @param symbolicName null if the bundle has none; it is not trusted then
   */
  PlatformMachine forBundle(String symbolicName) {
    if (symbolicName != null && (own.equals(symbolicName) || trusted.contains(symbolicName))) {
      return () -> machine;
    }
    return () -> {
      throw new IoasisException(
          Reason.DENIED,
          "machine %s refused: bundle %s is not trusted; add it to %s trusted.bundles"
              .formatted(machine.name(), symbolicName, PlatformComponent.PID));
    };
  }
}
