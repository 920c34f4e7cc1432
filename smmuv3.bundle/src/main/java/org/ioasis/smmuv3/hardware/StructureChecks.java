package org.ioasis.smmuv3.hardware;

import org.ioasis.smmuv3.format.Cd;
import org.ioasis.smmuv3.format.Idr0;
import org.ioasis.smmuv3.format.Lpae;
import org.ioasis.smmuv3.format.Ste;

/**
 * When an STE or a CD is illegal, rule by rule. "Validity of STE", "Validity of CD". Every rule
 * gives the text of its objection, for people; null means legal.
 *
 * <p>Fast and reference walk share these rules, and nothing else that decides: they are long, they
 * are pure, and a table test holds each of them with its legal neighbour.
 *
 * <p><b>Threading:</b> immutable.
 */
final class StructureChecks {
  private static final int AIDR_3_1 = 1;

  private final Capabilities can;

  StructureChecks(Capabilities can) {
    this.can = can;
  }

  /** What is wrong with an STE; null if it is legal. Config values below 4 are legal with V=1. */
  String stream(long[] ste) {
    if (!Ste.V.isSet(ste)) {
      return "V=0";
    }
    int config = (int) Ste.CONFIG.get(ste);
    if (config < Ste.CONFIG_BYPASS) {
      return null;
    }
    boolean stage1 = (config & 1) != 0;
    boolean stage2 = (config & 2) != 0;
    if (stage1 && !can.stage1()) {
      return "Config=%d selects stage 1, IDR0.S1P=0".formatted(config);
    }
    if (stage2 && !can.stage2()) {
      return "Config=%d selects stage 2, IDR0.S2P=0".formatted(config);
    }
    String objection = ats(ste, config, stage2);
    if (objection == null) {
      objection = world(ste, config);
    }
    if (objection == null && stage1) {
      objection = stage1(ste, stage2);
    }
    if (objection == null && stage2) {
      objection = stage2(ste);
    }
    return objection;
  }

  private String ats(long[] ste, int config, boolean stage2) {
    if (!can.ats()) {
      return null;
    }
    boolean stalls = stage2 && Ste.S2S.isSet(ste);
    return switch ((int) Ste.EATS.get(ste)) {
      case Ste.EATS_FULL -> stalls && can.aidr() >= AIDR_3_1 ? "EATS=1 with S2S=1" : null;
      case Ste.EATS_SPLIT -> splitStage(config, stalls);
      case Ste.EATS_DPT -> "EATS=3, and IDR3.DPT=0";
      default -> null;
    };
  }

  private String splitStage(int config, boolean stalls) {
    if (config != Ste.CONFIG_NESTED) {
      return "EATS=2 with Config=%d".formatted(config);
    }
    if (stalls) {
      return "EATS=2 with S2S=1";
    }
    return can.splitStage() ? null : "EATS=2, and IDR0.NS1ATS=1: no split stage";
  }

  private String world(long[] ste, int config) {
    long strw = Ste.STRW.get(ste);
    if (config == Ste.CONFIG_S1 && can.el2() && (strw & 1) != 0) {
      return "STRW=%d is no Non-secure StreamWorld".formatted(strw);
    }
    boolean el2 = config == Ste.CONFIG_S1 && can.el2() && strw == 2;
    long vmid = Ste.S2VMID.get(ste);
    boolean usesVmid = can.stage2() && config != Ste.CONFIG_BYPASS && !el2;
    return usesVmid && !can.vmid16() && vmid > 0xFF
        ? "S2VMID=0x%x with IDR0.VMID16=0".formatted(vmid)
        : null;
  }

  private String stage1(long[] ste, boolean stage2) {
    long bits = Ste.S1CDMAX.get(ste);
    if (Ste.S1STALLD.isSet(ste) && can.stallModel() != Idr0.STALL_BOTH) {
      return "S1STALLD=1 with IDR0.STALL_MODEL=%d".formatted(can.stallModel());
    }
    if (bits > can.ssidBits()) {
      return "S1CDMax=%d > IDR1.SSIDSIZE=%d".formatted(bits, can.ssidBits());
    }
    long format = Ste.S1FMT.get(ste);
    if (bits != 0 && (format == 1 || format == 2) && !can.twoLevelContexts()) {
      return "S1Fmt=%d with IDR0.CD2L=0".formatted(format);
    }
    long pointer = Ste.S1CONTEXTPTR.inPlace(ste);
    return !stage2 && pointer >>> can.oas() != 0
        ? "S1ContextPtr=0x%x >= 2^%d".formatted(pointer, can.oas())
        : null;
  }

  private String stage2(long[] ste) {
    if (Ste.S2S.isSet(ste) && can.stallModel() == Idr0.STALL_NONE) {
      return "S2S=1 with IDR0.STALL_MODEL=1";
    }
    if (!Ste.S2S.isSet(ste) && can.stallModel() == Idr0.STALL_FORCED) {
      return "S2S=0 with IDR0.STALL_MODEL=2";
    }
    if (!Ste.S2AA64.isSet(ste)) {
      return "S2AA64=0: VMSAv8-32 tables are not supported";
    }
    if (Ste.S2HA.isSet(ste) && !can.updatesAccess()) {
      return "S2HA=1 with IDR0.HTTU=0";
    }
    if (Ste.S2HD.isSet(ste) && !can.updatesDirty()) {
      return "S2HD=1 with IDR0.HTTU < 2";
    }
    boolean big = Ste.S2ENDI.isSet(ste);
    if (!can.endian(big)) {
      return "S2ENDI=%d is not in IDR0.TTENDIAN".formatted(big ? 1 : 0);
    }
    return stage2Tables(ste);
  }

  private String stage2Tables(long[] ste) {
    int granule = Lpae.granuleOfTg0(Ste.S2TG.get(ste));
    if (!can.hasGranule(granule)) {
      return "S2TG=%d is reserved or not in IDR5".formatted(Ste.S2TG.get(ste));
    }
    boolean ds = Regime.ds(Ste.S2DS.isSet(ste), granule, can);
    int size = (int) Ste.S2T0SZ.get(ste);
    int smallest = can.smallestS2t0sz(granule, ds);
    int largest = can.largestTxsz(granule);
    if (size < smallest || size > largest) {
      return "S2T0SZ=%d is not %d to %d".formatted(size, smallest, largest);
    }
    int level = Regime.stage2StartLevel(ste, can);
    if (level == Lpae.NONE || !Lpae.isConsistent(granule, level, 64 - size)) {
      return "S2T0SZ=%d, S2SL0=%d and S2TG=%d do not fit together"
          .formatted(size, Ste.S2SL0.get(ste), Ste.S2TG.get(ste));
    }
    int output = can.outputBits(Ste.S2PS.get(ste), granule, ds);
    long ttb = Ste.S2TTB.inPlace(ste);
    return ttb >>> output != 0 ? "S2TTB=0x%x >= 2^%d".formatted(ttb, output) : null;
  }

  /** What is wrong with a CD below this STE; null if it is legal. */
  String context(long[] cd, StreamEntry ste) {
    if (!Cd.V.isSet(cd)) {
      return "V=0";
    }
    String objection = ends(cd, ste);
    if (objection != null) {
      return objection;
    }
    if (!Cd.AA64.isSet(cd)) {
      return "AA64=0: VMSAv8-32 tables are not supported";
    }
    if (Cd.HA.isSet(cd) && !can.updatesAccess()) {
      return "HA=1 with IDR0.HTTU=0";
    }
    if (Cd.HD.isSet(cd) && !can.updatesDirty()) {
      return "HD=1 with IDR0.HTTU < 2";
    }
    boolean oneRange = ste.oneRange();
    if (!oneRange && !can.asid16() && Cd.ASID.get(cd) > 0xFF) {
      return "ASID=0x%x with IDR0.ASID16=0".formatted(Cd.ASID.get(cd));
    }
    boolean first = oneRange || !Cd.EPD0.isSet(cd);
    boolean second = !oneRange && !Cd.EPD1.isSet(cd);
    boolean big = Cd.ENDI.isSet(cd);
    if ((first || second) && !can.endian(big)) {
      return "ENDI=%d is not in IDR0.TTENDIAN".formatted(big ? 1 : 0);
    }
    objection = first ? half(cd, 0) : null;
    return objection == null && second ? half(cd, 1) : objection;
  }

  private String ends(long[] cd, StreamEntry ste) {
    if (Cd.S.isSet(cd)) {
      if (Ste.S1STALLD.isSet(ste.words)) {
        return "S=1 with STE.S1STALLD=1";
      }
      if (can.stallModel() == Idr0.STALL_NONE) {
        return "S=1 with IDR0.STALL_MODEL=1";
      }
    } else if (can.stallModel() == Idr0.STALL_FORCED) {
      return "S=0 with IDR0.STALL_MODEL=2";
    }
    return can.alwaysAborts() && !Cd.A.isSet(cd) ? "A=0 with IDR0.TERM_MODEL=1" : null;
  }

  private String half(long[] cd, int half) {
    boolean upper = half == 1;
    int granule = upper ? Lpae.granuleOfTg1(Cd.TG1.get(cd)) : Lpae.granuleOfTg0(Cd.TG0.get(cd));
    if (!can.hasGranule(granule)) {
      return "TG%d=%d is reserved or not in IDR5"
          .formatted(half, (upper ? Cd.TG1 : Cd.TG0).get(cd));
    }
    boolean ds = Regime.ds(Cd.DS.isSet(cd), granule, can);
    int size = (int) (upper ? Cd.T1SZ : Cd.T0SZ).get(cd);
    int smallest = can.smallestTxsz(granule, ds);
    int largest = can.largestTxsz(granule);
    if (size < smallest || size > largest) {
      return "T%dSZ=%d is not %d to %d".formatted(half, size, smallest, largest);
    }
    int output = can.outputBits(Cd.IPS.get(cd), granule, ds);
    long ttb = (upper ? Cd.TTB1 : Cd.TTB0).inPlace(cd);
    return ttb >>> output != 0 ? "TTB%d=0x%x >= 2^%d".formatted(half, ttb, output) : null;
  }
}
