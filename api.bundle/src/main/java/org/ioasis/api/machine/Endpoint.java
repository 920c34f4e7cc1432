package org.ioasis.api.machine;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * What the fabric tells a device: the reverse direction of {@link DmaPort}. The defaults are those
 * of a device without ATS, page requests and stalls.
 *
 * <p><b>Threading:</b> called from the scheduler's turns or the thread that rang a doorbell,
 * without any lock of the platform held; the calls return quickly and never wait for the device's
 * own DMA.
 */
@ConsumerType
public interface Endpoint {
  /** In {@link #stallEnded}: every transaction of the device that is stalled now. */
  long ALL_STALLS = -1;

  /**
   * Forget cached translations. The device calls {@code completed} once when no access with what it
   * forgets is under way any more; the unit times out otherwise.
   */
  default void invalidateAtc(AtcInvalidation invalidation, Runnable completed) {
    completed.run();
  }

  /** The answer to a page request group. */
  default void pageResponse(PageResponse response) {}

  /**
   * The end of a stalled transaction.
   *
   * @param stallTag the tag from {@link DmaRequest#stallTag()}, or {@link #ALL_STALLS}
   * @param end what becomes of it
   */
  default void stallEnded(long stallTag, StallEnd end) {}

  /** Enable bits of the device's ATS, PRI and PASID capabilities. */
  default void enable(boolean ats, boolean pageRequests, boolean pasid) {}

  /** Function-level reset: drop everything, answer nothing that is outstanding. */
  default void reset() {}
}
