package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Interrupt remapping table entry, 128 bits, in posted format (IM=1). VT-d, "Interrupt Remapping
 * Table Entry (IRTE) for Posted Interrupts". P, FPD, V, SID, SQ and SVT stand where {@link
 * InterruptEntry} has them.
 *
 * <pre>
 *  63           38 37   24 23  16 15 14  13 12 11   8 7   2   1  0
 * +---------------+-------+------+--+---+-----+------+-----+---+-+
 * |   PDA[31:6]   | rsvd  |  V   |IM|URG|rsvd |AVAIL |rsvd |FPD|P|
 * +---------------+-------+------+--+---+-----+------+-----+---+-+
 *  127                   96 95   84 83 82 81 80 79             64
 * +------------------------+-------+-----+-----+-----------------+
 * |       PDA[63:32]       | rsvd  | SVT | SQ  |       SID       |
 * +------------------------+-------+-----+-----+-----------------+
 * </pre>
 */
public final class PostedInterruptEntry {
  // spotless:off
  /** Urgent: notify although SN is set. */
  public static final Field URG    = bit ("URG",        14);
  /** Descriptor, address bits 31:6. */
  public static final Field PDA_LO = bits("PDA[31:6]",  63, 38);
  /** Descriptor, address bits 63:32. */
  public static final Field PDA_HI = bits("PDA[63:32]", 127, 96);
  // spotless:on

  /** The structure. */
  public static final Layout LAYOUT =
      Layout.of(
          "posted IRTE",
          128,
          InterruptEntry.P,
          InterruptEntry.FPD,
          InterruptEntry.AVAIL,
          URG,
          InterruptEntry.IM,
          InterruptEntry.V,
          PDA_LO,
          InterruptEntry.SID,
          InterruptEntry.SQ,
          InterruptEntry.SVT,
          PDA_HI);

  private static final int PDA_ALIGNMENT_LG2 = 6;

  /** Bytes to which a descriptor is aligned. */
  public static final long ALIGNMENT = 1L << PDA_ALIGNMENT_LG2;

  private static final int PDA_HI_SHIFT = 32;

  private PostedInterruptEntry() {}

  /**
   * Whether reserved bits are set, address bits above the host width among them.
   *
   * @param addressMask 2^HAW - 1
   */
  public static boolean hasReserved(long lo, long hi, long addressMask) {
    return (lo & LAYOUT.reserved(0)) != 0
        || (hi & LAYOUT.reserved(1)) != 0
        || (descriptor(lo, hi) & ~addressMask) != 0;
  }

  /** Bits 63:0 of an entry that hold a descriptor's address. */
  public static long low(long descriptor) {
    return PDA_LO.of((descriptor & 0xFFFF_FFFFL) >>> PDA_ALIGNMENT_LG2);
  }

  /** Bits 127:64 of an entry that hold a descriptor's address. */
  public static long high(long descriptor) {
    return PDA_HI.of(descriptor >>> PDA_HI_SHIFT);
  }

  /** Address of the posted interrupt descriptor, 64-byte aligned. */
  public static long descriptor(long lo, long hi) {
    return PDA_HI.get(lo, hi) << PDA_HI_SHIFT | PDA_LO.get(lo) << PDA_ALIGNMENT_LG2;
  }
}
