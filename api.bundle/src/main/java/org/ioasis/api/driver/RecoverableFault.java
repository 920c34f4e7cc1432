package org.ioasis.api.driver;

import java.util.Objects;
import org.ioasis.api.Blob;

/**
 * One fault whose device waits, as the driver read it from the unit's queue.
 *
 * @param kind how the device waits
 * @param sourceId requester id or StreamID
 * @param pasid PASID, or {@link org.ioasis.api.machine.DmaRequest#NO_PASID}
 * @param address the address asked for; page requests give its page
 * @param access READ, WRITE and EXECUTE bits of {@link org.ioasis.api.machine.DmaRequest}; 0 in a
 *     stop marker
 * @param privileged privileged mode
 * @param group page request group index, or the stall's tag
 * @param last whether the group ends here; always so for a stall
 * @param stage which stage refused, if the record tells
 * @param faultClass what was being read, if the record tells
 * @param ipa guest physical address of a second-stage refusal; meaningless unless {@code stage} is
 *     SECOND
 * @param record the unit's record, word for word
 * @param nanoTime when the driver read it, on the machine's clock
 */
public record RecoverableFault(
    FaultKind kind,
    int sourceId,
    int pasid,
    long address,
    int access,
    boolean privileged,
    int group,
    boolean last,
    FaultStage stage,
    FaultClass faultClass,
    long ipa,
    Blob record,
    long nanoTime) {
  /** What is not told is UNKNOWN, not null. */
  public RecoverableFault {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(stage, "stage");
    Objects.requireNonNull(faultClass, "faultClass");
    Objects.requireNonNull(record, "record");
  }

  /** Whether this is a stop marker: the device will ask no more for this PASID, and waits not. */
  public boolean stopMarker() {
    return kind == FaultKind.PAGE_REQUEST && last && access == 0;
  }
}
