package org.ioasis.capture.file;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/** Refusals of files, worded alike: {@code FILE: PLACE: RULE}. */
public final class Broken {
  private Broken() {}

  /**
   * A file that is not of its format.
   *
   * @param file name for people
   * @param place line, header or offset; empty if the file as a whole
   * @param rule what is required, what was found, and the remedy if there is one
   */
  public static IoasisException malformed(String file, String place, String rule) {
    return new IoasisException(Reason.MALFORMED, line(file, place, rule));
  }

  /** A file that could not be read. */
  public static IoasisException unreadable(String file, String place, IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return missing(file, "there is no such file");
    }
    if (cause instanceof AccessDeniedException) {
      return new IoasisException(
          Reason.DENIED, line(file, place, "no permission to read it; change its mode"), cause);
    }
    String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new IoasisException(
        Reason.MALFORMED, line(file, place, "cannot be read: " + oneLine(why)), cause);
  }

  /** A file that ought to be there. */
  public static IoasisException missing(String file, String rule) {
    return new IoasisException(Reason.NOT_FOUND, line(file, "", rule));
  }

  /** A library's message without its line breaks and the places it names in its own terms. */
  static String oneLine(String message) {
    String first = message.strip();
    int end = first.indexOf('\n');
    return (end < 0 ? first : first.substring(0, end)).strip();
  }

  private static String line(String file, String place, String rule) {
    return file + ": " + (place.isEmpty() ? "" : place + ": ") + rule;
  }
}
