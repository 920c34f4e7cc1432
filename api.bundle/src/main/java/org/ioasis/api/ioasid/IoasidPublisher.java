package org.ioasis.api.ioasid;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The right to say that ids of one set are bound and unbound. Nobody else makes these events; all
 * others the allocator makes itself.
 *
 * <p><b>Threading:</b> any thread; never blocks. Closing unbinds what was bound through it.
 */
@ProviderType
public interface IoasidPublisher extends AutoCloseable {
  /**
   * The id now leads to something.
   *
   * @param cause what, for listeners and messages
   * @throws org.ioasis.api.IoasisException NOT_FOUND or DENIED as {@link IoasidSet#lease}
   */
  void bound(Pasid id, String cause);

  /** The id no longer does; does nothing if it was not bound through this publisher. */
  void unbound(Pasid id, String cause);

  @Override
  void close();
}
