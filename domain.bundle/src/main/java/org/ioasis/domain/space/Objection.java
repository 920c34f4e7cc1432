package org.ioasis.domain.space;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/**
 * Why something does not fit a space.
 *
 * @param reason as the refused call has it
 * @param message rule, value, place and remedy
 */
public record Objection(Reason reason, String message) {
  /** As an exception. */
  public IoasisException exception() {
    return new IoasisException(reason, message);
  }
}
