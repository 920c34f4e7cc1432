package org.ioasis.iopf.core;

/** What is counted; the texts are the names people see. */
enum Counter {
  /** Recoverable faults that drivers handed over. */
  RECEIVED("received"),
  /** Groups that became complete and had a route. */
  GROUPS("groups"),
  /** Groups given to a handler or a queue. */
  DELIVERED("delivered"),
  /** Groups answered SUCCESS. */
  SUCCESS("answered.success"),
  /** Groups answered INVALID. */
  INVALID("answered.invalid"),
  /** Groups answered FAILURE. */
  FAILURE("answered.failure"),
  /** Of these, answered because nobody did in time. */
  TIMED_OUT("timedOut"),
  /** Of these, answered by a drain. */
  DRAINED("drained"),
  /** Of these, answered because their page table has no handler or queue. */
  NO_HANDLER("noHandler"),
  /** Of these, answered because the handler or the queue went. */
  HANDLER_GONE("handlerGone"),
  /** Of these, answered because the handler threw. */
  HANDLER_THREW("handlerThrew"),
  /** Of these, answered because the handler had not returned from an earlier group. */
  HANDLER_STALLED("handlerStalled"),
  /** Of these, answered because the user's queue was full. */
  QUEUE_OVERFLOW("queueOverflow"),
  /** Of these, answered because the device had too many open. */
  FLOODED("flooded"),
  /** Of these, answered because the device asked too fast. */
  RATE_LIMITED("rateLimited"),
  /** Groups that the hardware ended by itself: they need no answer. */
  WITHDRAWN("withdrawn"),
  /** Answers given and not yet sent when the hardware ended what they were for. */
  ANSWER_WITHDRAWN("withdrawn.answers"),
  /** Answers after the fact, refused. */
  LATE("late"),
  /** Answered INVALID without a group: no route. */
  UNROUTED("unrouted"),
  /** Faults that no device can have sent; the last of a group is answered INVALID. */
  MALFORMED("malformed"),
  /** Stop markers. */
  STOP_MARKERS("stopMarkers"),
  /** Faults that repeat one of the same group. */
  DUPLICATES("duplicates"),
  /** Complete groups of an index whose answer is still owed; one answer serves both. */
  DUPLICATE_GROUPS("duplicateGroups"),
  /** Faults beyond what a group may have. */
  GROUP_TOO_LARGE("groupTooLarge"),
  /** Partial groups that a stop marker or a drain ended. */
  PARTIAL_ENDED("partial.ended"),
  /** Partial groups dropped because the device began too many. */
  PARTIAL_DROPPED("partial.dropped"),
  /** Partial groups dropped because they grew too old. */
  PARTIAL_EXPIRED("partial.expired"),
  /** Partial groups dropped because the unit lost records. */
  PARTIAL_LOST("partial.lost"),
  /** Page requests that units lost, at least. */
  LOST("lost.recoverable"),
  /** Fault records that units lost, at least. */
  LOST_REPORTS("lost.unrecoverable"),
  /** Answers that driver and device have got. */
  SENT("sent"),
  /** Answers to devices that nobody serves any more. */
  UNDELIVERABLE("undeliverable"),
  /** Answers that a driver could not deliver. */
  UNSENT("unsent"),
  /** Answers folded into one response failure, for a device that asks without end. */
  COLLAPSED("collapsed"),
  /** Unrecoverable faults. */
  UNRECOVERABLE("unrecoverable"),
  /** Of these, left out of the reports by the rate limit. */
  SUPPRESSED("reports.suppressed"),
  /** Calls that a slow observer or listener lost. */
  OBSERVER_LOST("observer.lost"),
  /** Observers, listeners and signals that threw. */
  OBSERVER_THREW("observer.threw");

  private final String text;

  Counter(String text) {
    this.text = text;
  }

  String text() {
    return text;
  }
}
