package org.ioasis.amdvi.format;

import static org.ioasis.kit.layout.Field.bits;

import org.ioasis.kit.layout.Field;

/**
 * What all commands of the command buffer share: 128 bits with the opcode in 63:60. "Command
 * Buffer".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class Command {
  // spotless:off
  public static final Field OPCODE = bits("Opcode",  63,  60);
  // spotless:on

  // spotless:off
  /** Opcodes. */
  public static final int
      COMPLETION_WAIT = 1, INVALIDATE_DEVTAB_ENTRY = 2, INVALIDATE_IOMMU_PAGES = 3,
      INVALIDATE_IOTLB_PAGES = 4, INVALIDATE_INTERRUPT_TABLE = 5, PREFETCH_IOMMU_PAGES = 6,
      COMPLETE_PPR_REQUEST = 7, INVALIDATE_IOMMU_ALL = 8;
  // spotless:on

  private static final String[] NAMES = {
    null,
    "COMPLETION_WAIT",
    "INVALIDATE_DEVTAB_ENTRY",
    "INVALIDATE_IOMMU_PAGES",
    "INVALIDATE_IOTLB_PAGES",
    "INVALIDATE_INTERRUPT_TABLE",
    "PREFETCH_IOMMU_PAGES",
    "COMPLETE_PPR_REQUEST",
    "INVALIDATE_IOMMU_ALL"
  };

  private Command() {}

  /** The opcode, 0 to 15. */
  public static int opcode(long word0) {
    return (int) OPCODE.get(word0);
  }

  /** The specification&#39;s name of an opcode, {@code OPCODE_9} for one without a name here. */
  public static String name(int opcode) {
    return opcode > 0 && opcode < NAMES.length ? NAMES[opcode] : "OPCODE_%X".formatted(opcode);
  }
}
