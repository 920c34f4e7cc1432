package org.ioasis.machine.fabric;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;

/**
 * What a unit answered in one burst: the last 16 translations with the access each was asked for. A
 * device reaches memory only through one of them, so an address that it made up, kept from an
 * earlier burst, or was answered for another access leads nowhere.
 *
 * <p><b>Threading:</b> confined to the thread that has the burst open.
 */
final class Answers {
  private static final int KEPT = 16;
  private static final int LG2_SHIFT = 56;

  /** Address bits inside a span hold what was asked for, so a span has at least that many. */
  private static final int ASKED = DmaRequest.READ | DmaRequest.WRITE;

  private static final int LEAST_LG2 = 2;

  /** Answers, with the access that was asked for in bits 1:0. */
  private final long[] answers = new long[KEPT];

  private int count;

  /** Forgets all. */
  void clear() {
    count = 0;
  }

  /** Whether nothing was kept since the last {@link #clear}. */
  boolean isEmpty() {
    return count == 0;
  }

  /**
   * Keeps a present answer.
   *
   * @param access the access bits that were asked for, 0 for a zero-length read
   */
  void add(long answer, int access) {
    long[] all = answers;
    all[count++ & all.length - 1] = (answer & ~ASKED) | (access & ASKED);
  }

  /**
   * Whether an answer covers an access.
   *
   * @param translation the packed answer plus an offset
   * @param bytes 1 or more
   * @param access READ, WRITE or both: the bits that must have been asked for
   */
  boolean allow(long translation, int bytes, int access) {
    int oldest = Math.max(0, count - KEPT);
    for (int i = count - 1; i >= oldest; i--) {
      long answer = answers[i & KEPT - 1];
      if (((int) answer & access) == access && covers(answer, translation, bytes)) {
        return true;
      }
    }
    return false;
  }

  private static boolean covers(long answer, long translation, int bytes) {
    int lg2 = (int) (answer >>> LG2_SHIFT) & 63;
    long last = translation + bytes - 1;
    return lg2 >= LEAST_LG2
        && translation >= 0
        && ((translation ^ answer) | (last ^ answer)) >>> lg2 == 0;
  }

  /** For messages. */
  @Override
  public String toString() {
    return count == 0 ? "none" : Translation.toString(answers[count - 1 & KEPT - 1] & ~ASKED);
  }
}
