package org.ioasis.machine.engine;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PageResponse;
import org.ioasis.api.machine.TimeSource;

/**
 * The page-request side of an engine: groups under way and their answers (PCIe Page Request
 * Interface). A group that nobody answers in time keeps its index until an answer comes or the
 * interface is enabled anew, so that a late answer never meets a new group.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards the groups and is never held while a message
 * is sent or waited for.
 */
final class PageAsker {
  private static final int GROUPS = 512;
  private static final int PAGE_LG2 = 12;

  /** How asking ended. */
  enum Outcome {
    /** The pages are there. */
    GRANTED,
    /** They are not to be had, or nobody takes page requests. */
    REFUSED,
    /** Nobody answered in time. */
    TIMED_OUT
  }

  /** A group under way. */
  private static final class Group {
    final int pasid;
    volatile PageResponse.Code answer;

    Group(int pasid) {
      this.pasid = pasid;
    }
  }

  private final DmaPort port;
  private final TimeSource time;
  private final long waitNanos;
  private final BitSet taken = new BitSet(GROUPS);
  private final Map<Integer, Group> groups = new HashMap<>();
  private int next;
  private boolean enabled;
  private long asked;
  private long unknown;

  PageAsker(DmaPort port, TimeSource time, long waitNanos) {
    this.port = port;
    this.time = time;
    this.waitNanos = waitNanos;
  }

  /** Enables or disables the interface; what is under way is forgotten when it changes. */
  synchronized void enable(boolean value) {
    if (value != enabled) {
      enabled = value;
      forget();
    }
  }

  synchronized boolean isEnabled() {
    return enabled;
  }

  /** Forgets every group; those who wait meet their time-out. */
  synchronized void forget() {
    groups.clear();
    taken.clear();
  }

  /** Takes an answer. */
  synchronized void answered(PageResponse response) {
    Group group = groups.get(response.group());
    if (group == null || group.pasid != response.pasid()) {
      unknown++;
      return;
    }
    groups.remove(response.group());
    taken.clear(response.group());
    if (response.code() == PageResponse.Code.RESPONSE_FAILURE) {
      enabled = false;
    }
    group.answer = response.code();
  }

  /** Asks for pages as one group and waits for the answer; outside bursts. */
  Outcome ask(int pasid, long iova, int pages, int access, boolean privileged) {
    Group group = new Group(pasid);
    int index = begin(group);
    if (index < 0) {
      return Outcome.REFUSED;
    }
    for (int page = 0; page < pages; page++) {
      long address = ((iova >>> PAGE_LG2) + page) << PAGE_LG2;
      boolean last = page == pages - 1;
      if (!port.requestPage(
          new PageRequest(port.sourceId(), pasid, address, access, privileged, index, last))) {
        abandon(index, group);
        return Outcome.REFUSED;
      }
    }
    if (!time.await(() -> group.answer != null, waitNanos)) {
      return Outcome.TIMED_OUT;
    }
    return group.answer == PageResponse.Code.SUCCESS ? Outcome.GRANTED : Outcome.REFUSED;
  }

  private synchronized int begin(Group group) {
    if (!enabled || taken.cardinality() == GROUPS) {
      return -1;
    }
    int index = taken.nextClearBit(next);
    if (index >= GROUPS) {
      index = taken.nextClearBit(0);
    }
    next = (index + 1) % GROUPS;
    taken.set(index);
    groups.put(index, group);
    asked++;
    return index;
  }

  private synchronized void abandon(int index, Group group) {
    if (groups.remove(index, group)) {
      taken.clear(index);
    }
  }

  /** Sends a stop marker. */
  boolean stop(int pasid) {
    return isEnabled()
        && port.requestPage(new PageRequest(port.sourceId(), pasid, 0, 0, false, 0, true));
  }

  /** Adds the counters. */
  synchronized void count(Map<String, Long> counters) {
    counters.put("page.groups", asked);
    counters.put("page.groups.open", (long) groups.size());
    counters.put("page.responses.unknown", unknown);
  }
}
