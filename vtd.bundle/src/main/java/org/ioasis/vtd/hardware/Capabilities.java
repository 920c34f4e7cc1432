package org.ioasis.vtd.hardware;

import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.Profile;
import org.ioasis.kit.layout.Field;
import org.ioasis.vtd.format.Cap;
import org.ioasis.vtd.format.Ecap;

/**
 * What one unit can do: its identification registers, and the host address width that no register
 * reports. The registers hold what the profile states verbatim; the questions below answer with
 * what the unit claims <em>and</em> the model does, so a claim beyond the model is inert. VT-d,
 * "Capability Register", "Extended Capability Register".
 *
 * <p>Hot paths ask once, in their constructor, and keep the answer in final fields.
 *
 * @param version VER register: 7:4 major, 3:0 minor
 * @param cap CAP register, verbatim
 * @param ecap ECAP register, verbatim
 * @param haw host address width in bits: pointers and entries have no address bit at or above it
 */
public record Capabilities(int version, long cap, long ecap, int haw) {
  /** Feature bits of CAP that the model implements; fields with numbers always count. */
  public static final long CAP_MODELLED =
      ~(Cap.LAYOUT.reserved(0) | Cap.AFL.mask() | Cap.ECMDS.mask());

  /** Feature bits of ECAP that the model implements; fields with numbers always count. */
  public static final long ECAP_MODELLED =
      Ecap.C.mask()
          | Ecap.QI.mask()
          | Ecap.DT.mask()
          | Ecap.IR.mask()
          | Ecap.EIM.mask()
          | Ecap.PT.mask()
          | Ecap.SC.mask()
          | Ecap.IRO.mask()
          | Ecap.MHMV.mask()
          | Ecap.NEST.mask()
          | Ecap.PRS.mask()
          | Ecap.ERS.mask()
          | Ecap.SRS.mask()
          | Ecap.NWFS.mask()
          | Ecap.EAFS.mask()
          | Ecap.PSS.mask()
          | Ecap.PASID.mask()
          | Ecap.DIT.mask()
          | Ecap.PDS.mask()
          | Ecap.SMTS.mask()
          | Ecap.VCS.mask()
          | Ecap.SSADS.mask()
          | Ecap.SSTS.mask()
          | Ecap.FSTS.mask()
          | Ecap.SMPWCS.mask()
          | Ecap.RPS.mask()
          | Ecap.ADMS.mask()
          | Ecap.RPRIVS.mask();

  private static final int SMALLEST_HAW = 32;
  private static final int LARGEST_HAW = 52;

  /** Checks the width. */
  public Capabilities {
    if (haw < SMALLEST_HAW || haw > LARGEST_HAW) {
      throw new IoasisException(
          Reason.INVALID,
          "VT-d host address width %d is not %d to %d; set the profile parameter haw"
              .formatted(haw, SMALLEST_HAW, LARGEST_HAW));
    }
  }

  /**
   * The capabilities of a profile.
   *
   * @param profile states VER, CAP and ECAP; parameter {@code haw} is the host address width, by
   *     default MGAW, at most {@code machineBits}; parameter {@code vcs} replaces ECAP.VCS, 0 or 1
   * @param machineBits physical address width of the machine
   */
  public static Capabilities of(Profile profile, int machineBits) {
    long cap = profile.register("CAP");
    int mgaw = (int) Cap.MGAW.get(cap) + 1;
    int byDefault = Math.max(SMALLEST_HAW, Math.min(LARGEST_HAW, Math.min(mgaw, machineBits)));
    return new Capabilities(
        (int) profile.register("VER"),
        cap,
        claimed(profile),
        (int) Math.max(0, Math.min(99, profile.parameter("haw", byDefault))));
  }

  /** ECAP with the choice of parameter {@code vcs}. */
  private static long claimed(Profile profile) {
    long ecap = profile.register("ECAP");
    long choice = profile.parameter(VtdProfiles.VCS, Ecap.VCS.get(ecap));
    if (choice != 0 && choice != 1) {
      throw new IoasisException(
          Reason.INVALID,
          "profile parameter %s=%d is neither 0 nor 1; it says whether ECAP.VCS is claimed"
              .formatted(VtdProfiles.VCS, choice));
    }
    return Ecap.VCS.put(ecap, choice);
  }

  private boolean has(Field feature, long register, long modelled) {
    return feature.isSet(register & modelled);
  }

  private boolean cap(Field feature) {
    return has(feature, cap, CAP_MODELLED);
  }

  private boolean ecap(Field feature) {
    return has(feature, ecap, ECAP_MODELLED);
  }

  /** VER.MAJOR. */
  public int majorVersion() {
    return version >>> 4 & 0xF;
  }

  /** Mask of the implemented physical address bits: {@code 2^haw - 1}. */
  public long addressMask() {
    return (1L << haw) - 1;
  }

  /** CAP.MGAW + 1: bits of the largest guest address. */
  public int mgaw() {
    return (int) Cap.MGAW.get(cap) + 1;
  }

  /** Width of an address that passes unchanged: guest and host must both have it. */
  public int identityWidth() {
    return Math.min(mgaw(), haw);
  }

  /** CAP.SAGAW: bit n set means tables of n+2 levels, code n in AW fields. */
  public int sagawMask() {
    return (int) Cap.SAGAW.get(cap);
  }

  /** Whether AW code {@code aw} (0 to 7) names a supported table depth. */
  public boolean supportsAw(int aw) {
    return aw < 5 && (sagawMask() >>> aw & 1) != 0;
  }

  /** The AW code of the deepest supported tables, -1 if there is none. */
  public int largestAw() {
    return 31 - Integer.numberOfLeadingZeros(sagawMask());
  }

  /** CAP.SSLPS: {@link Cap#SSLPS_2M}, {@link Cap#SSLPS_1G}. */
  public int sslpsMask() {
    return (int) Cap.SSLPS.get(cap);
  }

  /** Width of a domain-id in bits: 4 + 2*ND, at most 16. */
  public int domainIdBits() {
    return Math.min(16, 4 + 2 * (int) Cap.ND.get(cap));
  }

  /** CAP.CM: not-present and faulting entries may be cached. */
  public boolean cachingMode() {
    return cap(Cap.CM);
  }

  /** CAP.ZLR: zero-length reads of write-only pages pass. */
  public boolean zeroLengthRead() {
    return cap(Cap.ZLR);
  }

  /** CAP.PSI: page-selective invalidation. */
  public boolean pageSelective() {
    return cap(Cap.PSI);
  }

  /** CAP.MAMV: largest address mask of a page-selective invalidation. */
  public int mamv() {
    return (int) Cap.MAMV.get(cap);
  }

  /** CAP.FS1GP: first-stage 1 GiB pages. */
  public boolean firstStage1G() {
    return cap(Cap.FS1GP);
  }

  /** CAP.FS5LP: 5-level first-stage tables. */
  public boolean firstStage5Level() {
    return cap(Cap.FS5LP);
  }

  /** CAP.RWBF: software must flush write buffers. */
  public boolean writeBufferFlush() {
    return cap(Cap.RWBF);
  }

  /** CAP.PLMR: protected low memory region. */
  public boolean protectedLow() {
    return cap(Cap.PLMR);
  }

  /** CAP.PHMR: protected high memory region. */
  public boolean protectedHigh() {
    return cap(Cap.PHMR);
  }

  /** CAP.ESRTPS: SRTP invalidates all DMA remapping caches. */
  public boolean rootPointerInvalidates() {
    return cap(Cap.ESRTPS);
  }

  /** Number of fault recording registers, 1 to 256. */
  public int faultRecords() {
    return (int) Cap.NFR.get(cap) + 1;
  }

  /** Byte offset of FRCD[0] in the register block. */
  public int faultRecordOffset() {
    return (int) Cap.FRO.get(cap) * 16;
  }

  /** Byte offset of IVA in the register block; IOTLB follows 8 bytes further. */
  public int ivaOffset() {
    return (int) Ecap.IRO.get(ecap) * 16;
  }

  /** ECAP.C: walks of root, context and legacy tables snoop. */
  public boolean coherentWalks() {
    return ecap(Ecap.C);
  }

  /** ECAP.SMPWCS: walks under PASID entries snoop. */
  public boolean coherentScalableWalks() {
    return ecap(Ecap.SMPWCS);
  }

  /** ECAP.QI: queued invalidation. */
  public boolean queuedInvalidation() {
    return ecap(Ecap.QI);
  }

  /** ECAP.DT: device-TLBs. */
  public boolean deviceTlb() {
    return ecap(Ecap.DT);
  }

  /** ECAP.IR: interrupt remapping. */
  public boolean interruptRemapping() {
    return ecap(Ecap.IR);
  }

  /** ECAP.EIM: 32-bit APIC ids, so upper message addresses exist. */
  public boolean extendedInterruptMode() {
    return ecap(Ecap.EIM);
  }

  /** CAP.PI with ECAP.IR, which it needs: interrupts posted into memory. */
  public boolean postedInterrupts() {
    return cap(Cap.PI) && interruptRemapping();
  }

  /** CAP.ESIRTPS: SIRTP invalidates the interrupt entry cache. */
  public boolean interruptPointerInvalidates() {
    return cap(Cap.ESIRTPS);
  }

  /** ECAP.VCS: virtual command registers. */
  public boolean virtualCommands() {
    return ecap(Ecap.VCS);
  }

  /** ECAP.MHMV: largest index mask of an interrupt entry cache invalidation. */
  public int mhmv() {
    return (int) Ecap.MHMV.get(ecap);
  }

  /** ECAP.PT: pass-through. */
  public boolean passThrough() {
    return ecap(Ecap.PT);
  }

  /** ECAP.SC: snoop control. */
  public boolean snoopControl() {
    return ecap(Ecap.SC);
  }

  /** ECAP.MTS: memory types. */
  public boolean memoryTypes() {
    return ecap(Ecap.MTS);
  }

  /** ECAP.NEST with FSTS and SSTS, which it needs: nested translation. */
  public boolean nested() {
    return ecap(Ecap.NEST) && firstStage() && secondStage();
  }

  /** ECAP.PRS with DT and SMTS, which it needs: page requests. */
  public boolean pageRequests() {
    return ecap(Ecap.PRS) && deviceTlb() && scalable();
  }

  /** ECAP.ERS: execute requests. */
  public boolean executeRequests() {
    return ecap(Ecap.ERS);
  }

  /** ECAP.SRS: supervisor requests. */
  public boolean supervisorRequests() {
    return ecap(Ecap.SRS);
  }

  /** ECAP.NWFS: no-write flag of translation requests. */
  public boolean noWriteFlag() {
    return ecap(Ecap.NWFS);
  }

  /** ECAP.EAFS: extended accessed flag. */
  public boolean extendedAccessed() {
    return ecap(Ecap.EAFS);
  }

  /** ECAP.PASID: requests with PASID. */
  public boolean pasid() {
    return ecap(Ecap.PASID);
  }

  /** Width of a PASID in bits: PSS + 1, 0 without ECAP.PASID. */
  public int pasidBits() {
    return pasid() ? (int) Ecap.PSS.get(ecap) + 1 : 0;
  }

  /** ECAP.DIT: PFSID fields of device-TLB descriptors are valid. */
  public boolean invalidationThrottling() {
    return ecap(Ecap.DIT);
  }

  /** ECAP.PDS: page-request drain in wait descriptors. */
  public boolean pageRequestDrain() {
    return ecap(Ecap.PDS);
  }

  /** ECAP.SMTS: scalable mode, and with it 256-bit descriptors. */
  public boolean scalable() {
    return ecap(Ecap.SMTS);
  }

  /** ECAP.SSADS: second-stage accessed and dirty bits. */
  public boolean secondStageAccessedDirty() {
    return ecap(Ecap.SSADS);
  }

  /** ECAP.SSTS: PGTT 010. */
  public boolean secondStage() {
    return ecap(Ecap.SSTS);
  }

  /** ECAP.FSTS: PGTT 001. */
  public boolean firstStage() {
    return ecap(Ecap.FSTS);
  }

  /** ECAP.RPS: RID_PASID of scalable context entries. */
  public boolean ridPasid() {
    return ecap(Ecap.RPS);
  }

  /** ECAP.RPRIVS: RID_PRIV of scalable context entries. */
  public boolean ridPriv() {
    return ecap(Ecap.RPRIVS);
  }

  /** ECAP.ADMS: abort-DMA mode. */
  public boolean abortDma() {
    return ecap(Ecap.ADMS);
  }
}
