package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A place in the machine's scheduler where one piece of {@link Work} takes its turns.
 *
 * <p><b>Threading:</b> {@link #kick()} from any thread. What the kicker stored before is visible in
 * the turn that follows.
 */
@ProviderType
public interface WorkQueue {
  /** Name for tools, for example {@code dmar0.invalidation}. */
  String name();

  /**
   * Asks for a turn that begins after this call. With the inline scheduler the turn has ended when
   * the call returns, unless another thread is inside a turn, which then runs once more; or unless
   * the caller is inside a turn of the same queue.
   */
  void kick();

  /** Whether a turn is asked for or under way. */
  boolean pending();
}
