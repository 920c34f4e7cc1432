package org.ioasis.vtd.driver;

import java.util.OptionalInt;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.PasidCommands;
import org.ioasis.api.machine.Mmio;
import org.ioasis.vtd.format.RegisterMap;
import org.ioasis.vtd.format.VirtualCommand;

/**
 * PASIDs from the unit. VT-d, "Virtual Command Register".
 *
 * <p><b>Threading:</b> any thread; {@code this} serialises commands.
 */
final class VirtualCommands implements PasidCommands {
  private final DriverCore core;
  private final Mmio mmio;

  VirtualCommands(DriverCore core) {
    this.core = core;
    this.mmio = core.unit().mmio();
  }

  /** Whether the unit has the registers, and the commands. */
  static boolean isOffered(DriverCore core) {
    return core.claims().virtualCommands()
        && VirtualCommand.PAS.isSet(core.unit().mmio().read64(RegisterMap.VCCAP));
  }

  @Override
  public OptionalInt allocate() {
    core.gate().enter("PASID from the unit");
    try {
      long answer = command(VirtualCommand.CMD.of(VirtualCommand.ALLOCATE_PASID));
      int status = (int) VirtualCommand.SC.get(answer);
      if (status == VirtualCommand.NO_PASID) {
        return OptionalInt.empty();
      }
      requireSuccess("allocation", status);
      return OptionalInt.of((int) VirtualCommand.RESULT.get(answer));
    } finally {
      core.gate().leave();
    }
  }

  @Override
  public void free(int pasid) {
    if (pasid < 0) {
      throw new IoasisException(
          Reason.INVALID, "free of PASID %d refused: it is none".formatted(pasid));
    }
    core.gate().enter("PASID to the unit");
    try {
      long answer =
          command(
              VirtualCommand.CMD.of(VirtualCommand.FREE_PASID) | VirtualCommand.OPERAND.of(pasid));
      int status = (int) VirtualCommand.SC.get(answer);
      if (status == VirtualCommand.NO_PASID) {
        throw new IoasisException(
            Reason.NOT_FOUND,
            "free of PASID 0x%x refused: unit %s did not hand it out"
                .formatted(pasid, core.unitId()));
      }
      requireSuccess("free", status);
    } finally {
      core.gate().leave();
    }
  }

  private synchronized long command(long word) {
    core.unit().require(this::isIdle, "VCRSP.IP=0");
    mmio.write64(RegisterMap.VCMD, word);
    core.unit().require(this::isIdle, "VCRSP.IP=0");
    return mmio.read64(RegisterMap.VCRSP);
  }

  private boolean isIdle() {
    return !VirtualCommand.IP.isSet(mmio.read64(RegisterMap.VCRSP));
  }

  private void requireSuccess(String what, int status) {
    if (status != VirtualCommand.SUCCESS) {
      throw new IoasisException(
          Reason.HARDWARE,
          "%s of a PASID failed: unit %s says status %d".formatted(what, core.unitId(), status));
    }
  }
}
