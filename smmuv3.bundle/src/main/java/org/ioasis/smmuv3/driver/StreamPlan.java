package org.ioasis.smmuv3.driver;

import java.util.Map;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.smmuv3.format.Idr5;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.Ste;

/**
 * What a stream table entry says for a set of attachments, and which of its bits the unit uses.
 * "Stream Table Entry".
 *
 * <table>
 * <caption>The entry by what is attached</caption>
 * <tr><th>without PASID</th><th>with PASIDs</th><th>Config</th></tr>
 * <tr><td>stage 1</td><td>any</td><td>stage 1, S1DSS=2: descriptor 0 serves requests without a
 *     PASID</td></tr>
 * <tr><td>identity</td><td>some</td><td>stage 1, S1DSS=1: requests without a PASID bypass</td></tr>
 * <tr><td>nothing or blocked</td><td>some</td><td>stage 1, S1DSS=0: they end</td></tr>
 * <tr><td>stage 2</td><td>none</td><td>stage 2</td></tr>
 * <tr><td>nested</td><td>the user&#39;s</td><td>both, or as the user&#39;s entry says</td></tr>
 * <tr><td>identity</td><td>none</td><td>bypass</td></tr>
 * <tr><td>nothing or blocked</td><td>none</td><td>abort</td></tr>
 * </table>
 *
 * @param rid what requests without a PASID meet; null for nothing
 * @param pasids whether a PASID is attached
 * @param faults whether some domain takes recoverable faults
 */
record StreamPlan(SmmuDomain rid, boolean pasids, boolean faults) {
  static final int WORDS = Ste.BYTES / Long.BYTES;

  /** Values of Config. */
  static final int CONFIG_ABORT = 0,
      CONFIG_BYPASS = 4,
      CONFIG_S1 = 5,
      CONFIG_S2 = 6,
      CONFIG_BOTH = 7;

  /** Values of S1DSS. */
  private static final int DSS_TERMINATE = 0, DSS_BYPASS = 1, DSS_CD_0 = 2;

  private static final int WRITE_BACK = 1, INNER_SHAREABLE = 3, INCOMING = 1, FULL_ATS = 1;
  private static final int FULL_BITS = 64;

  private static final long USED_BY_S1_0 =
      Ste.S1FMT.mask() | Ste.S1CONTEXTPTR.mask() | Ste.S1CDMAX.mask();
  private static final long USED_BY_S1_1 =
      Ste.S1DSS.mask()
          | Ste.S1CIR.mask()
          | Ste.S1COR.mask()
          | Ste.S1CSH.mask()
          | Ste.S1STALLD.mask()
          | Ste.STRW.mask();
  private static final long USED_BY_ALL_1 =
      Ste.EATS.mask() | Ste.SHCFG.mask() | Ste.MTCFG.mask() | Ste.MEV.mask() | Ste.PPAR.mask();

  /** The plan of attachments by PASID. */
  static StreamPlan of(Map<Integer, SmmuDomain> attached) {
    return new StreamPlan(
        attached.get(DmaRequest.NO_PASID),
        attached.keySet().stream().anyMatch(pasid -> pasid != DmaRequest.NO_PASID),
        attached.values().stream().anyMatch(SmmuDomain::isFaultCapable));
  }

  /** Whether the device&#39;s own context descriptors are used. */
  boolean usesContexts() {
    return pasids || (rid != null && rid.isStage1());
  }

  private boolean isIdentity() {
    return rid != null && rid.isIdentity();
  }

  /** Whether any request passes. */
  boolean grants() {
    return usesContexts() || (rid != null && !rid.isBlocked());
  }

  /**
   * The entry.
   *
   * @param contexts the device&#39;s descriptors; may be null if they are not used
   * @param atc whether the device may hold translations
   * @param stalls whether a refused transaction of stage 2 is held
   */
  long[] entry(ContextTable contexts, Claims claims, boolean atc, boolean stalls) {
    long[] words = new long[WORDS];
    words[0] = Ste.V.mask();
    if (!grants()) {
      return words;
    }
    words[1] = Ste.SHCFG.of(INCOMING) | Ste.MEV.mask() | (atc ? Ste.EATS.of(FULL_ATS) : 0);
    if (usesContexts()) {
      stage1(words, contexts);
    } else if (rid.isNested()) {
      rid.guest().fill(words, atc);
      stage2(words, rid.parent(), claims, stalls);
    } else if (rid.isStage2()) {
      words[0] |= Ste.CONFIG.of(CONFIG_S2);
      stage2(words, rid, claims, stalls);
    } else {
      words[0] |= Ste.CONFIG.of(CONFIG_BYPASS);
    }
    return words;
  }

  private void stage1(long[] words, ContextTable contexts) {
    words[0] |=
        Ste.CONFIG.of(CONFIG_S1)
            | Ste.S1FMT.of(contexts.format())
            | Ste.S1CONTEXTPTR.ofInPlace(contexts.root())
            | Ste.S1CDMAX.of(contexts.bits());
    int substream =
        rid != null && rid.isStage1() ? DSS_CD_0 : isIdentity() ? DSS_BYPASS : DSS_TERMINATE;
    words[1] |=
        Ste.S1DSS.of(contexts.bits() == 0 ? 0 : substream)
            | Ste.S1CIR.of(WRITE_BACK)
            | Ste.S1COR.of(WRITE_BACK)
            | Ste.S1CSH.of(INNER_SHAREABLE);
  }

  private static void stage2(long[] words, SmmuDomain domain, Claims claims, boolean stalls) {
    Stage2Format format = (Stage2Format) domain.table().format();
    long marks = format.tracksDirty() ? Ste.S2HA.mask() | Ste.S2HD.mask() : 0;
    words[2] =
        Ste.S2VMID.of(domain.tag())
            | Ste.S2T0SZ.of(FULL_BITS - format.inputBits())
            | Ste.S2SL0.of(Lpae.sl0(format.granuleLg2(), format.startLevel()))
            | Ste.S2IR0.of(WRITE_BACK)
            | Ste.S2OR0.of(WRITE_BACK)
            | Ste.S2SH0.of(INNER_SHAREABLE)
            | Ste.S2TG.of(Lpae.tg0(format.granuleLg2()))
            | Ste.S2PS.of(Math.min(5, Idr5.OAS.get(claims.idr5())))
            | Ste.S2AA64.mask()
            | marks
            | (stalls || claims.stallsAlways() ? Ste.S2S.mask() : 0)
            | Ste.S2R.mask();
    words[3] = Ste.S2TTB.ofInPlace(domain.table().root());
  }

  /** Which bits the unit uses, by V and Config. */
  static long[] uses(long[] words) {
    long[] masks = new long[WORDS];
    masks[0] = Ste.V.mask();
    if (!Ste.V.isSet(words[0])) {
      return masks;
    }
    masks[0] |= Ste.CONFIG.mask();
    int config = (int) Ste.CONFIG.get(words[0]);
    if (config < CONFIG_BYPASS) {
      return masks;
    }
    masks[1] = USED_BY_ALL_1;
    if (config == CONFIG_S1 || config == CONFIG_BOTH) {
      masks[0] |= USED_BY_S1_0;
      masks[1] |= USED_BY_S1_1;
      masks[2] |= Ste.S2VMID.mask();
    }
    if (config == CONFIG_S2 || config == CONFIG_BOTH) {
      masks[1] |= Ste.S2FWB.mask();
      masks[2] = -1L;
      masks[3] = -1L;
    }
    return masks;
  }
}
