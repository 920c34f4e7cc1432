package org.ioasis.shell.command;

import java.util.List;
import java.util.Optional;
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
   * A unit of this kind, waiting for one to come if there is none.
   *
   * @param timeoutMillis the longest wait
   * @return empty if none came in time
   */
  Optional<UnitService> await(String kind, long timeoutMillis) throws InterruptedException;
}
