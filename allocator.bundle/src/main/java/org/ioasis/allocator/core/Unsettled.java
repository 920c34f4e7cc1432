package org.ioasis.allocator.core;

/**
 * The freed ids that wait, by deadline. All wait equally long, so a new deadline is the last.
 *
 * <p><b>Threading:</b> under the allocator's lock.
 */
final class Unsettled {
  private Settlement first;
  private Settlement last;

  /** The one with the earliest deadline, or null. */
  Settlement first() {
    return first;
  }

  void add(Settlement one, long deadline) {
    one.deadline = deadline;
    one.earlier = last;
    one.later = null;
    if (last == null) {
      first = one;
    } else {
      last.later = one;
    }
    last = one;
  }

  void remove(Settlement one) {
    if (one.earlier == null) {
      if (first != one) {
        return; // never entered
      }
      first = one.later;
    } else {
      one.earlier.later = one.later;
    }
    if (one.later == null) {
      last = one.earlier;
    } else {
      one.later.earlier = one.earlier;
    }
    one.earlier = null;
    one.later = null;
  }

  void renew(Settlement one, long deadline) {
    remove(one);
    add(one, deadline);
  }
}
