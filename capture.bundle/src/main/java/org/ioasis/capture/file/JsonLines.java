package org.ioasis.capture.file;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/**
 * A file of one JSON object per line, plain or gzip, read as a stream. Empty lines are skipped; a
 * line has a bound, so that a file without line ends cannot fill the heap.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
public final class JsonLines implements AutoCloseable {
  /** Longest line in bytes. */
  public static final int LONGEST_LINE = 1 << 24;

  private static final int BUFFER = 1 << 16;

  private final String name;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER];
  private int position;
  private int limit;
  private byte[] line = new byte[1 << 10];
  private int length;
  private long number;

  private JsonLines(String name, InputStream in) {
    this.name = name;
    this.in = in;
  }

  /** Opens a file; gzip is recognised by its first bytes. */
  public static JsonLines open(Path file) {
    String name = file.toString();
    return new JsonLines(name, Inflating.open(file));
  }

  /** The next object, or null at the end. */
  public ObjectNode next() {
    while (readLine()) {
      if (!blank()) {
        return Json.parse(line, length, name, place());
      }
    }
    return null;
  }

  /** Number of the line that {@link #next} returned, from 1. */
  public long line() {
    return number;
  }

  /** {@code line N}, for messages. */
  public String place() {
    return "line " + number;
  }

  /** The file, for messages. */
  public String name() {
    return name;
  }

  /** Whether more input is at hand; if not, {@link #next} may wait for whoever writes the file. */
  public boolean ready() {
    return position < limit;
  }

  /** What an exception about a value becomes when the place is known. */
  public IoasisException placed(IoasisException e) {
    Reason reason = e.reason() == Reason.INVALID ? Reason.MALFORMED : e.reason();
    return new IoasisException(reason, "%s: %s: %s".formatted(name, place(), e.getMessage()), e);
  }

  /** What it becomes when the recorded answer in this line holds a word where a number belongs. */
  public IoasisException noNumber(NumberFormatException e) {
    return Broken.malformed(
        name, place(), "a recorded value is no number: " + Numbers.shortened(e.getMessage()));
  }

  private boolean blank() {
    for (int i = 0; i < length; i++) {
      if (line[i] > ' ' || line[i] < 0) {
        return false;
      }
    }
    return true;
  }

  /** Reads up to the next line end; false at the end of the file. */
  private boolean readLine() {
    length = 0;
    number++;
    while (true) {
      if (position == limit && !fill()) {
        return length > 0;
      }
      int end = position;
      while (end < limit && buffer[end] != '\n') {
        end++;
      }
      append(end - position);
      boolean complete = end < limit;
      position = complete ? end + 1 : end;
      if (complete) {
        return true;
      }
    }
  }

  private void append(int bytes) {
    if (length + bytes > LONGEST_LINE) {
      throw Broken.malformed(
          name, place(), "the line is longer than %d bytes".formatted(LONGEST_LINE));
    }
    if (length + bytes > line.length) {
      line = Arrays.copyOf(line, Math.max(2 * line.length, length + bytes));
    }
    System.arraycopy(buffer, position, line, length, bytes);
    length += bytes;
  }

  private boolean fill() {
    try {
      position = 0;
      limit = Math.max(0, in.read(buffer));
      return limit > 0;
    } catch (IOException e) {
      throw Inflating.refusal(name, place(), e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw Broken.unreadable(name, place(), e);
    }
  }
}
