package org.ioasis.api.machine;

/**
 * A page request message. A stop marker has neither access bit, is the last of its group and
 * carries a PASID.
 *
 * @param sourceId requester id or StreamID
 * @param pasid PASID, or {@link DmaRequest#NO_PASID}
 * @param address page address, low 12 bits 0
 * @param access READ, WRITE, EXECUTE bits of {@link DmaRequest}
 * @param privileged privileged mode requested
 * @param group page request group index, 0 to 511
 * @param last whether it is the last of its group, which is what gets a response
 */
public record PageRequest(
    int sourceId,
    int pasid,
    long address,
    int access,
    boolean privileged,
    int group,
    boolean last) {}
