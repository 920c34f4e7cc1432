package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Interrupt routing of a machine: a message to an allocated vector calls its handler, any other
 * reaches the sinks and is counted.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface Interrupts extends InterruptSource {
  /** Sees every message that arrives, claimed or not. */
  @FunctionalInterface
  @ConsumerType
  interface Sink {
    /** A message arrived; called in the delivering thread, must not block. */
    void message(long address, int data);
  }

  /** Delivers a message that needs no remapping any more. */
  void deliver(long address, int data);

  /** Whether a write to this address is an interrupt in this machine. */
  boolean isInterruptWindow(long address);

  /** Adds a sink; closing the result removes it. */
  AutoCloseable addSink(Sink sink);

  /** Messages that no vector claimed. */
  long unclaimed();
}
