package org.ioasis.smmuv3.hardware;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.smmuv3.format.Event;
import org.ioasis.smmuv3.format.EventType;

/**
 * An access as the reference walk sees it: what it is after the STE's overrides.
 *
 * @param request the transaction
 * @param reads whether the right to read is needed
 * @param writes whether the right to write is needed
 * @param executes whether the right to execute is needed
 * @param privileged PnU
 */
record ReferenceAccess(
    DmaRequest request, boolean reads, boolean writes, boolean executes, boolean privileged) {
  /** Where a fault was found: CLASS in bits 1:0, stage 2 in bit 2, a read of a table in bit 3. */
  static final int STAGE_1_IN = Event.CLASS_IN,
      STAGE_1_FETCH = Event.CLASS_TT,
      STAGE_2_CD = 4 | Event.CLASS_CD,
      STAGE_2_TABLE = 12 | Event.CLASS_TT,
      STAGE_2_UPDATE = 4 | Event.CLASS_TT,
      STAGE_2_IN = 4 | Event.CLASS_IN;

  /** The transaction&#39;s own access. */
  static ReferenceAccess of(DmaRequest request, StreamEntry ste) {
    boolean write = request.isWrite();
    boolean instruction = (request.access() & DmaRequest.EXECUTE) != 0 && !write;
    boolean read = (request.access() & DmaRequest.READ) != 0;
    boolean privileged = request.isPrivileged();
    switch (ste.privileges) {
      case 2 -> privileged = false;
      case 3 -> privileged = true;
      default -> {
        // as it comes
      }
    }
    if (!write && ste.instructions == 2 && instruction) {
      instruction = false;
      read = true;
    } else if (!write && ste.instructions == 3 && !instruction) {
      instruction = true;
      read = false;
    }
    return new ReferenceAccess(request, read, write, instruction, privileged);
  }

  /** Whether the access was an instruction fetch. */
  boolean isInstruction() {
    return executes;
  }

  /**
   * The record of a translation fault.
   *
   * @param place one of the constants
   * @param address IPA or fetch address, 0 for none
   */
  long[] record(EventType type, int place, long address) {
    return record(type, place, address, !request.isWrite());
  }

  /** The same where RnW is another, as for an atomic that lacks the right to read alone. */
  long[] record(EventType type, int place, long address, boolean rnw) {
    long word0 = type.number | (long) request.sourceId() << 32;
    if (request.hasPasid()) {
      word0 |= (long) request.pasid() << 12 | 1L << 11;
    }
    boolean stage2 = (place & 4) != 0;
    long word1 =
        (privileged ? 1L << 33 : 0)
            | (isInstruction() ? 1L << 34 : 0)
            | (rnw ? 1L << 35 : 0)
            | (stage2 ? 1L << 39 : 0)
            | (long) (place & 3) << 40
            | (type == EventType.F_PERMISSION && (place & 8) != 0 ? 1L << 44 : 0);
    long word3 = 0;
    if (type == EventType.F_WALK_EABT) {
      word3 = address & ~7L;
    } else if (stage2) {
      word3 = address & ~0xFFFL;
    }
    return new long[] {word0, word1, request.iova(), word3};
  }

  /** The rights that a request is told, out of both privileges&#39;. */
  int granted(ReferenceStages.Permissions rights) {
    int unprivileged = bits(rights.ur(), rights.uw(), rights.ux());
    if (!privileged) {
      return unprivileged;
    }
    int own = bits(rights.pr(), rights.pw(), rights.px());
    return own != 0 && unprivileged == 0 ? own | DmaRequest.PRIVILEGED_ONLY : own;
  }

  private static int bits(boolean read, boolean write, boolean execute) {
    return (read ? DmaRequest.READ : 0)
        | (write ? DmaRequest.WRITE : 0)
        | (execute ? DmaRequest.EXECUTE : 0);
  }
}
