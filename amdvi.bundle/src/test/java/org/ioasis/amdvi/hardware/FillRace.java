package org.ioasis.amdvi.hardware;

import java.util.concurrent.CyclicBarrier;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TaggedCache;

/**
 * One walker that reads a leaf, dawdles and fills, and one invalidation, again and again; then a
 * device writes through what the cache holds, into the canary frame if that is stale. With the
 * check planted out the walker gives the cache the epoch of the moment of the fill.
 */
final class FillRace {
  private static final long LEAF = 0x1000, OLD = 0x8000, NEW = 0x9000, IOVA = 0x5000;

  private final boolean checks;
  private final InvalidationEpoch epoch = new InvalidationEpoch();
  private final TaggedCache iotlb = new TaggedCache(16, epoch, 12);
  private final PhysicalMemory memory = new TestMemory(0x10000);
  private volatile boolean hasRead;
  private volatile boolean invalidated;

  FillRace(boolean checks) {
    this.checks = checks;
  }

  /** Rounds in which the device wrote into the old page after the invalidation had returned. */
  int stale(int rounds) throws Exception {
    CyclicBarrier barrier = new CyclicBarrier(2);
    Thread walker =
        new Thread(
            () -> {
              for (int round = 0; round < rounds; round++) {
                await(barrier);
                walk(round);
                await(barrier);
              }
            },
            "walker");
    walker.start();
    int stale = 0;
    for (int round = 0; round < rounds; round++) {
      memory.store64(LEAF, OLD);
      memory.store64(OLD, 0);
      iotlb.clear();
      hasRead = false;
      invalidated = false;
      await(barrier);
      while (!hasRead) {
        Thread.onSpinWait();
      }
      memory.store64(LEAF, NEW);
      epoch.raise();
      iotlb.remove(1, IOVA, IOVA | 0xFFF);
      invalidated = true;
      await(barrier);
      long word = iotlb.lookup(1, IOVA);
      if (word != 0) {
        memory.store64(CacheWord.address(word), 1);
      }
      stale += memory.load64(OLD) != 0 ? 1 : 0;
      if (stale > 0 && !checks) {
        break;
      }
    }
    walker.interrupt();
    walker.join();
    return stale;
  }

  /** In every other round the walker fills late for certain, in the others when it comes to it. */
  private void walk(int round) {
    long before = epoch.current();
    long page = memory.load64(LEAF);
    hasRead = true;
    for (int i = 0; (round & 1) == 0 ? !invalidated : i < 50; i++) {
      Thread.onSpinWait();
    }
    iotlb.fill(checks ? before : epoch.current(), 1, IOVA, CacheWord.of(page, 0, 3));
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (InterruptedException | java.util.concurrent.BrokenBarrierException e) {
      Thread.currentThread().interrupt();
    }
  }
}
