package org.ioasis.api.domain;

import java.util.List;
import org.ioasis.api.IovaRange;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What a user of a space inside the platform is told. Unmapping waits for it: this is how copies of
 * translations outside the platform, a vhost-user back end's for example, stay right.
 *
 * <p><b>Threading:</b> called in the thread that changes the space, without a lock held; calls of
 * one access never overlap. A call that throws ends the access.
 */
@ConsumerType
public interface AccessUser {
  /**
   * Ranges are being removed or lose rights. Let go of pins and translations in them before
   * returning; the change completes afterwards. One call per change, all its ranges in order.
   */
  void unmapping(List<IovaRange> ranges);

  /** Ranges were mapped or gained rights. One call per change, all its mappings in order. */
  default void mapped(List<Mapping> mappings) {}
}
