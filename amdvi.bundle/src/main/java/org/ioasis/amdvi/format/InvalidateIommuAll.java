package org.ioasis.amdvi.format;

import org.ioasis.kit.layout.Layout;

/**
 * INVALIDATE_IOMMU_ALL, 128 bits: everything that is cached. "INVALIDATE_IOMMU_ALL".
 *
 * <p><b>Threading:</b> constants and pure functions.
 */
public final class InvalidateIommuAll {
  // spotless:off

  /** The command. */
  public static final Layout LAYOUT =
      Layout.of("INVALIDATE_IOMMU_ALL", 128,
          Command.OPCODE);
  // spotless:on

  /** Word 0; word 1 is 0. */
  public static final long WORD0 = Command.OPCODE.of(Command.INVALIDATE_IOMMU_ALL);

  private InvalidateIommuAll() {}
}
