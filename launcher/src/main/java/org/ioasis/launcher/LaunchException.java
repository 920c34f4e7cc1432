package org.ioasis.launcher;

/**
 * The platform cannot be started as asked. The message is one line for the person who asked: rule,
 * value, place, remedy. The launcher prints it and ends with {@link #STATUS}.
 */
final class LaunchException extends Exception {
  /** Exit status of a launch that was refused. */
  static final int STATUS = 2;

  private static final long serialVersionUID = 1L;

  LaunchException(String message) {
    super(message);
  }

  LaunchException(String message, Throwable cause) {
    super(message, cause);
  }
}
