package org.ioasis.amdvi.format;

/**
 * One number for why a request was refused: the code of its event and the event&#39;s flags.
 *
 * <pre>
 *  15     4 3    0
 * +--------+------+
 * | flags  | code |    flags: bits 59:48 of the event
 * +--------+------+
 * </pre>
 *
 * <p><b>Threading:</b> pure functions.
 */
public final class FaultCode {
  private static final int CODE_BITS = 4;

  private FaultCode() {}

  /**
   * A fault code.
   *
   * @param code 1 to 15, see {@link Event}
   * @param flags bits 59:48 of the event, in place
   */
  public static int of(int code, long flags) {
    return code | (int) Event.FLAGS.get(flags) << CODE_BITS;
  }

  /** The code of the event. */
  public static int code(int faultCode) {
    return faultCode & (1 << CODE_BITS) - 1;
  }

  /** The flags of the event, in place. */
  public static long flags(int faultCode) {
    return Event.FLAGS.of(faultCode >>> CODE_BITS & Event.FLAGS.max());
  }

  /** The code and the flags of word 0 of an event. */
  public static int ofEvent(long word0) {
    return of(Event.code(word0), word0);
  }
}
