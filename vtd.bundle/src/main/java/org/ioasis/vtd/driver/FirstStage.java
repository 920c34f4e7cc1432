package org.ioasis.vtd.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.PasidTableEntry;

/**
 * A user&#39;s first stage, as the kernel&#39;s structure for VT-d tells it: flags (64 bits),
 * address of the top table (64), address width (32), reserved (32).
 *
 * @param flags SRE 1, EAFE 2, WPE 4
 * @param table guest physical address of the top table
 * @param width 48 or 57
 */
record FirstStage(long flags, long table, int width) {
  /** Type of the blob. */
  static final String TYPE = "vtd.hwpt-s1";

  private static final int BYTES = 24;
  private static final long SRE = 1;
  private static final long EAFE = 2;
  private static final long WPE = 4;
  private static final int WIDTH_4_LEVEL = 48;
  private static final int WIDTH_5_LEVEL = 57;

  /**
   * Reads and checks one.
   *
   * @throws IoasisException UNSUPPORTED, TOO_LARGE or INVALID naming the field
   */
  static FirstStage of(Blob blob, Claims claims, String unitId) {
    if (!blob.type().equals(TYPE)) {
      throw refuse(Reason.UNSUPPORTED, unitId, "its data is %s, not %s", blob.type(), TYPE);
    }
    ByteBuffer bytes = blob.bytes().order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.remaining() < BYTES) {
      throw refuse(Reason.INVALID, unitId, "its data has %d bytes of %d", bytes.remaining(), BYTES);
    }
    FirstStage stage = new FirstStage(bytes.getLong(), bytes.getLong(), bytes.getInt());
    int reserved = bytes.getInt();
    while (bytes.hasRemaining()) {
      if (bytes.get() != 0) {
        throw refuse(Reason.TOO_LARGE, unitId, "its data goes on behind byte %d", BYTES);
      }
    }
    if (reserved != 0 || (stage.flags & ~(SRE | EAFE | WPE)) != 0) {
      throw refuse(
          Reason.UNSUPPORTED, unitId, "flags 0x%x or reserved 0x%x", stage.flags, reserved);
    }
    stage.check(claims, unitId);
    return stage;
  }

  private void check(Claims claims, String unitId) {
    if (width != WIDTH_4_LEVEL && (width != WIDTH_5_LEVEL || !claims.fiveLevelFirstStage())) {
      throw refuse(
          Reason.INVALID,
          unitId,
          "address width %d, where CAP.FS5LP=%d",
          width,
          claims.fiveLevelFirstStage() ? 1 : 0);
    }
    if ((flags & SRE) != 0 && !claims.supervisorRequests()) {
      throw refuse(Reason.INVALID, unitId, "SRE is asked for and ECAP.SRS=%d", 0);
    }
    if ((flags & EAFE) != 0 && !claims.extendedAccessed()) {
      throw refuse(Reason.INVALID, unitId, "EAFE is asked for and ECAP.EAFS=%d", 0);
    }
    if ((table & (1L << AddressBits.PAGE_LG2) - 1) != 0
        || (table & AddressBits.beyond(AddressBits.ENTRY_ADDRESS_HIGH + 1)) != 0) {
      throw refuse(Reason.INVALID, unitId, "top table 0x%x is no page below 2^52", table);
    }
  }

  private static IoasisException refuse(
      Reason reason, String unitId, String why, Object... values) {
    return new IoasisException(
        reason, "nested domain of unit %s refused: ".formatted(unitId) + why.formatted(values));
  }

  /** Bits 191:128 of the PASID table entry. */
  long entryWord() {
    return PasidTableEntry.SRE.of((flags & SRE) != 0 ? 1 : 0)
        | PasidTableEntry.EAFE.of((flags & EAFE) != 0 ? 1 : 0)
        | PasidTableEntry.WPE.of((flags & WPE) != 0 ? 1 : 0)
        | PasidTableEntry.FSPM.of(
            width == WIDTH_5_LEVEL ? PasidTableEntry.FSPM_5_LEVEL : PasidTableEntry.FSPM_4_LEVEL)
        | PasidTableEntry.FSPTPTR.ofInPlace(table);
  }

  /** The structure behind bits 191:128 of a PASID table entry. */
  static FirstStage ofEntryWord(long word) {
    return new FirstStage(
        PasidTableEntry.SRE.get(word) * SRE
            | PasidTableEntry.EAFE.get(word) * EAFE
            | PasidTableEntry.WPE.get(word) * WPE,
        PasidTableEntry.FSPTPTR.inPlace(word),
        PasidTableEntry.FSPM.get(word) == PasidTableEntry.FSPM_5_LEVEL
            ? WIDTH_5_LEVEL
            : WIDTH_4_LEVEL);
  }

  /** The kernel&#39;s structure again. */
  Blob blob() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(flags).putLong(table).putInt(width).putInt(0).flip();
    return new Blob(TYPE, bytes);
  }
}
