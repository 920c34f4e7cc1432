package org.ioasis.api.machine;

/**
 * The answer to a page request group.
 *
 * @param sourceId whom it is for
 * @param pasid PASID, or {@link DmaRequest#NO_PASID}
 * @param group page request group index
 * @param code what the device may do now
 */
public record PageResponse(int sourceId, int pasid, int group, Code code) {
  /** PCIe response codes. */
  public enum Code {
    /** The pages are there; translate again. */
    SUCCESS,
    /** At least one page cannot be had. */
    INVALID_REQUEST,
    /** The page request interface failed and must be enabled anew. */
    RESPONSE_FAILURE
  }
}
