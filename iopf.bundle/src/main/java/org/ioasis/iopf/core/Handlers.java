package org.ioasis.iopf.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Who serves which page table.
 *
 * <p><b>Threading:</b> any thread; look-ups take no lock.
 */
final class Handlers {
  private final Map<Integer, HandlerEntry> best = new ConcurrentHashMap<>();
  private final List<HandlerEntry> all = new ArrayList<>();
  private final AtomicInteger cookies = new AtomicInteger();

  /** The handler of a page table; null if it has none. */
  HandlerEntry of(int domain) {
    return best.get(domain);
  }

  /** Names a group: 1 or above. */
  int nextCookie() {
    return cookies.updateAndGet(last -> last == Integer.MAX_VALUE ? 1 : last + 1);
  }

  synchronized void add(HandlerEntry entry) {
    all.add(entry);
    choose(entry.domain());
  }

  /** Takes a handler out; null if it is not in. */
  synchronized HandlerEntry remove(long serviceId) {
    for (HandlerEntry entry : all) {
      if (entry.serviceId() == serviceId) {
        all.remove(entry);
        entry.leave();
        choose(entry.domain());
        return entry;
      }
    }
    return null;
  }

  private void choose(int domain) {
    HandlerEntry first = null;
    for (HandlerEntry entry : all) {
      if (entry.domain() == domain && (first == null || entry.isBefore(first))) {
        first = entry;
      }
    }
    if (first == null) {
      best.remove(domain);
    } else {
      best.put(domain, first);
    }
  }
}
