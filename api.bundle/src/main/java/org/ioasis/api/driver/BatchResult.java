package org.ioasis.api.driver;

import java.util.Objects;
import org.ioasis.api.Reason;

/**
 * How far a list of independent requests got. Partial success is a result, not an exception.
 *
 * @param done requests completed, from the first on
 * @param reason why the next one was not; null if all were done
 * @param message rule, value, place and remedy for the one that was not; empty if all were done
 * @param label label or virtual id of the device that the failed one was about, 0 if none
 */
public record BatchResult(int done, Reason reason, String message, long label) {
  /** A text, if empty. */
  public BatchResult {
    Objects.requireNonNull(message, "message");
  }

  /** All of {@code count} were done. */
  public static BatchResult all(int count) {
    return new BatchResult(count, null, "", 0);
  }

  /** Whether all were done. */
  public boolean complete() {
    return reason == null;
  }
}
