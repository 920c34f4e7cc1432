package org.ioasis.api;

import java.util.Objects;

/**
 * The one exception of the API. The message names what was refused, where (identity, address,
 * range) and, if there is one, the remedy: {@code unmap refused: ioas 7, 0x2000..0x2fff splits
 * mapping 0x0..0x3fff}. Guests' mistakes are fault records, never this exception.
 */
public final class IoasisException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Kept beside the message so that callers branch on a value and people read the text. */
  private final Reason reason;

  /**
   * @param reason why the call was refused; not null
   * @param message one line: rule, value, place, remedy
   */
  public IoasisException(Reason reason, String message) {
    this(reason, message, null);
  }

  /**
   * @param reason why the call was refused; not null
   * @param message one line: rule, value, place, remedy
   * @param cause what led to it, or null
   */
  public IoasisException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = Objects.requireNonNull(reason, "reason");
  }

  /** Why the call was refused; never null. */
  public Reason reason() {
    return reason;
  }
}
