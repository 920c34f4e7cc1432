package org.ioasis.api.driver;

import java.util.OptionalInt;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Optional capability of a driver: the unit hands out PASIDs itself, as a hypervisor's does through
 * a virtual command interface.
 *
 * <p><b>Threading:</b> any thread, outside bursts; commands are serialised.
 */
@ProviderType
public interface PasidCommands {
  /**
   * Takes a PASID from the unit.
   *
   * @return the PASID, or empty if the unit has none left
   * @throws org.ioasis.api.IoasisException TIMED_OUT if the unit does not answer
   */
  OptionalInt allocate();

  /**
   * Gives a PASID back.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if the unit says it did not hand it out
   */
  void free(int pasid);
}
