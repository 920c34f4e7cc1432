package org.ioasis.smmuv3.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.smmuv3.format.Ste;

/**
 * A user&#39;s first stage: words 0 and 1 of his stream table entry, as far as they are his to
 * give. "Stream Table Entry"; the fields are those that the kernel&#39;s user API accepts.
 *
 * @param word0 V, Config, S1Fmt, S1ContextPtr, S1CDMax
 * @param word1 S1DSS, S1CIR, S1COR, S1CSH, S1STALLD, EATS
 */
record GuestStage(long word0, long word1) {
  /** Type of the blob: two words, little-endian. */
  static final String TYPE = "smmuv3.guest-ste";

  private static final int BYTES = 16;
  private static final long ALLOWED_0 =
      Ste.V.mask()
          | Ste.CONFIG.mask()
          | Ste.S1FMT.mask()
          | Ste.S1CONTEXTPTR.mask()
          | Ste.S1CDMAX.mask();
  private static final long ALLOWED_1 =
      Ste.S1DSS.mask()
          | Ste.S1CIR.mask()
          | Ste.S1COR.mask()
          | Ste.S1CSH.mask()
          | Ste.S1STALLD.mask()
          | Ste.EATS.mask();
  private static final int FULL_ATS = 1;

  /**
   * Reads a user&#39;s entry.
   *
   * @throws IoasisException UNSUPPORTED for another type; INVALID if the entry is not legal here,
   *     naming the field
   */
  static GuestStage read(Blob blob, String unitId) {
    if (!blob.type().equals(TYPE) || blob.length() != BYTES) {
      throw refuse(
          Reason.UNSUPPORTED,
          unitId,
          "data of type %s, %d bytes; give %s of %d",
          blob.type(),
          blob.length(),
          TYPE,
          BYTES);
    }
    ByteBuffer in = blob.bytes().order(ByteOrder.LITTLE_ENDIAN);
    long word0 = in.getLong();
    long word1 = in.getLong();
    if ((word0 & ~ALLOWED_0) != 0 || (word1 & ~ALLOWED_1) != 0) {
      throw refuse(
          Reason.INVALID,
          unitId,
          "bits 0x%x of word 0 and 0x%x of word 1 are not a user's to give",
          word0 & ~ALLOWED_0,
          word1 & ~ALLOWED_1);
    }
    int config = (int) Ste.CONFIG.get(word0);
    if (config != StreamPlan.CONFIG_ABORT
        && config != StreamPlan.CONFIG_BYPASS
        && config != StreamPlan.CONFIG_S1) {
      throw refuse(
          Reason.INVALID, unitId, "Config %d is neither abort, bypass nor stage 1", config);
    }
    if (Ste.EATS.get(word1) > FULL_ATS) {
      throw refuse(Reason.INVALID, unitId, "EATS %d is neither 0 nor 1", Ste.EATS.get(word1));
    }
    return new GuestStage(word0, word1);
  }

  private static IoasisException refuse(
      Reason reason, String unitId, String why, Object... values) {
    return new IoasisException(
        reason, "nested domain refused: unit %s: ".formatted(unitId) + why.formatted(values));
  }

  /** Whether anything passes. */
  boolean grants() {
    return Ste.V.isSet(word0) && Ste.CONFIG.get(word0) != StreamPlan.CONFIG_ABORT;
  }

  /** Whether he lets the device hold translations. */
  boolean ats() {
    return Ste.EATS.get(word1) == FULL_ATS;
  }

  /** Puts his part into an entry whose second stage is the parent&#39;s. */
  void fill(long[] words, boolean atc) {
    if (!grants()) {
      return; // valid, and lets nothing pass
    }
    boolean first = Ste.CONFIG.get(word0) == StreamPlan.CONFIG_S1;
    int config = first ? StreamPlan.CONFIG_BOTH : StreamPlan.CONFIG_S2;
    words[0] |= Ste.CONFIG.of(config) | (word0 & ~(Ste.V.mask() | Ste.CONFIG.mask()));
    words[1] |= word1 & ~Ste.EATS.mask();
    words[1] = atc && ats() ? words[1] : words[1] & ~Ste.EATS.mask();
  }

  /** The data that {@link #read} reads as this. */
  Blob blob() {
    ByteBuffer out = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return new Blob(TYPE, out.putLong(word0).putLong(word1).flip());
  }
}
