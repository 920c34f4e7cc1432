package org.ioasis.iopf.core;

import org.ioasis.api.fault.FaultResponse;

/**
 * How a group ended.
 *
 * @param response what the device is told
 * @param by who said so, for people
 * @param counter what this counts as besides the response; null for a handler's or user's answer
 * @param told whether the device waits for it; it does not after the hardware has ended it
 */
record Ending(FaultResponse response, String by, Counter counter, boolean told) {
  static final Ending TIME_OUT = invalid("time-out", Counter.TIMED_OUT);
  static final Ending DRAIN = invalid("drain", Counter.DRAINED);
  static final Ending STOP = invalid("router stopped", Counter.DRAINED);
  static final Ending ORIGIN_GONE = invalid("drivers gone", Counter.DRAINED);
  static final Ending NO_HANDLER = invalid("no handler", Counter.NO_HANDLER);
  static final Ending NO_QUEUE = invalid("no queue", Counter.NO_HANDLER);
  static final Ending HANDLER_GONE = invalid("handler gone", Counter.HANDLER_GONE);
  static final Ending QUEUE_ENDED = invalid("queue ended", Counter.HANDLER_GONE);
  static final Ending STALLED = invalid("handler stalled", Counter.HANDLER_STALLED);
  static final Ending OVERFLOW = invalid("queue overflow", Counter.QUEUE_OVERFLOW);
  static final Ending FLOOD = invalid("too many open", Counter.FLOODED);
  static final Ending RATE = invalid("rate limit", Counter.RATE_LIMITED);
  static final Ending THREW =
      new Ending(FaultResponse.FAILURE, "handler threw", Counter.HANDLER_THREW, true);
  static final Ending WITHDRAWN =
      new Ending(FaultResponse.INVALID, "withdrawn by the hardware", Counter.WITHDRAWN, false);

  private static Ending invalid(String by, Counter counter) {
    return new Ending(FaultResponse.INVALID, by, counter, true);
  }

  /** A handler's or user's answer. */
  static Ending answered(FaultResponse response, String by) {
    return new Ending(response, by, null, true);
  }
}
