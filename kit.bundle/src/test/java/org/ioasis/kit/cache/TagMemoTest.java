package org.ioasis.kit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The memo answers for one key at one version, and for nothing else. */
class TagMemoTest {
  private static final long KEY = 0x25_FFFF_FFFFL;
  private static final long PAGE = 0x7000;

  private final InvalidationEpoch epoch = new InvalidationEpoch();
  private final TaggedCache cache = new TaggedCache(64, epoch, 12);
  private final TagTree tags = new TagTree(64, 24, epoch, cache::clear);
  private final TagMemo memo = new TagMemo(4, tags, cache);

  @Test
  void anEmptyMemoKnowsNobody() {
    assertThat(memo.tag(0, 0)).isEqualTo(TagTree.NO_TAG);
    assertThat(memo.tag(0, -1)).isEqualTo(TagTree.NO_TAG);
    assertThat(memo.tag(0, -2)).isEqualTo(TagTree.NO_TAG);
    assertThat(memo.lookup(0, PAGE)).isZero();
  }

  @Test
  void oneKeyAtOneVersion() {
    long version = tags.version();
    assertThat(memo.remember(KEY, version, 0xFF_FFFF)).isTrue();
    assertThat(memo.tag(KEY, version)).isEqualTo(0xFF_FFFF);
    assertThat(memo.tag(KEY, version + 1)).as("another version").isEqualTo(TagTree.NO_TAG);
    assertThat(memo.tag(KEY ^ 1L << 36, version)).isEqualTo(TagTree.NO_TAG);
    assertThat(memo.remember(KEY, version, 0xFF_FFFF)).as("known already").isFalse();
    tags.changed();
    assertThat(memo.remember(KEY, tags.version(), 3)).isTrue();
    assertThat(memo.tag(KEY, tags.version())).isEqualTo(3);
  }

  @Test
  void whatBelongsToAnOldVersionIsNotRemembered() {
    long version = tags.version();
    memo.remember(KEY, version, 3);
    tags.changed();
    memo.remember(KEY, version, 4);
    assertThat(memo.tag(KEY, version)).isEqualTo(TagTree.NO_TAG);
    assertThat(memo.tag(KEY, tags.version())).isEqualTo(TagTree.NO_TAG);
  }

  @Test
  void aSlotServesItsLastKey() {
    long version = tags.version();
    for (long key = 0; key < 64; key++) {
      memo.remember(key, version, (int) key + 1);
      assertThat(memo.tag(key, version)).isEqualTo((int) key + 1);
    }
    int known = 0;
    for (long key = 0; key < 64; key++) {
      int tag = memo.tag(key, version);
      assertThat(tag).isIn(TagTree.NO_TAG, (int) key + 1);
      known += tag == TagTree.NO_TAG ? 0 : 1;
    }
    assertThat(known).isEqualTo(4);
  }

  @Test
  void whatTheCacheHasUnderTheTagAsLongAsNothingChanges() {
    int tag = tags.tag(TagTree.key(7, 3));
    long word = CacheWord.of(0x5000, 0, CacheWord.READ);
    assertThat(cache.fill(epoch.current(), tag, PAGE, word)).isTrue();
    memo.remember(KEY, tags.version(), tag);
    assertThat(memo.lookup(KEY, PAGE + 0x123)).isEqualTo(word);
    assertThat(memo.lookup(KEY, PAGE + 0x1000)).isZero();
    assertThat(memo.lookup(KEY ^ 1L << 36, PAGE)).as("the slot's key is another").isZero();
    epoch.raise();
    tags.invalidateNode(8, 3);
    assertThat(memo.lookup(KEY, PAGE)).as("any invalidation ends a memory").isZero();
    memo.remember(KEY, tags.version(), tags.tag(TagTree.key(7, 3)));
    assertThat(memo.lookup(KEY, PAGE)).as("the node was spared").isEqualTo(word);
  }

  /** Or an invalidation of addresses, which asks the tree, would not reach what a hit finds. */
  @Test
  void anIdThatTheTreeHasLostIsNotRemembered() {
    TagTree small = new TagTree(4, 24, epoch, cache::clear);
    TagMemo remembering = new TagMemo(4, small, cache);
    long node = TagTree.key(7, 3);
    int tag = small.tag(node);
    cache.fill(epoch.current(), tag, PAGE, CacheWord.of(0x5000, 0, CacheWord.READ));
    assertThat(remembering.remember(KEY, small.version(), tag)).isTrue();
    assertThat(remembering.lookup(KEY, PAGE)).isNotZero();
    for (int domain = 0; small.peek(node) == tag; domain++) {
      assertThat(domain).as("four nodes have no place for more").isLessThan(7);
      small.tag(TagTree.key(domain, TagTree.NO_CONTEXT));
    }
    assertThat(small.peekToRemove(node)).isEqualTo(TagTree.NO_TAG);
    assertThat(remembering.lookup(KEY, PAGE)).isZero();
  }

  /**
   * One thread invalidates and fills the new content; others remember and look. Whoever has seen a
   * content never sees an older one, however late a tag is remembered.
   */
  @Test
  @Timeout(60)
  void nobodySeesWhatWasInvalidatedBefore() throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    Watcher[] watchers = {new Watcher(stop), new Watcher(stop)};
    for (Watcher watcher : watchers) {
      watcher.start();
    }
    // On a busy machine a watcher may get its turn late.
    for (int content = 1; content <= 30_000 || !haveHit(watchers); content++) {
      epoch.raise();
      tags.invalidateDomain(7);
      oldest = content;
      int tag = tags.tag(TagTree.key(7, 3));
      cache.fill(epoch.current(), tag, PAGE, CacheWord.of((long) content << 12, 0, 1));
    }
    stop.set(true);
    for (Watcher watcher : watchers) {
      watcher.join();
      assertThat(watcher.stale).isZero();
      assertThat(watcher.hits.get()).isPositive();
    }
  }

  private static boolean haveHit(Watcher... watchers) {
    return Arrays.stream(watchers).allMatch(watcher -> watcher.hits.get() > 0);
  }

  /** What may be seen from now on; raised when an invalidation has returned. */
  private volatile int oldest;

  private final class Watcher extends Thread {
    private final AtomicBoolean stop;
    private long stale;
    private final AtomicLong hits = new AtomicLong();

    Watcher(AtomicBoolean stop) {
      this.stop = stop;
    }

    @Override
    public void run() {
      while (!stop.get()) {
        int least = oldest;
        long word = memo.lookup(KEY, PAGE);
        if (word != 0) {
          hits.incrementAndGet();
          stale += CacheWord.address(word) >>> 12 < least ? 1 : 0;
        }
        long version = tags.version();
        int tag = tags.peek(TagTree.key(7, 3));
        if (tag != TagTree.NO_TAG) {
          memo.remember(KEY, version, tag);
        }
      }
    }
  }
}
