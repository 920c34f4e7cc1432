package org.ioasis.api.machine;

import java.util.function.BooleanSupplier;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The time of one machine, real or virtual. No main code reads the system clock.
 *
 * <p><b>Threading:</b> any thread. Scheduled actions run one at a time on a thread of the machine
 * (real time) or inside {@link VirtualTime#advance} (virtual time).
 */
@ProviderType
public interface TimeSource {
  /** A pending action. */
  @ProviderType
  interface Timer {
    /** Cancels; returns false if the action has begun or was cancelled before. */
    boolean cancel();
  }

  /** Nanoseconds since the machine was made; never goes back. */
  long nanoTime();

  /** Runs {@code action} once, {@code delayNanos} from now; a delay of 0 or less means soon. */
  Timer schedule(long delayNanos, Runnable action);

  /**
   * Waits until {@code condition} holds or the time-out has passed. On a virtual clock the wait
   * lets the machine's scheduler run and the time jump to the next scheduled action.
   *
   * @param timeoutNanos 0 or more
   * @return whether the condition held
   */
  boolean await(BooleanSupplier condition, long timeoutNanos);

  /**
   * Lets time pass and nothing else: as {@link #await} for a condition that never holds, but on a
   * real clock without looking again and again. It may take somewhat longer.
   *
   * @param nanos 0 or more
   */
  default void pause(long nanos) {
    await(() -> false, nanos);
  }
}
