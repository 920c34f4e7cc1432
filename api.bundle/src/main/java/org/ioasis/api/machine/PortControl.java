package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The valve of one device's port. A port is born blocked, opens for one unit only, and is closed
 * first when that unit goes or throws. So "nothing passes untranslated" rests on no reset state of
 * a vendor.
 *
 * <p><b>Threading:</b> any thread; {@link #open} and {@link #block} of one port are serialised.
 */
@ProviderType
public interface PortControl {
  /** Who the device is. */
  EndpointSpec spec();

  /** The unit it is open for, or null if blocked. */
  String unitId();

  /**
   * Opens the port for a unit; the next burst goes there.
   *
   * @throws org.ioasis.api.IoasisException NOT_FOUND if no such unit is installed; BUSY if the port
   *     is open for another one
   */
  void open(String unitId);

  /** Blocks the port: no burst that begins after the return is translated. Does not wait. */
  void block();

  /** Whether every burst of this port that was open at the time of {@code ticket} has ended. */
  boolean graceElapsed(long ticket);

  /** Requests refused because the port was blocked. */
  long blockedCount();
}
