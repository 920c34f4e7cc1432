package org.ioasis.iopf.core;

import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.machine.DmaRequest;

/** What a recoverable fault has to be, whatever a device or a driver made of it. */
final class Checks {
  private static final int ACCESS = DmaRequest.READ | DmaRequest.WRITE | DmaRequest.EXECUTE;
  private static final int PASIDS = 1 << 20;
  private static final int GROUPS = 1 << 9;
  private static final int TAGS = 1 << 16;

  private Checks() {}

  /** Whether it can be routed and answered: PASID, group and access are in their ranges. */
  static boolean isWellFormed(RecoverableFault fault) {
    boolean stall = fault.kind() == FaultKind.STALL;
    boolean pasid =
        fault.pasid() == DmaRequest.NO_PASID || (fault.pasid() >= 0 && fault.pasid() < PASIDS);
    boolean group = fault.group() >= 0 && fault.group() < (stall ? TAGS : GROUPS);
    boolean access = (fault.access() & ~ACCESS) == 0 && fault.access() != 0;
    return pasid && group && (access || isStop(fault)) && (fault.last() || !stall);
  }

  /** Whether it is a stop marker, which carries a PASID. */
  static boolean isStop(RecoverableFault fault) {
    return fault.stopMarker() && fault.pasid() != DmaRequest.NO_PASID;
  }

  /** Names a group of a device. */
  static long key(FaultKind kind, int pasid, int group) {
    return (pasid + 1L) << 17 | (kind == FaultKind.STALL ? 1L << 16 : 0) | (group & 0xFFFF);
  }
}
