package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Extended capability register, 64 bits, read-only. VT-d, "Extended Capability Register". */
public final class Ecap {
  // spotless:off
  public static final Field C       = bit ("C",        0);      // walks of legacy tables snoop
  public static final Field QI      = bit ("QI",       1);      // queued invalidation
  public static final Field DT      = bit ("DT",       2);      // device-TLB
  public static final Field IR      = bit ("IR",       3);      // interrupt remapping
  public static final Field EIM     = bit ("EIM",      4);      // 32-bit APIC ids
  public static final Field PT      = bit ("PT",       6);      // pass-through
  public static final Field SC      = bit ("SC",       7);      // snoop control
  public static final Field IRO     = bits("IRO",     17,  8);  // IVA at IRO*16, IOTLB 8 further
  public static final Field MHMV    = bits("MHMV",    23, 20);  // largest iec_inv index mask
  public static final Field MTS     = bit ("MTS",     25);      // memory types
  public static final Field NEST    = bit ("NEST",    26);      // nested translation
  public static final Field PRS     = bit ("PRS",     29);      // page requests
  public static final Field ERS     = bit ("ERS",     30);      // execute requests
  public static final Field SRS     = bit ("SRS",     31);      // supervisor requests
  public static final Field NWFS    = bit ("NWFS",    33);      // no-write flag
  public static final Field EAFS    = bit ("EAFS",    34);      // extended accessed flag
  public static final Field PSS     = bits("PSS",     39, 35);  // PASID width - 1
  public static final Field PASID   = bit ("PASID",   40);      // requests with PASID
  public static final Field DIT     = bit ("DIT",     41);      // invalidation throttling: PFSID
  public static final Field PDS     = bit ("PDS",     42);      // page-request drain
  public static final Field SMTS    = bit ("SMTS",    43);      // scalable mode
  public static final Field VCS     = bit ("VCS",     44);      // virtual commands
  public static final Field SSADS   = bit ("SSADS",   45);      // second-stage accessed/dirty
  public static final Field SSTS    = bit ("SSTS",    46);      // second-stage translation
  public static final Field FSTS    = bit ("FSTS",    47);      // first-stage translation
  public static final Field SMPWCS  = bit ("SMPWCS",  48);      // scalable-mode walks snoop
  public static final Field RPS     = bit ("RPS",     49);      // RID_PASID
  public static final Field TDXIO   = bit ("TDXIO",   50);      // TDX Connect
  public static final Field PMS     = bit ("PMS",     51);      // performance monitoring
  public static final Field ADMS    = bit ("ADMS",    52);      // abort-DMA mode
  public static final Field RPRIVS  = bit ("RPRIVS",  53);      // RID_PRIV
  public static final Field HPTS    = bit ("HPTS",    55);      // host permission table
  public static final Field PTRS    = bit ("PTRS",    56);      // PASID in translated requests
  public static final Field PBDS    = bit ("PBDS",    57);      // as printed in datasheets
  // spotless:on

  public static final Layout LAYOUT =
      Layout.of(
          "ECAP_REG",
          64,
          C,
          QI,
          DT,
          IR,
          EIM,
          PT,
          SC,
          IRO,
          MHMV,
          MTS,
          NEST,
          PRS,
          ERS,
          SRS,
          NWFS,
          EAFS,
          PSS,
          PASID,
          DIT,
          PDS,
          SMTS,
          VCS,
          SSADS,
          SSTS,
          FSTS,
          SMPWCS,
          RPS,
          TDXIO,
          PMS,
          ADMS,
          RPRIVS,
          HPTS,
          PTRS,
          PBDS);

  private Ecap() {}
}
