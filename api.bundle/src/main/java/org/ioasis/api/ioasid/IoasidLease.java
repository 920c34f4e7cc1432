package org.ioasis.api.ioasid;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A counted reference to an id. While it is open the number means what it meant.
 *
 * <p><b>Threading:</b> any thread; closing twice does nothing.
 */
@ProviderType
public interface IoasidLease extends AutoCloseable {
  /** The id. */
  Pasid id();

  /** The private data, also while the id is being freed; null if none. */
  Object privateData();

  /** Gives the reference back; the last one of a freed id reclaims it. Never blocks. */
  @Override
  void close();
}
