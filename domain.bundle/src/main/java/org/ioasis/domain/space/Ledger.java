package org.ioasis.domain.space;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.domain.client.Client;

/**
 * How many mappings each client has, and how many it may have; or all together, as the kernel
 * counts per user.
 *
 * <p><b>Threading:</b> any thread; takes no lock.
 */
public final class Ledger {
  private final long limit;
  private volatile boolean perClient;
  private final Map<Client, AtomicLong> counts = new ConcurrentHashMap<>();

  /**
   * @param limit most mappings of one client
   */
  public Ledger(long limit) {
    this.limit = limit;
  }

  /** Whether each client has an account of its own, or all share one. */
  boolean isPerClient() {
    return perClient;
  }

  /** Changes that; only while nothing is mapped. */
  void perClient(boolean each) {
    perClient = each;
  }

  private AtomicLong count(Client client) {
    return counts.computeIfAbsent(perClient ? client : Client.PLATFORM, c -> new AtomicLong());
  }

  /** More mappings; EXHAUSTED beyond the limit, and nothing has changed. */
  void add(Client client, long more) {
    AtomicLong count = count(client);
    if (count.addAndGet(more) > limit) {
      count.addAndGet(-more);
      throw new IoasisException(
          Reason.EXHAUSTED,
          "map refused: %s has %d mappings and may have %d".formatted(client, count.get(), limit));
    }
  }

  void remove(Client client, long fewer) {
    count(client).addAndGet(-fewer);
  }

  long left(Client client) {
    return Math.max(0, limit - count(client).get());
  }
}
