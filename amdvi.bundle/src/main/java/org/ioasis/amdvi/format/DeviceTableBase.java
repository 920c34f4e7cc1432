package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Base registers of the device table: the table, or its segment 0, and segments 1 to 7. "Device
 * Table Base Address Register", "Device Table Segment n Base Address Register".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class DeviceTableBase {
  // spotless:off
  public static final Field SIZE    = bits("Size",   8,   0);   // length in 4 KiB steps, minus 1
  public static final Field ADDRESS = bits("Base",  51,  12);

  /** The register. */
  public static final Layout LAYOUT =
      Layout.of("Device Table Base", 64,
          SIZE, ADDRESS)
          .inPlace(ADDRESS);
  // spotless:on

  /** Segments there may be at most, and so base registers. */
  public static final int SEGMENTS = 8;

  private DeviceTableBase() {}

  /** Entries that a table or segment holds, 128 to 65536. */
  public static int entries(long register) {
    return (int) (SIZE.get(register) + 1) << 7;
  }

  /** The largest Size value of a segment: 1FFh, FFh for 1, 7Fh for 2 and 3, 3Fh for 4 to 7. */
  public static int maxSize(int segment) {
    return 0x1FF >>> (Integer.SIZE - Integer.numberOfLeadingZeros(segment));
  }

  /**
   * The register that is written or read, without the bits of Size that the segment has not.
   *
   * @param segment 0 to 7
   */
  public static long writable(int segment) {
    return ADDRESS.mask() | maxSize(segment);
  }

  /** Segment of a DeviceID: its top {@code segmentsLg2} bits, of 0 to 3. */
  public static int segment(int deviceId, int segmentsLg2) {
    return (deviceId & 0xFFFF) >>> (16 - segmentsLg2);
  }

  /** Index of a DeviceID in its segment. */
  public static int index(int deviceId, int segmentsLg2) {
    return deviceId & (0xFFFF >>> segmentsLg2);
  }
}
