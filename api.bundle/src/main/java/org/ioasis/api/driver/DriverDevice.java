package org.ioasis.api.driver;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A device as the driver has it: one place for requests without a PASID, one for each PASID. A
 * place holds one domain or none; none means blocked.
 *
 * <p>Every change reaches all source ids of the device before the call returns, and every request
 * that used the old domain has ended by then, device TLBs included.
 *
 * <p><b>Threading:</b> any thread, outside bursts; calls on one device are serialised.
 */
@ProviderType
public interface DriverDevice extends AutoCloseable {
  /** What it was made known with. */
  DeviceFacts facts();

  /** Ranges that the unit or the device's firmware needs untouched or mapped one to one. */
  List<ReservedRegion> reservedRegions();

  /** What is attached where. */
  List<DriverAttachment> attachments();

  /**
   * Attaches a domain to an empty place.
   *
   * @param pasid a PASID, or {@link org.ioasis.api.machine.DmaRequest#NO_PASID}
   * @throws org.ioasis.api.IoasisException EXISTS if the place is taken; INVALID if the PASID is
   *     beyond the device or reserved by this attachment's way; UNSUPPORTED if the domain does not
   *     fit the device, naming what does not
   */
  AttachOutcome attach(int pasid, DriverDomain domain);

  /**
   * Puts another domain into a place, with no moment in between at which the place is empty.
   *
   * @param old the domain that is there; anything else is refused
   * @param mode whether a blocked window is acceptable where the format has no way without
   * @throws org.ioasis.api.IoasisException NOT_FOUND if {@code old} is not there; UNSUPPORTED if
   *     the mode asks for what the format cannot do; nothing has changed then
   */
  AttachOutcome replace(int pasid, DriverDomain old, DriverDomain domain, ChangeMode mode);

  /**
   * Empties a place. Always succeeds; a device that does not answer is isolated and named.
   *
   * @param old the domain that is there
   */
  SyncResult detach(int pasid, DriverDomain old);

  /** Blocks and forgets the device; all its places are emptied. */
  @Override
  void close();
}
