package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * A record of the event queue, 256 bits in four words. "Event records".
 *
 * <p>Which fields a record has follows from its type; the layouts below are one for translation
 * faults, one for failed fetches, one for ATS and one for page hints. C_BAD_STREAMID, C_BAD_STE,
 * C_BAD_CD, F_STREAM_DISABLED and C_BAD_SUBSTREAMID have word 0 alone, and the last one has no SSV.
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Event {
  /** Bytes and words of a record. */
  public static final int BYTES = 32, WORDS = 4;

  // spotless:off
  public static final Field NUMBER     = bits("Number",        7,   0);    // word 0
  public static final Field SSV        = bit ("SSV",          11);
  public static final Field SSID       = bits("SubstreamID",  31,  12);
  public static final Field SID        = bits("StreamID",     63,  32);

  public static final Field STAG       = bits("STAG",         79,  64);    // word 1
  public static final Field GPCF       = bit ("GPCF",         80);
  public static final Field STALL      = bit ("Stall",        95);
  public static final Field PNU        = bit ("PnU",          97);         // privileged
  public static final Field IND        = bit ("InD",          98);         // instruction
  public static final Field RNW        = bit ("RnW",          99);         // read
  public static final Field NSIPA      = bit ("NSIPA",       102);
  public static final Field S2         = bit ("S2",          103);         // stage 2
  public static final Field CLASS      = bits("CLASS",       105, 104);
  public static final Field TTRNW      = bit ("TTRnW",       108);         // of the walk's own access
  public static final Field IMPDEF     = bits("IMPDEF",      127, 112);

  public static final Field INPUT_ADDR = bits("InputAddr",   191, 128);    // word 2
  public static final Field IPA        = bits("IPA",         247, 204);    // word 3
  public static final Field FETCH_ADDR = bits("FetchAddr",   247, 195);
  public static final Field REASON     = bits("Reason",       79,  64);

  // F_BAD_ATS_TREQ
  public static final Field ATS_SPAN   = bits("Span",         67,  64);
  public static final Field ATS_P      = bit ("P",            92);
  public static final Field ATS_X      = bit ("X",            93);
  public static final Field ATS_W      = bit ("W",            94);
  public static final Field ATS_R      = bit ("R",            95);

  // E_PAGE_REQUEST
  public static final Field HINT_UX    = bit ("uX",           97);
  public static final Field HINT_UW    = bit ("uW",           98);
  public static final Field HINT_UR    = bit ("uR",           99);
  public static final Field HINT_PX    = bit ("pX",          101);
  public static final Field HINT_PW    = bit ("pW",          102);
  public static final Field HINT_PR    = bit ("pR",          103);
  public static final Field HINT_SPAN  = bits("Span",        115, 108);

  /** F_TRANSLATION, F_ADDR_SIZE, F_ACCESS, F_PERMISSION. */
  public static final Layout TRANSLATION =
      Layout.of(
          "event", 256, NUMBER, SSV, SSID, SID, STAG, STALL, PNU, IND, RNW, NSIPA, S2, CLASS, TTRNW,
          IMPDEF, INPUT_ADDR, IPA)
          .inPlace(INPUT_ADDR, IPA);

  /** F_STE_FETCH, F_CD_FETCH, F_WALK_EABT, F_UUT, F_TRANSL_FORBIDDEN, and those of word 0 alone. */
  public static final Layout FETCH =
      Layout.of(
          "event", 256, NUMBER, SSV, SSID, SID, REASON, GPCF, PNU, IND, RNW, S2, CLASS, IMPDEF,
          INPUT_ADDR, FETCH_ADDR)
          .inPlace(INPUT_ADDR, FETCH_ADDR);

  /** F_BAD_ATS_TREQ. */
  public static final Layout ATS =
      Layout.of(
          "event", 256, NUMBER, SSV, SSID, SID, ATS_SPAN, ATS_P, ATS_X, ATS_W, ATS_R, IMPDEF,
          INPUT_ADDR)
          .inPlace(INPUT_ADDR);

  /** E_PAGE_REQUEST. */
  public static final Layout PAGE_HINT =
      Layout.of(
          "event", 256, NUMBER, SSV, SSID, SID, HINT_UX, HINT_UW, HINT_UR, HINT_PX, HINT_PW,
          HINT_PR, HINT_SPAN, INPUT_ADDR)
          .inPlace(INPUT_ADDR);
  // spotless:on

  /** CLASS: the access was to a CD, to a stage-1 table, or the transaction's own. */
  public static final int CLASS_CD = 0, CLASS_TT = 1, CLASS_IN = 2;

  private Event() {}

  /** The layout of a record with this number in its first word. */
  public static Layout layout(long word0) {
    EventType type = EventType.of((int) NUMBER.get(word0));
    if (type == EventType.F_BAD_ATS_TREQ) {
      return ATS;
    }
    if (type == EventType.E_PAGE_REQUEST) {
      return PAGE_HINT;
    }
    return type != null && type.isTranslationFault() ? TRANSLATION : FETCH;
  }
}
