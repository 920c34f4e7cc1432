package org.ioasis.api.domain;

import java.nio.ByteBuffer;
import org.ioasis.api.Handle;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Events of a virtual IOMMU for its guest. What does not fit is dropped; one header with the flag
 * {@link #LOST_EVENTS} stands for it at the tail until a later event is queued.
 *
 * <p><b>Threading:</b> any thread; reads are serialised.
 */
@ProviderType
public interface EventQueue {
  /** Bytes of the header before each event: {@code flags} and {@code sequence}, 32 bits each. */
  int HEADER_BYTES = 8;

  /** Flag of a header without an event: some were lost. */
  int LOST_EVENTS = 1;

  /** The right to it. */
  Handle<EventQueue> handle();

  /**
   * Reads whole events with their headers, as many as fit. Never waits.
   *
   * @return bytes read, 0 if nothing is queued
   * @throws org.ioasis.api.IoasisException INVALID if the first does not fit
   */
  int read(ByteBuffer into);

  /** Runs {@code signal} whenever the queue becomes readable; null for none. Must not block. */
  void onReadable(Runnable signal);

  /** Ends it. */
  void destroy();
}
