package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A device's side of its port on the fabric.
 *
 * <p><b>Threading:</b> any thread; each {@link DmaBurst} belongs to one thread at a time.
 */
@ProviderType
public interface DmaPort extends AutoCloseable {
  /** The requester id or StreamID of the port. */
  int sourceId();

  /** A new burst object; a device makes one per engine and reuses it. */
  DmaBurst burst();

  /** Whether a request may pass now; a hint, for devices that wait instead of failing. */
  boolean isOpen();

  /**
   * Sends a page request message (PCIe PRI) to the unit. The answer comes through {@link
   * Endpoint#pageResponse}.
   *
   * @return false if the port is closed or the unit takes no page requests; the device sees that as
   *     a failed message
   */
  boolean requestPage(PageRequest request);

  /** Leaves the fabric: blocks the port and waits for the grace. */
  @Override
  void close();
}
