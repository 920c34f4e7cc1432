package org.ioasis.api.driver;

import java.util.Objects;
import org.ioasis.api.machine.PageResponse;

/**
 * An answer to a group or a stalled transaction.
 *
 * @param kind how the device waits
 * @param sourceId as reported
 * @param pasid as reported
 * @param group as reported
 * @param code what the device may do; for a stall SUCCESS retries, the others end it with an error
 */
public record FaultAnswer(
    FaultKind kind, int sourceId, int pasid, int group, PageResponse.Code code) {
  /** An answer is complete. */
  public FaultAnswer {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(code, "code");
  }

  /** The answer to a fault. */
  public static FaultAnswer to(RecoverableFault fault, PageResponse.Code code) {
    return new FaultAnswer(fault.kind(), fault.sourceId(), fault.pasid(), fault.group(), code);
  }
}
