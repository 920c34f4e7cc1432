package org.ioasis.api.domain;

import org.ioasis.api.Handle;
import org.ioasis.api.IovaRange;
import org.osgi.annotation.versioning.ProviderType;

/** A queue in guest memory that hardware serves. */
@ProviderType
public interface HardwareQueue {
  /** The right to it. */
  Handle<HardwareQueue> handle();

  /** Its index. */
  int index();

  /** The memory it holds. */
  IovaRange memory();

  /**
   * Ends it.
   *
   * @throws org.ioasis.api.IoasisException BUSY while a higher index lives
   */
  void destroy();
}
