package org.ioasis.api.domain;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Memory of the platform's machine that a client keeps and lends.
 *
 * <p><b>Threading:</b> any thread; must not block on the service that calls.
 */
@ConsumerType
public interface ForeignMemory {
  /** For messages. */
  String name();

  /** Bytes. */
  long length();

  /** Whether it may be written. */
  boolean writable();

  /**
   * Pins a part and tells where it is.
   *
   * @param offset byte in the memory
   * @param length bytes from there on that are wanted
   * @param into told runs in order, as one or many
   * @throws org.ioasis.api.IoasisException GONE if it has been taken back
   */
  void pin(long offset, long length, SegmentSink into);

  /** Ends a pin of exactly this part. */
  void unpin(long offset, long length);
}
