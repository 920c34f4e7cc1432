package org.ioasis.smmuv3.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Context descriptor, 512 bits in eight words, 64-byte aligned: the stage-1 tables of one
 * SubstreamID. "Context Descriptor".
 *
 * <p>Note the two codings of the granule: TG0 has 0 for 4K, 1 for 64K, 2 for 16K; TG1 has 1 for
 * 16K, 2 for 4K, 3 for 64K. Words 6 and 7 (permission indirection) are left out, and so count as
 * reserved; no profile offers it.
 *
 * <p><b>Threading:</b> constants.
 */
public final class Cd {
  /** Bytes of a descriptor, and so the distance of two in a table. */
  public static final int BYTES = 64;

  // spotless:off
  public static final Field T0SZ    = bits("T0SZ",      5,   0);    // word 0
  public static final Field TG0     = bits("TG0",       7,   6);
  public static final Field IR0     = bits("IR0",       9,   8);
  public static final Field OR0     = bits("OR0",      11,  10);
  public static final Field SH0     = bits("SH0",      13,  12);
  public static final Field EPD0    = bit ("EPD0",     14);
  public static final Field ENDI    = bit ("ENDI",     15);
  public static final Field T1SZ    = bits("T1SZ",     21,  16);
  public static final Field TG1     = bits("TG1",      23,  22);
  public static final Field IR1     = bits("IR1",      25,  24);
  public static final Field OR1     = bits("OR1",      27,  26);
  public static final Field SH1     = bits("SH1",      29,  28);
  public static final Field EPD1    = bit ("EPD1",     30);
  public static final Field V       = bit ("V",        31);
  public static final Field IPS     = bits("IPS",      34,  32);
  public static final Field AFFD    = bit ("AFFD",     35);
  public static final Field WXN     = bit ("WXN",      36);
  public static final Field UWXN    = bit ("UWXN",     37);
  public static final Field TBI0    = bit ("TBI0",     38);
  public static final Field TBI1    = bit ("TBI1",     39);
  public static final Field PAN     = bit ("PAN",      40);
  public static final Field AA64    = bit ("AA64",     41);
  public static final Field HD      = bit ("HD",       42);
  public static final Field HA      = bit ("HA",       43);
  public static final Field S       = bit ("S",        44);         // stall
  public static final Field R       = bit ("R",        45);         // record
  public static final Field A       = bit ("A",        46);         // abort; 0: RAZ/WI
  public static final Field ASET    = bit ("ASET",     47);
  public static final Field ASID    = bits("ASID",     63,  48);

  public static final Field NSCFG0  = bit ("NSCFG0",   64);         // word 1
  public static final Field HAD0    = bit ("HAD0",     65);
  public static final Field E0PD0   = bit ("E0PD0",    66);
  public static final Field HAFT    = bit ("HAFT",     67);
  public static final Field TTB0    = bits("TTB0",    119,  68);
  public static final Field PNCH    = bit ("PnCH",    122);
  public static final Field EPAN    = bit ("EPAN",    123);
  public static final Field HWU0    = bits("HWU0",    127, 124);    // HWU059 to HWU062

  public static final Field NSCFG1  = bit ("NSCFG1",  128);         // word 2
  public static final Field HAD1    = bit ("HAD1",    129);
  public static final Field E0PD1   = bit ("E0PD1",   130);
  public static final Field AIE     = bit ("AIE",     131);
  public static final Field TTB1    = bits("TTB1",    183, 132);
  public static final Field DS      = bit ("DS",      186);
  public static final Field PIE     = bit ("PIE",     187);
  public static final Field HWU1    = bits("HWU1",    191, 188);    // HWU159 to HWU162

  public static final Field MAIR0   = bits("MAIR0",   223, 192);    // word 3
  public static final Field MAIR1   = bits("MAIR1",   255, 224);

  public static final Field AMAIR   = bits("AMAIR",   319, 256);    // word 4, implementation's

  public static final Field IMPDEF  = bits("IMPDEF",  351, 320);    // word 5
  public static final Field PARTID  = bits("PARTID",  367, 352);
  public static final Field PMG     = bits("PMG",     375, 368);

  /** The whole descriptor. */
  public static final Layout LAYOUT =
      Layout.of(
          "CD", 512,
          T0SZ, TG0, IR0, OR0, SH0, EPD0, ENDI, T1SZ, TG1, IR1, OR1, SH1, EPD1, V, IPS, AFFD, WXN,
          UWXN, TBI0, TBI1, PAN, AA64, HD, HA, S, R, A, ASET, ASID,
          NSCFG0, HAD0, E0PD0, HAFT, TTB0, PNCH, EPAN, HWU0,
          NSCFG1, HAD1, E0PD1, AIE, TTB1, DS, PIE, HWU1,
          MAIR0, MAIR1, AMAIR, IMPDEF, PARTID, PMG)
          .inPlace(TTB0, TTB1);
  // spotless:on

  private Cd() {}
}
