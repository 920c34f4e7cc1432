package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Stream table entry, 512 bits in eight words, 64-byte aligned: what a StreamID leads to. "Stream
 * Table Entry".
 *
 * <p>Positions are numbered over the whole structure: word n begins at bit 64n. Fields of the
 * Secure and Realm worlds are named and not used. Bits that the implementation or software owns are
 * fields, so they are not reserved.
 *
 * <p><b>Threading:</b> constants.
 */
public final class Ste {
  /** Bytes of an entry, and so the distance of two in a table. */
  public static final int BYTES = 64;

  // spotless:off
  public static final Field V              = bit ("V",              0);         // word 0
  public static final Field CONFIG         = bits("Config",         3,   1);
  public static final Field S1FMT          = bits("S1Fmt",          5,   4);
  public static final Field S1CONTEXTPTR   = bits("S1ContextPtr",  55,   6);    // PA, or IPA with stage 2
  public static final Field S1CDMAX        = bits("S1CDMax",       63,  59);    // log2 of the CDs

  public static final Field S1DSS          = bits("S1DSS",         65,  64);    // word 1
  public static final Field S1CIR          = bits("S1CIR",         67,  66);
  public static final Field S1COR          = bits("S1COR",         69,  68);
  public static final Field S1CSH          = bits("S1CSH",         71,  70);
  public static final Field S2HWU          = bits("S2HWU",         75,  72);    // S2HWU59 to S2HWU62
  public static final Field DRE            = bit ("DRE",           76);
  public static final Field CONT           = bits("CONT",          80,  77);
  public static final Field DCP            = bit ("DCP",           81);
  public static final Field PPAR           = bit ("PPAR",          82);
  public static final Field MEV            = bit ("MEV",           83);
  public static final Field SW_RESERVED    = bits("SW_RESERVED",   87,  84);    // software's
  public static final Field S1PIE          = bit ("S1PIE",         88);
  public static final Field S2FWB          = bit ("S2FWB",         89);
  public static final Field S1MPAM         = bit ("S1MPAM",        90);
  public static final Field S1STALLD       = bit ("S1STALLD",      91);
  public static final Field EATS           = bits("EATS",          93,  92);
  public static final Field STRW           = bits("STRW",          95,  94);
  public static final Field MEMATTR        = bits("MemAttr",       99,  96);
  public static final Field MTCFG          = bit ("MTCFG",        100);
  public static final Field ALLOCCFG       = bits("ALLOCCFG",     104, 101);
  public static final Field SHCFG          = bits("SHCFG",        109, 108);
  public static final Field NSCFG          = bits("NSCFG",        111, 110);    // Secure streams
  public static final Field PRIVCFG        = bits("PRIVCFG",      113, 112);
  public static final Field INSTCFG        = bits("INSTCFG",      115, 114);
  public static final Field IMPDEF_1       = bits("IMPDEF[1]",    127, 116);

  public static final Field S2VMID         = bits("S2VMID",       143, 128);    // word 2
  public static final Field IMPDEF_2       = bits("IMPDEF[2]",    159, 144);
  public static final Field S2T0SZ         = bits("S2T0SZ",       165, 160);
  public static final Field S2SL0          = bits("S2SL0",        167, 166);
  public static final Field S2IR0          = bits("S2IR0",        169, 168);
  public static final Field S2OR0          = bits("S2OR0",        171, 170);
  public static final Field S2SH0          = bits("S2SH0",        173, 172);
  public static final Field S2TG           = bits("S2TG",         175, 174);
  public static final Field S2PS           = bits("S2PS",         178, 176);
  public static final Field S2AA64         = bit ("S2AA64",       179);
  public static final Field S2ENDI         = bit ("S2ENDI",       180);
  public static final Field S2AFFD         = bit ("S2AFFD",       181);
  public static final Field S2PTW          = bit ("S2PTW",        182);
  public static final Field S2HD           = bit ("S2HD",         183);
  public static final Field S2HA           = bit ("S2HA",         184);
  public static final Field S2S            = bit ("S2S",          185);         // stall
  public static final Field S2R            = bit ("S2R",          186);         // record
  public static final Field S2HAFT         = bit ("S2HAFT",       187);
  public static final Field S2PIE          = bit ("S2PIE",        188);
  public static final Field S2POE          = bit ("S2POE",        189);
  public static final Field DPT_VMATCH     = bits("DPT_VMATCH",   191, 190);

  public static final Field S2NSW          = bit ("S2NSW",        192);         // word 3
  public static final Field S2NSA          = bit ("S2NSA",        193);
  public static final Field S2SL0_2        = bit ("S2SL0_2",      194);
  public static final Field S2DS           = bit ("S2DS",         195);
  public static final Field S2TTB          = bits("S2TTB",        247, 196);
  public static final Field S2SKL          = bits("S2SKL",        254, 253);

  public static final Field IMPDEF_4       = bits("IMPDEF[4]",    271, 256);    // word 4
  public static final Field PARTID         = bits("PARTID",       287, 272);
  public static final Field S_S2T0SZ       = bits("S_S2T0SZ",     293, 288);
  public static final Field S_S2SL0        = bits("S_S2SL0",      295, 294);
  public static final Field S_S2TG         = bits("S_S2TG",       303, 302);
  public static final Field MECID          = bits("MECID",        319, 304);

  public static final Field PMG            = bits("PMG",          327, 320);    // word 5
  public static final Field MPAM_NS        = bit ("MPAM_NS",      328);
  public static final Field ASSURED_ONLY   = bit ("AssuredOnly",  329);
  public static final Field TL0            = bit ("TL0",          330);
  public static final Field TL1            = bit ("TL1",          331);
  public static final Field VMSPTR         = bits("VMSPtr",       375, 332);

  public static final Field S2SW           = bit ("S2SW",         384);         // word 6
  public static final Field S2SA           = bit ("S2SA",         385);
  public static final Field S_S2SL0_2      = bit ("S_S2SL0_2",    386);
  public static final Field S_S2TTB        = bits("S_S2TTB",      439, 388);
  public static final Field S_S2SKL        = bits("S_S2SKL",      446, 445);

  public static final Field S2POI          = bits("S2POI",        511, 448);    // word 7
  // spotless:on

  /** Config: abort without an event; every value below 4 is one. */
  public static final int CONFIG_ABORT = 0;

  /** Config: pass both stages by. */
  public static final int CONFIG_BYPASS = 4;

  /** Config: stage 1 alone. */
  public static final int CONFIG_S1 = 5;

  /** Config: stage 2 alone. */
  public static final int CONFIG_S2 = 6;

  /** Config: stage 1, then stage 2. */
  public static final int CONFIG_NESTED = 7;

  /** S1DSS: a transaction without a SubstreamID is terminated, passes stage 1 by, or uses CD 0. */
  public static final int S1DSS_TERMINATE = 0, S1DSS_BYPASS = 1, S1DSS_SSID0 = 2;

  /** EATS: no ATS, full, split stage, full with a device permission table. */
  public static final int EATS_NONE = 0, EATS_FULL = 1, EATS_SPLIT = 2, EATS_DPT = 3;

  /** SHCFG: as the transaction comes. Not 0, which makes it non-shareable. */
  public static final int SHCFG_INCOMING = 1;

  // spotless:off
  /** The whole entry. */
  public static final Layout LAYOUT =
      Layout.of(
          "STE", 512,
          V, CONFIG, S1FMT, S1CONTEXTPTR, S1CDMAX, S1DSS, S1CIR, S1COR, S1CSH, S2HWU, DRE, CONT,
          DCP, PPAR, MEV, SW_RESERVED, S1PIE, S2FWB, S1MPAM, S1STALLD, EATS, STRW, MEMATTR, MTCFG,
          ALLOCCFG, SHCFG, NSCFG, PRIVCFG, INSTCFG, IMPDEF_1, S2VMID, IMPDEF_2, S2T0SZ, S2SL0,
          S2IR0, S2OR0, S2SH0, S2TG, S2PS, S2AA64, S2ENDI, S2AFFD, S2PTW, S2HD, S2HA, S2S, S2R,
          S2HAFT, S2PIE, S2POE, DPT_VMATCH, S2NSW, S2NSA, S2SL0_2, S2DS, S2TTB, S2SKL, IMPDEF_4,
          PARTID, S_S2T0SZ, S_S2SL0, S_S2TG, MECID, PMG, MPAM_NS, ASSURED_ONLY, TL0, TL1, VMSPTR,
          S2SW, S2SA, S_S2SL0_2, S_S2TTB, S_S2SKL, S2POI)
          .inPlace(S1CONTEXTPTR, S2TTB);
  // spotless:on

  private Ste() {}
}
