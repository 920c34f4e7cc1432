package org.ioasis.api.fault;

import java.util.List;
import org.ioasis.api.Handle;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.Domain;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A complete group of faults that waits for one answer. Exactly one answer is accepted, whoever
 * gives it: the handler, a time-out, a drain.
 *
 * <p><b>Threading:</b> any thread.
 */
@ProviderType
public interface FaultGroup {
  /** Names the group in its queue or handler; 1 or above, reused after the answer. */
  int cookie();

  /** The faults, in the order they arrived; at least one. */
  List<Fault> faults();

  /** The page table they are about. */
  Handle<Domain> domain();

  /** The device that waits. */
  Handle<Device> device();

  /** When it is answered INVALID by itself, on the machine's clock in nanoseconds. */
  long deadlineNanos();

  /** Whether an answer is still possible. */
  boolean open();

  /**
   * Answers the group; may be called before or after the handler has returned.
   *
   * @throws org.ioasis.api.IoasisException LATE if it has been answered; the message says by what
   */
  void complete(FaultResponse response);
}
