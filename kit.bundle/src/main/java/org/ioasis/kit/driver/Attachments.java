package org.ioasis.kit.driver;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a domain is attached: places with a count each, for example (device, PASID). A place is
 * added before an entry leads to the domain and removed after no entry does and its translations
 * are gone; so whoever changes a table and then, behind a barrier, reads the places, invalidates
 * everywhere the old entries can have gone.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards the counts, {@link #places} is a snapshot.
 *
 * @param <P> a place, with value equality
 */
public final class Attachments<P> {
  private final Map<P, Integer> counts = new LinkedHashMap<>();
  private volatile List<P> places = List.of();
  private volatile boolean closed;

  /**
   * Notes an attachment, before an entry leads here.
   *
   * @return false if the domain was closed
   */
  public synchronized boolean add(P place) {
    if (closed) {
      return false;
    }
    counts.merge(place, 1, Integer::sum);
    places = List.copyOf(counts.keySet());
    return true;
  }

  /** Forgets an attachment, after no entry leads here and its translations are gone. */
  public synchronized void remove(P place) {
    counts.computeIfPresent(place, (ignored, count) -> count == 1 ? null : count - 1);
    places = List.copyOf(counts.keySet());
  }

  /** The places, in the order they were added. */
  public List<P> places() {
    return places;
  }

  /**
   * Closes: nothing can be added any more.
   *
   * @return whether this call closed it; false if it is in use, or was closed
   */
  public synchronized boolean close() {
    if (closed || !counts.isEmpty()) {
      return false;
    }
    closed = true;
    return true;
  }

  /** Closes whatever is attached: the driver ends, or a successor goes on. */
  public synchronized void abandon() {
    closed = true;
  }

  /** Whether it is closed. */
  public boolean isClosed() {
    return closed;
  }
}
