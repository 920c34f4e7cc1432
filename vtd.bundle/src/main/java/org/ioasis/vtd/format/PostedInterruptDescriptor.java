package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Posted interrupt descriptor, 64 bytes, 64-byte aligned. VT-d, "Posted Interrupt Descriptor".
 *
 * <pre>
 *  511   320 319  288 287  280 279 272 271  258 257 256 255      0
 * +---------+--------+--------+-------+--------+---+---+----------+
 * |  rsvd   |  NDST  |  rsvd  |  NV   |  rsvd  |SN |ON |   PIR    |
 * +---------+--------+--------+-------+--------+---+---+----------+
 * </pre>
 */
public final class PostedInterruptDescriptor {
  // spotless:off
  /** Outstanding notification. */
  public static final Field ON   = bit ("ON",   256);
  /** Suppress notification. */
  public static final Field SN   = bit ("SN",   257);
  /** Notification vector. */
  public static final Field NV   = bits("NV",   279, 272);
  /** Notification destination: 32 bits with EIME=1, else bits 303:296. */
  public static final Field NDST = bits("NDST", 319, 288);
  // spotless:on

  /** Bytes of the descriptor. */
  public static final int BYTES = 64;

  /** Number of the quadword with ON to NDST, after those of PIR. */
  public static final int CONTROL = 4;

  /** The structure. */
  public static final Layout LAYOUT =
      Layout.of(
          "posted-interrupt-descriptor",
          512,
          bits("PIR[63:0]", 63, 0),
          bits("PIR[127:64]", 127, 64),
          bits("PIR[191:128]", 191, 128),
          bits("PIR[255:192]", 255, 192),
          ON,
          SN,
          NV,
          NDST);

  private static final int SHORT_NDST_SHIFT = 8;

  private PostedInterruptDescriptor() {}

  /** Reserved bits of a quadword, 0 to 7. */
  public static long reserved(int word) {
    return LAYOUT.reserved(word);
  }

  /** Byte offset of the quadword of PIR that holds a vector. */
  public static int requestOffset(int vector) {
    return vector >>> 6 << 3;
  }

  /** The bit of a vector in its quadword. */
  public static long requestBit(int vector) {
    return 1L << vector;
  }

  /**
   * The APIC id to notify.
   *
   * @param control the quadword {@link #CONTROL}
   * @param extended EIME
   */
  public static int destination(long control, boolean extended) {
    int ndst = (int) NDST.get(control);
    return extended ? ndst : ndst >>> SHORT_NDST_SHIFT & 0xFF;
  }
}
