package org.ioasis.benchmark.product;

import java.util.concurrent.TimeUnit;
import org.ioasis.benchmark.rig.Footprint;
import org.ioasis.kit.cache.CacheWord;
import org.ioasis.kit.cache.InvalidationEpoch;
import org.ioasis.kit.cache.TagTree;
import org.ioasis.kit.cache.TaggedCache;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The caches that every vendor's unit is built of, under the worst that a domain-selective
 * invalidation meets: 100,000 PASIDs under the domain, tags of 20 bits, the fewest there may be.
 * One call is 2^20 invalidations with a translation of the domain after each, so it holds a wrap of
 * the tags, which empties the cache. The cache is filled anew before each call, outside the
 * measured time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TagBenchmark {
  /** Invalidations of a call: as many as there are tags. */
  public static final int BATCH = 1 << 20;

  private static final int TAG_BITS = 20;
  private static final int NODES = 1 << 18;
  private static final int PASIDS = 100_000;
  private static final int DOMAIN = 7, FIRST_OTHER = 8, OTHERS = 8;
  private static final int KEPT_PERCENT = 99;
  private static final long WORD = CacheWord.of(0x1000, 0, CacheWord.READ | CacheWord.VALID);

  /** Entries that are cached, half of them of the domain that is invalidated. */
  @Param({"1024", "1048576"})
  public int entries;

  private final InvalidationEpoch epoch = new InvalidationEpoch();
  private TaggedCache cache;
  private TagTree tags;
  private long wraps;

  /** Makes caches that hold twice the entries. */
  @Setup
  public void open() {
    cache = new TaggedCache(2 * entries, epoch, 12, 21, 30);
    tags =
        new TagTree(
            NODES,
            TAG_BITS,
            epoch,
            () -> {
              wraps++;
              cache.clear();
            });
  }

  /** Fills the cache, and sees what one invalidation leaves. */
  @Setup(Level.Invocation)
  public void fill() {
    long before;
    do {
      before = wraps;
      for (int pasid = 0; pasid < PASIDS; pasid++) {
        tags.tag(TagTree.key(DOMAIN, pasid));
      }
      for (int i = 0; i < entries; i++) {
        int tag = tags.tag(key(i));
        cache.fill(epoch.current(), tag, Footprint.iova(i), WORD);
      }
    } while (wraps != before); // one in the middle has emptied the cache
    int others = hits(1);
    invalidate();
    if (hits(0) != 0 || hits(1) * 100L < others * (long) KEPT_PERCENT || wraps != before) {
      throw new IllegalStateException(
          "%d of the domain's entries and %d of %d others are left"
              .formatted(hits(0), hits(1), others));
    }
    wraps = 0;
  }

  /** There was a wrap. */
  @TearDown(Level.Invocation)
  public void check() {
    if (wraps == 0) {
      throw new IllegalStateException("the tags did not wrap");
    }
  }

  private static long key(int entry) {
    return (entry & 1) == 0
        ? TagTree.key(DOMAIN, entry / 2 % PASIDS)
        : TagTree.key(FIRST_OTHER + entry / 2 % OTHERS, TagTree.NO_CONTEXT);
  }

  private int hits(int odd) {
    int found = 0;
    for (int i = odd; i < entries; i += 2) {
      int tag = tags.peek(key(i));
      found += tag != TagTree.NO_TAG && cache.lookup(tag, Footprint.iova(i)) != 0 ? 1 : 0;
    }
    return found;
  }

  private void invalidate() {
    epoch.raise();
    tags.invalidateDomain(DOMAIN);
  }

  /** 2^20 times: invalidate the domain, miss in it, fill. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public long invalidateAndFill() {
    long stale = 0;
    for (int i = 0; i < BATCH; i++) {
      invalidate();
      int tag = tags.tag(TagTree.key(DOMAIN, 1));
      stale |= cache.lookup(tag, Footprint.IOVA_BASE);
      cache.fill(epoch.current(), tag, Footprint.IOVA_BASE, WORD);
    }
    if (stale != 0) {
      throw new IllegalStateException("an invalidated domain has hits");
    }
    return stale;
  }
}
