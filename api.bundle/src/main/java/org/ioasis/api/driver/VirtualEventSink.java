package org.ioasis.api.driver;

import org.ioasis.api.Blob;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Takes events for a guest, with the guest's own ids in them.
 *
 * <p><b>Threading:</b> as {@link FaultSink}.
 */
@FunctionalInterface
@ConsumerType
public interface VirtualEventSink {
  /**
   * An event.
   *
   * @param event the record as the guest's driver expects it
   */
  void event(Blob event);
}
