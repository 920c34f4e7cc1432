package org.ioasis.api.machine;

import java.util.Optional;
import org.ioasis.api.memory.PhysicalMemory;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Everything a hardware model gets from its machine, and nothing else.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface UnitEnvironment {
  /** Identity of the unit in its machine, for example {@code dmar0}. */
  String unitId();

  /** The memory the unit's tables and queues lie in. */
  PhysicalMemory memory();

  /** The machine's time. */
  TimeSource time();

  /** A place for the unit's work, named {@code unitId.name}; ends with the unit. */
  WorkQueue workQueue(String name, Work work);

  /** Sends an interrupt message of the unit's own; it is not remapped. */
  void raiseMsi(long address, int data);

  /**
   * The same, for units that report a message which meets nothing.
   *
   * @return false if the write ended in a bus error and the interrupt is lost; true if it was
   *     delivered, or will be at the end of the caller's burst
   */
  default boolean tryRaiseMsi(long address, int data) {
    raiseMsi(address, data);
    return true;
  }

  /** The device behind a source id, for the reverse direction. */
  Optional<Endpoint> endpoint(int sourceId);

  /** See {@link Fabric#graceTicket()}. */
  long graceTicket();

  /** See {@link Fabric#graceElapsed(long)}. */
  boolean graceElapsed(long ticket);
}
