package org.ioasis.smmuv3.driver;

import java.util.Arrays;
import org.ioasis.smmuv3.format.Cd;
import org.ioasis.smmuv3.format.Idr5;
import org.ioasis.smmuv3.format.Lpae;

/**
 * What a context descriptor says for a stage-1 domain, and which of its bits the unit uses.
 * "Context Descriptor".
 *
 * <p><b>Threading:</b> pure functions.
 */
final class ContextPlan {
  static final int WORDS = Cd.BYTES / Long.BYTES;

  /** No descriptor. */
  static final long[] NONE = new long[WORDS];

  /** Index 0 non-cacheable, 1 write-back, 2 Device-nGnRE, 3 write-back outside. */
  private static final long MAIR0 = 0xF404_FF44L;

  private static final int WRITE_BACK = 1, INNER_SHAREABLE = 3;
  private static final int FULL_BITS = 64;
  private static final long SECOND_RANGE =
      Cd.T1SZ.mask() | Cd.TG1.mask() | Cd.IR1.mask() | Cd.OR1.mask() | Cd.SH1.mask();

  private ContextPlan() {}

  /** The descriptor of a domain. */
  static long[] of(SmmuDomain domain, Claims claims, boolean stalls) {
    Stage1Format format = (Stage1Format) domain.table().format();
    long[] words = new long[WORDS];
    words[0] =
        Cd.T0SZ.of(FULL_BITS - format.inputBits())
            | Cd.TG0.of(Lpae.tg0(format.granuleLg2()))
            | Cd.IR0.of(WRITE_BACK)
            | Cd.OR0.of(WRITE_BACK)
            | Cd.SH0.of(INNER_SHAREABLE)
            | Cd.EPD1.mask()
            | Cd.V.mask()
            | Cd.IPS.of(Idr5.OAS.get(claims.idr5()) == 7 ? 6 : Idr5.OAS.get(claims.idr5()))
            | Cd.AA64.mask()
            | (stalls || claims.stallsAlways() ? Cd.S.mask() : 0)
            | Cd.R.mask()
            | Cd.A.mask()
            | Cd.ASET.mask()
            | Cd.ASID.of(domain.tag())
            | (format.marksWritten() ? Cd.HA.mask() | Cd.HD.mask() : 0);
    words[1] = Cd.TTB0.ofInPlace(domain.table().root());
    words[3] = Cd.MAIR0.of(MAIR0);
    return words;
  }

  /** Which bits the unit uses: all that stand in the words this driver writes, if it is valid. */
  static long[] uses(long[] words) {
    long[] masks = new long[WORDS];
    masks[0] = Cd.V.mask();
    if (Cd.V.isSet(words[0])) {
      Arrays.fill(masks, 0, 4, -1L);
      masks[0] = Cd.EPD1.isSet(words[0]) ? ~SECOND_RANGE : -1L;
      masks[2] = Cd.EPD1.isSet(words[0]) ? ~Cd.TTB1.mask() : -1L;
    }
    return masks;
  }
}
