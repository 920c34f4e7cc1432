package org.ioasis.api.inspect;

/**
 * One outcome of one request, in neutral words.
 *
 * @param kind what happened
 * @param address physical address of the byte at the IOVA if OK
 * @param pageLg2 log2 of the page that translated it if OK
 * @param rights READ, WRITE, EXECUTE and PRIVILEGED_ONLY bits of {@link
 *     org.ioasis.api.machine.DmaRequest} if OK
 * @param faultCode the specification's number if FAULT, or the suppressed fault's if BLOCKED; 0 if
 *     there is none
 */
public record Answer(Kind kind, long address, int pageLg2, int rights, int faultCode) {
  /** What happened. */
  public enum Kind {
    /** Translated, or passed by configuration. */
    OK,
    /** Refused and recorded. */
    FAULT,
    /** Refused without a record. */
    BLOCKED,
    /** Held in the unit until software decides; recorded with this fault code. */
    STALLED
  }

  /** A translation. */
  public static Answer ok(long address, int pageLg2, int rights) {
    return new Answer(Kind.OK, address, pageLg2, rights, 0);
  }

  /** A recorded fault. */
  public static Answer fault(int code) {
    return new Answer(Kind.FAULT, 0, 0, 0, code);
  }

  /** A request that waits for software's decision. */
  public static Answer stalled(int code) {
    return new Answer(Kind.STALLED, 0, 0, 0, code);
  }

  /** A refusal without a record. */
  public static Answer blocked(int code) {
    return new Answer(Kind.BLOCKED, 0, 0, 0, code);
  }

  /** First address of the page that translated the request. */
  public long pageBase() {
    return address & -(1L << pageLg2);
  }
}
