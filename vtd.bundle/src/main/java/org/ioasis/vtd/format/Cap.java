package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/** Capability register, 64 bits, read-only. VT-d, "Capability Register". */
public final class Cap {
  // spotless:off
  public static final Field ND      = bits("ND",       2,  0);  // domain-id width is 4 + 2*ND
  public static final Field AFL     = bit ("AFL",      3);      // advanced fault logging, obsolete
  public static final Field RWBF    = bit ("RWBF",     4);      // write buffers need GCMD.WBF
  public static final Field PLMR    = bit ("PLMR",     5);      // protected low memory region
  public static final Field PHMR    = bit ("PHMR",     6);      // protected high memory region
  public static final Field CM      = bit ("CM",       7);      // caching mode
  public static final Field SAGAW   = bits("SAGAW",   12,  8);  // bit n: n+2 level tables
  public static final Field MGAW    = bits("MGAW",    21, 16);  // guest address width - 1
  public static final Field ZLR     = bit ("ZLR",     22);      // zero-length read of write-only
  public static final Field FRO     = bits("FRO",     33, 24);  // FRCD[0] at FRO*16
  public static final Field SSLPS   = bits("SSLPS",   37, 34);  // 2M, 1G, 512G, obsolete
  public static final Field PSI     = bit ("PSI",     39);      // page-selective invalidation
  public static final Field NFR     = bits("NFR",     47, 40);  // fault records - 1
  public static final Field MAMV    = bits("MAMV",    53, 48);  // largest address mask
  public static final Field DWD     = bit ("DWD",     54);      // write draining
  public static final Field DRD     = bit ("DRD",     55);      // read draining
  public static final Field FS1GP   = bit ("FS1GP",   56);      // first-stage 1 GiB pages
  public static final Field PI      = bit ("PI",      59);      // posted interrupts
  public static final Field FS5LP   = bit ("FS5LP",   60);      // first-stage 5-level paging
  public static final Field ECMDS   = bit ("ECMDS",   61);      // enhanced commands
  public static final Field ESIRTPS = bit ("ESIRTPS", 62);      // SIRTP invalidates the IEC
  public static final Field ESRTPS  = bit ("ESRTPS",  63);      // SRTP invalidates DMA caches
  // spotless:on

  /** SSLPS and SAGAW bits as masks within the field. */
  public static final int SSLPS_2M = 1, SSLPS_1G = 2;

  public static final Layout LAYOUT =
      Layout.of(
          "CAP_REG", 64, ND, AFL, RWBF, PLMR, PHMR, CM, SAGAW, MGAW, ZLR, FRO, SSLPS, PSI, NFR,
          MAMV, DWD, DRD, FS1GP, PI, FS5LP, ECMDS, ESIRTPS, ESRTPS);

  private Cap() {}
}
