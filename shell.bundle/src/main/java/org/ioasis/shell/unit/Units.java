package org.ioasis.shell.unit;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.ioasis.api.hardware.UnitService;

/**
 * The units of the platform's machine.
 *
 * <p><b>Threading:</b> any thread; an answer is a snapshot.
 */
public interface Units {
  /** All units in order of their identities. */
  List<UnitService> all();

  /** The unit with this identity. */
  default Optional<UnitService> find(String unitId) {
    return all().stream().filter(unit -> unit.unitId().equals(unitId)).findFirst();
  }

  /**
   * Waits until the units are as wanted.
   *
   * @param wanted looks at {@link #all}
   * @param timeoutMillis the longest wait
   * @return false if that did not happen in time
   */
  boolean await(Predicate<List<UnitService>> wanted, long timeoutMillis)
      throws InterruptedException;
}
