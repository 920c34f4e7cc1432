package org.ioasis.api.ioasid;

import java.util.OptionalInt;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Chooses the numbers in the allocator's stead, for example because a unit's virtual command
 * interface hands them out. Registered as a service; the highest service ranking counts. Quotas,
 * states and events stay the allocator's; ids already out stay valid, also when the service goes.
 *
 * <p><b>Threading:</b> calls are serialised and made without a lock of the allocator; they may take
 * time, and {@link #free} is called from the second phase only.
 */
@ConsumerType
public interface CustomAllocator {
  /** For messages and tools. */
  String name();

  /**
   * Takes a number.
   *
   * @param min lowest
   * @param max highest, inclusive
   * @return a number that is not out, or empty if there is none
   */
  OptionalInt allocate(int min, int max);

  /** Gives back a number that this allocator chose. */
  void free(int id);
}
