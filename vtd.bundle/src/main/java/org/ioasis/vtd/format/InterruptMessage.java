package org.ioasis.vtd.format;

/**
 * The interrupt message that leaves the remapping hardware towards an APIC. VT-d, "Interrupt
 * Remapping Table Entry", "Programming in Intel 64 xAPIC and x2APIC Mode".
 */
public final class InterruptMessage {
  private static final int DESTINATION_SHIFT = 12;
  private static final int REDIRECTION_SHIFT = 3;
  private static final int MODE_SHIFT = 2;
  private static final int DELIVERY_SHIFT = 8;
  private static final int ASSERT = 1 << 14;
  private static final int TRIGGER_SHIFT = 15;

  private InterruptMessage() {}

  /** Whether address and data are such a message, with nothing else in them. */
  public static boolean isOne(long address, int data) {
    return (address & 0xFFF0_0000L) == AddressBits.INTERRUPT_FIRST
        && (address & 0xFF_0000_0FF3L) == 0
        && (data & ~0xC7FF) == 0;
  }

  /** The APIC id in an address. */
  public static int destination(long address) {
    return (int) ((address >>> DESTINATION_SHIFT & 0xFF) | (address >>> 32 & 0xFFFF_FF00L));
  }

  /** RH in an address. */
  public static long redirection(long address) {
    return address >>> REDIRECTION_SHIFT & 1;
  }

  /** DM in an address. */
  public static long mode(long address) {
    return address >>> MODE_SHIFT & 1;
  }

  /** The vector in data. */
  public static int vector(int data) {
    return data & 0xFF;
  }

  /** DLM in data. */
  public static int delivery(int data) {
    return data >>> DELIVERY_SHIFT & 7;
  }

  /** TM in data. */
  public static int trigger(int data) {
    return data >>> TRIGGER_SHIFT & 1;
  }

  /**
   * The address: FEEh, APIC id bits 7:0 in 19:12 and 31:8 in 63:40.
   *
   * @param destination APIC id
   * @param redirection RH, 0 or 1
   * @param mode DM, 0 or 1
   */
  public static long address(int destination, long redirection, long mode) {
    return AddressBits.INTERRUPT_FIRST
        | (destination & 0xFFL) << DESTINATION_SHIFT
        | (destination & 0xFFFF_FF00L) << 32
        | redirection << REDIRECTION_SHIFT
        | mode << MODE_SHIFT;
  }

  /**
   * The data: vector, delivery mode, asserted, trigger mode.
   *
   * @param vector 0 to 255
   * @param delivery DLM, 0 to 7
   * @param trigger TM, 0 or 1
   */
  public static int data(long vector, long delivery, long trigger) {
    return (int) (vector | delivery << DELIVERY_SHIFT | ASSERT | trigger << TRIGGER_SHIFT);
  }
}
