package org.ioasis.api.engine;

import java.util.Objects;
import org.ioasis.api.machine.EndpointSpec;

/**
 * What an engine is.
 *
 * @param endpoint identity and abilities on the fabric
 * @param tlbEntries entries of its device TLB, a power of two; used once ATS is enabled
 * @param blockedWaitNanos how long an access waits at a closed port; 0 fails at once
 * @param answerWaitNanos how long it waits for the answer to a page request or the end of a stall
 * @param retries how often one access is sent again before it gives up, 1 or more
 */
public record EngineSpec(
    EndpointSpec endpoint,
    int tlbEntries,
    long blockedWaitNanos,
    long answerWaitNanos,
    int retries) {
  /** Entries of a device TLB unless somebody says otherwise. */
  public static final int DEFAULT_TLB_ENTRIES = 256;

  /** One second. */
  public static final long DEFAULT_WAIT_NANOS = 1_000_000_000L;

  /** More than any chain of stalls and page requests of one access. */
  public static final int DEFAULT_RETRIES = 64;

  /** Checks sizes and times. */
  public EngineSpec {
    Objects.requireNonNull(endpoint, "endpoint");
    if (tlbEntries < 1 || Integer.bitCount(tlbEntries) != 1) {
      throw new IllegalArgumentException(
          "engine %s: tlbEntries %d is no power of two".formatted(endpoint.name(), tlbEntries));
    }
    if (blockedWaitNanos < 0 || answerWaitNanos < 0 || retries < 1) {
      throw new IllegalArgumentException(
          "engine %s: blockedWaitNanos %d or answerWaitNanos %d is negative, or retries %d below 1"
              .formatted(endpoint.name(), blockedWaitNanos, answerWaitNanos, retries));
    }
  }

  /** An engine with the defaults, waiting at a closed port. */
  public static EngineSpec of(EndpointSpec endpoint) {
    return new EngineSpec(
        endpoint, DEFAULT_TLB_ENTRIES, DEFAULT_WAIT_NANOS, DEFAULT_WAIT_NANOS, DEFAULT_RETRIES);
  }

  /** The same with another patience at a closed port. */
  public EngineSpec blockedWait(long nanos) {
    return new EngineSpec(endpoint, tlbEntries, nanos, answerWaitNanos, retries);
  }

  /** The same with another patience for answers. */
  public EngineSpec answerWait(long nanos) {
    return new EngineSpec(endpoint, tlbEntries, blockedWaitNanos, nanos, retries);
  }
}
