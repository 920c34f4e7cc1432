package org.ioasis.api.memory;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Memory as the owner of a machine holds it: the access contract, the map, error injection, and
 * checkpoints for tools whose questions must leave no trace.
 *
 * <p><b>Threading:</b> {@link #checkpoint()} and {@link #rollback()} are called while no other
 * thread accesses the memory; the rest from any thread.
 */
@ProviderType
public interface MachineMemory extends PhysicalMemory {
  /** The RAM regions in address order, not overlapping. */
  List<MemoryRegion> regions();

  /** Bytes of host memory that hold content now; it grows on first touch only. */
  long residentBytes();

  /**
   * Marks {@code length} bytes as uncorrectable, in units of 8 bytes rounded outwards, until they
   * are healed.
   */
  void poison(long address, long length);

  /** Removes poison; the bytes hold what they held before. */
  void heal(long address, long length);

  /**
   * Starts to remember every store, so that {@link #rollback()} can undo them. Calling it again
   * forgets the earlier checkpoint and starts anew.
   */
  void checkpoint();

  /**
   * Undoes every store since {@link #checkpoint()}; the checkpoint stays in force.
   *
   * @throws IllegalStateException without a checkpoint
   */
  void rollback();
}
