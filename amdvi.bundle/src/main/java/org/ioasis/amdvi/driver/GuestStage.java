package org.ioasis.amdvi.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.ioasis.amdvi.format.Dte;
import org.ioasis.amdvi.format.Efr;
import org.ioasis.amdvi.format.GuestPte;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;

/**
 * A user&#39;s first stage: what of his device table entry the platform takes over. Everything
 * about the second stage is the parent&#39;s. "Device Table Entry Format".
 *
 * @param root guest address of his GCR3 table
 * @param glx its levels minus one
 * @param giov whether requests without a PASID use it too
 * @param ppr whether he takes page requests
 * @param pagingMode his v2 tables: 0 for four levels, 1 for five
 */
record GuestStage(long root, int glx, boolean giov, boolean ppr, int pagingMode) {
  /** Type of the blob: four words of a device table entry, little-endian. */
  static final String TYPE = "amdvi.guest-dte";

  private static final int GLX_RESERVED = 3;

  /**
   * Reads a user&#39;s entry.
   *
   * @throws IoasisException UNSUPPORTED for another type; INVALID if the entry is not legal here,
   *     naming the field
   */
  static GuestStage read(Blob blob, Claims claims, String unitId) {
    if (!blob.type().equals(TYPE) || blob.length() != Dte.BYTES) {
      throw refuse(
          Reason.UNSUPPORTED,
          unitId,
          "data of type %s, %d bytes; give %s of %d",
          blob.type(),
          blob.length(),
          TYPE,
          Dte.BYTES);
    }
    ByteBuffer in = blob.bytes().order(ByteOrder.LITTLE_ENDIAN);
    long word0 = in.getLong();
    long word1 = in.getLong();
    long word2 = in.getLong();
    if (Dte.MODE.get(word0) != 0 || Dte.HOST_ROOT.get(word0) != 0) {
      throw refuse(Reason.INVALID, unitId, "Mode and HostPageTableRoot are the parent's: give 0");
    }
    boolean valid = Dte.V.isSet(word0) && Dte.GV.isSet(word0);
    long root = Dte.gcr3Root(word0, word1);
    if (!valid || root == 0) {
      throw refuse(Reason.INVALID, unitId, "V, GV and the GCR3 root 0x%x must be there", root);
    }
    int glx = (int) Dte.GLX.get(word0);
    if (glx == GLX_RESERVED || glx > Efr.GLX_SUP.get(claims.efr())) {
      throw refuse(
          Reason.INVALID,
          unitId,
          "GLX %d is above EFR.GLXSup %d",
          glx,
          Efr.GLX_SUP.get(claims.efr()));
    }
    int paging = (int) Dte.GUEST_PAGING.get(word2);
    boolean five = paging == GuestPte.PAGING_5_LEVEL && Efr.guestLevels(claims.efr()) == 5;
    if (paging != GuestPte.PAGING_4_LEVEL && !five) {
      throw refuse(Reason.INVALID, unitId, "GuestPagingMode %d is above EFR.GATS", paging);
    }
    return new GuestStage(root, glx, Dte.GIOV.isSet(word0), Dte.PPR.isSet(word0), paging);
  }

  private static IoasisException refuse(
      Reason reason, String unitId, String why, Object... values) {
    return new IoasisException(
        reason, "nested domain refused: unit %s: ".formatted(unitId) + why.formatted(values));
  }

  /** The data that {@link #read} reads as this. */
  Blob blob() {
    long word0 =
        Dte.V.mask()
            | Dte.GV.mask()
            | Dte.GLX.of(glx)
            | (giov ? Dte.GIOV.mask() : 0)
            | (ppr ? Dte.PPR.mask() : 0);
    ByteBuffer out = ByteBuffer.allocate(Dte.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(Dte.withGcr3Root0(word0, root)).putLong(Dte.withGcr3Root1(0, root));
    out.putLong(Dte.GUEST_PAGING.of(pagingMode)).putLong(0).flip();
    return new Blob(TYPE, out);
  }
}
