package org.ioasis.api.domain;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Translations of a space for somebody who keeps none longer than {@link AccessUser} allows.
 *
 * <p><b>Threading:</b> any thread; takes no lock and allocates nothing.
 */
@ProviderType
public interface Translator extends AutoCloseable {
  /**
   * Translates one address.
   *
   * @param rights READ, WRITE and EXECUTE bits of {@link org.ioasis.api.machine.DmaRequest} that
   *     are needed
   * @return a packed {@link org.ioasis.api.machine.Translation}; FAULT if not mapped with these
   *     rights, or if the memory is missing until it is touched
   */
  long translate(long iova, int rights);

  /** The rights of the mapping at an address; 0 if there is none. */
  int rights(long iova);

  @Override
  void close();
}
