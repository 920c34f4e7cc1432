package org.ioasis.domain.memory;

/** Somebody who maps sources: a space. */
public interface Mapper {
  /**
   * Memory behind a part of a source has changed its place, come, or gone: every mapping of it
   * follows before the call returns.
   *
   * @param away whether what was there must be gone from every follower; false if memory has only
   *     come where there was none
   */
  void moved(Source source, long offset, long length, boolean away);

  /** How many mappings, on hardware, lead to a byte of a source. */
  long mappings(Source source, long offset);
}
