package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Where a driver gets interrupts: it allocates a vector, programs the vector's address and data
 * into its unit, and is called when the unit writes them.
 *
 * <p><b>Threading:</b> any thread. A handler runs in a turn of the machine's scheduler, never
 * inside a burst, never under a lock; one handler never runs twice at the same time.
 */
@ProviderType
public interface InterruptSource {
  /** What runs when an interrupt arrives. */
  @FunctionalInterface
  @ConsumerType
  interface Handler {
    /** The interrupt arrived at least once since the last call. */
    void interrupt();
  }

  /** An allocated vector. */
  @ProviderType
  interface Vector extends AutoCloseable {
    /** Address to program. */
    long address();

    /** Data to program. */
    int data();

    /** Calls another handler from now on; nothing that arrived before is lost. */
    void retarget(Handler handler);

    /** Raises the interrupt in software: replay after an exchange of hardware. */
    void post();

    /** Frees the vector; when it returns, no call of the handler is under way. */
    @Override
    void close();
  }

  /**
   * A vector of its own.
   *
   * @throws org.ioasis.api.IoasisException EXHAUSTED if none is left
   */
  Vector allocate(String name, Handler handler);
}
