package org.ioasis.smmuv3.format;

/**
 * The event records by number. "Event records".
 *
 * <p><b>Threading:</b> immutable.
 */
public enum EventType {
  // spotless:off
  F_UUT             (0x01, "unsupported upstream transaction"),
  C_BAD_STREAMID    (0x02, "StreamID out of range"),
  F_STE_FETCH       (0x03, "the fetch of an STE or its level-1 descriptor failed"),
  C_BAD_STE         (0x04, "STE invalid or illegal"),
  F_BAD_ATS_TREQ    (0x05, "ATS translation request that is not allowed"),
  F_STREAM_DISABLED (0x06, "transaction without SubstreamID where S1DSS forbids it"),
  F_TRANSL_FORBIDDEN(0x07, "translated transaction that is not allowed"),
  C_BAD_SUBSTREAMID (0x08, "SubstreamID not allowed or out of range"),
  F_CD_FETCH        (0x09, "the fetch of a CD or its level-1 descriptor failed"),
  C_BAD_CD          (0x0A, "CD invalid or illegal"),
  F_WALK_EABT       (0x0B, "the fetch of a translation table descriptor failed"),
  F_TRANSLATION     (0x10, "no translation"),
  F_ADDR_SIZE       (0x11, "address too large"),
  F_ACCESS          (0x12, "access flag is 0"),
  F_PERMISSION      (0x13, "right not granted"),
  F_TLB_CONFLICT    (0x20, "TLB conflict"),
  F_CFG_CONFLICT    (0x21, "configuration cache conflict"),
  E_PAGE_REQUEST    (0x24, "speculative page request"),
  F_VMS_FETCH       (0x25, "the fetch of a VMS failed");
  // spotless:on

  private static final EventType[] BY_NUMBER = new EventType[0x100];

  static {
    for (EventType type : values()) {
      BY_NUMBER[type.number] = type;
    }
  }

  /** The number in a record. */
  public final int number;

  /** What it says, in a few words. */
  public final String meaning;

  EventType(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  /** The type with a number; null if there is none. */
  public static EventType of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
  }

  /**
   * Whether it is one of the four faults that can stall, and that CD.A, CD.R, CD.S, STE.S2S and
   * STE.S2R govern.
   */
  public boolean isTranslationFault() {
    return number >= 0x10 && number <= 0x13;
  }
}
