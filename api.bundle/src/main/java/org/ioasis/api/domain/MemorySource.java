package org.ioasis.api.domain;

import org.ioasis.api.Handle;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Memory with a life of its own, mapped into any number of spaces. It lives as long as somebody
 * holds or maps it.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface MemorySource {
  /** The right to map it. */
  Handle<MemorySource> handle();

  /** For people and messages. */
  String name();

  /** What it was made of. */
  MemorySpec spec();

  /** Bytes. */
  long length();

  /** How many pins hold the page at this offset: of accesses, and of mappings on hardware. */
  long pins(long offset);

  /**
   * Takes the memory back, as the end of a lent buffer does: every mapping of it stops translating
   * before the call returns, and stays as an empty one.
   */
  void revoke();

  /** Gives the memory again: its mappings translate again. */
  void restore();

  /**
   * Ends the client's hold: the handle is dead, and the memory goes with its last mapping, until
   * when its identity is not used again.
   */
  void destroy();
}
