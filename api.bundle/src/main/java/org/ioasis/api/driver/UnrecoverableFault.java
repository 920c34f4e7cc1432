package org.ioasis.api.driver;

import java.util.Objects;
import org.ioasis.api.Blob;

/**
 * One fault that has already ended badly, as the driver read it.
 *
 * @param sourceId requester id or StreamID
 * @param pasid PASID, or {@link org.ioasis.api.machine.DmaRequest#NO_PASID}
 * @param address the address asked for, 0 if the record has none
 * @param access READ, WRITE and EXECUTE bits of {@link org.ioasis.api.machine.DmaRequest}, 0 if the
 *     record does not say
 * @param privileged privileged mode
 * @param code the specification's number
 * @param name the specification's name
 * @param stage which stage refused, if the record tells
 * @param faultClass what was being read, if the record tells
 * @param ipa guest physical address of a second-stage refusal, 0 if the record has none;
 *     meaningless unless {@code stage} is SECOND
 * @param repeats further faults that the unit merged into this record
 * @param record the unit's record, word for word
 * @param nanoTime when the driver read it, on the machine's clock
 */
public record UnrecoverableFault(
    int sourceId,
    int pasid,
    long address,
    int access,
    boolean privileged,
    int code,
    String name,
    FaultStage stage,
    FaultClass faultClass,
    long ipa,
    long repeats,
    Blob record,
    long nanoTime) {
  /** What is not told is UNKNOWN, not null. */
  public UnrecoverableFault {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(stage, "stage");
    Objects.requireNonNull(faultClass, "faultClass");
    Objects.requireNonNull(record, "record");
  }
}
