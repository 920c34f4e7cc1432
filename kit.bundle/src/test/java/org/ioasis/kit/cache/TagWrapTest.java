package org.ioasis.kit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Ids of four bits wrap every few invalidations, while two threads ask for tags. Within one epoch
 * no two nodes may have the same id, or one domain would find another's translations.
 */
class TagWrapTest {
  private static final int ID_BITS = 4;
  private static final int NODES = 16;
  private static final int DOMAINS = 6;
  private static final int ROUNDS = 300_000;

  private final InvalidationEpoch epoch = new InvalidationEpoch();
  private final AtomicInteger flushes = new AtomicInteger();
  private final AtomicInteger compared = new AtomicInteger();
  private final AtomicInteger shared = new AtomicInteger();
  private final TagTree tree = new TagTree(NODES, ID_BITS, epoch, flushes::incrementAndGet);

  @Test
  @Timeout(60)
  void noTwoNodesShareAnId() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int thread = 0; thread < 2; thread++) {
      int first = thread;
      threads.add(new Thread(() -> work(first)));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(flushes.get()).as("wraps").isGreaterThan(1000);
    assertThat(compared.get()).as("rounds within one epoch").isGreaterThan(10_000);
    assertThat(shared.get()).as("ids of two nodes").isZero();
  }

  private void work(int first) {
    int[] ids = new int[DOMAINS];
    for (int round = 0; round < ROUNDS; round++) {
      if (round % 3 == 0) {
        epoch.raise();
        tree.invalidateDomain((round + first) % DOMAINS);
        epoch.raise();
      }
      long before = epoch.current();
      for (int domain = 0; domain < DOMAINS; domain++) {
        ids[domain] = tree.peek(TagTree.key(domain, TagTree.NO_CONTEXT));
      }
      tree.tag(TagTree.key((round + first) % DOMAINS, TagTree.NO_CONTEXT));
      if (epoch.current() == before) {
        compared.incrementAndGet();
        check(ids);
      }
    }
  }

  private void check(int[] ids) {
    int seen = 0;
    for (int id : ids) {
      if (id != TagTree.NO_TAG && (seen >>> id & 1) != 0) {
        shared.incrementAndGet();
      }
      seen |= 1 << id;
    }
  }
}
