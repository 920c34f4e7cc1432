package org.ioasis.vtd.hardware;

import java.util.BitSet;
import org.ioasis.vtd.format.RegisterMap;
import org.ioasis.vtd.format.VirtualCommand;

/**
 * The virtual command interface: PASIDs are allocated from and freed to a bitmap. VT-d, "Virtual
 * Command Interface". Commands complete at once: VCRSP.IP reads 0.
 *
 * <p>The lowest free PASID is given. PASID 0 is never given and cannot be freed: it is what
 * requests without PASID use. A unit without ECAP.PASID has none to give.
 *
 * <p><b>Threading:</b> under the unit's lock.
 */
final class VirtualCommands {
  private static final int LARGEST_PASID_BITS = 20;

  private final UnitCore core;
  private final int end;
  private BitSet used = new BitSet();

  VirtualCommands(UnitCore core) {
    this.core = core;
    this.end = 1 << Math.min(LARGEST_PASID_BITS, core.capabilities.pasidBits());
  }

  /** Software wrote the upper half of VCMD. */
  void written(long value) {
    long operand = VirtualCommand.OPERAND.get(value);
    long response =
        switch ((int) VirtualCommand.CMD.get(value)) {
          case VirtualCommand.NULL -> status(VirtualCommand.SUCCESS);
          case VirtualCommand.ALLOCATE_PASID -> allocate();
          case VirtualCommand.FREE_PASID -> free(operand);
          default -> status(VirtualCommand.INVALID_COMMAND);
        };
    core.registers.poke(RegisterMap.VCRSP, response);
  }

  private static long status(int code) {
    return VirtualCommand.SC.of(code);
  }

  private long allocate() {
    int pasid = used.nextClearBit(1);
    if (pasid >= end) {
      return status(VirtualCommand.NO_PASID);
    }
    used.set(pasid);
    return status(VirtualCommand.SUCCESS) | VirtualCommand.RESULT.of(pasid);
  }

  private long free(long pasid) {
    if (pasid >= end || !used.get((int) pasid)) {
      return status(VirtualCommand.NO_PASID);
    }
    used.clear((int) pasid);
    return status(VirtualCommand.SUCCESS);
  }

  /** PASIDs that are allocated, one bit each, for export. */
  byte[] allocated() {
    return used.toByteArray();
  }

  /** Takes over what was allocated; what this unit has no PASIDs for is left out. */
  void restore(byte[] allocated) {
    used = BitSet.valueOf(allocated);
    used.clear(0);
    used.clear(end, Math.max(end, used.length()));
  }
}
