package org.ioasis.vtd.format;

import static org.ioasis.kit.layout.Field.bit;
import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;

/**
 * Virtual command registers, at the offsets and with the fields of the current layout. VT-d,
 * "Virtual Command Capability Register", "Virtual Command Register", "Virtual Command Extended
 * Operand Register", "Virtual Command Response Register".
 */
public final class VirtualCommand {
  // spotless:off
  public static final Field PAS     = bit ("PAS",      0);      // VCCAP: allocate and free PASIDs
  public static final Field CMD     = bits("CMD",      7,  0);  // VCMD: one of the commands
  public static final Field OPERAND = bits("OPERAND", 63, 16);  // VCMD: operand A
  public static final Field IP      = bit ("IP",       0);      // VCRSP: in progress
  public static final Field SC      = bits("SC",       7,  1);  // VCRSP: status code
  public static final Field RESULT  = bits("RESULT",  63, 16);  // VCRSP: result
  // spotless:on

  /** Commands. */
  public static final int NULL = 0, ALLOCATE_PASID = 1, FREE_PASID = 2;

  /** Status: done; no such command; no PASID left, or none that can be freed. */
  public static final int SUCCESS = 0, INVALID_COMMAND = 1, NO_PASID = 16;

  public static final Layout VCCAP_LAYOUT = Layout.of("VCCAP_REG", 64, PAS);
  public static final Layout VCMD_LAYOUT = Layout.of("VCMD_REG", 64, CMD, OPERAND);
  public static final Layout VCRSP_LAYOUT = Layout.of("VCRSP_REG", 64, IP, SC, RESULT);

  private VirtualCommand() {}
}
