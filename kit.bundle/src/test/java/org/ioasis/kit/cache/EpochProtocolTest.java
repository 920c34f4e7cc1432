package org.ioasis.kit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Every interleaving of one translation and one invalidation, step by step. A translation reads the
 * epoch, reads the table and fills; software changes the table, raises the epoch and removes. After
 * every step: once the invalidation is complete, the cache must not hold the old page. The same
 * schedules run with protocols that are wrong in one place; each must be caught.
 */
class EpochProtocolTest {
  private static final int TAG = 7;
  private static final long IOVA = 0x4000;
  private static final long OLD = 0x1000, NEW = 0x2000;

  /** One world: a table of one entry and a cache. */
  private static final class World {
    final InvalidationEpoch epoch = new InvalidationEpoch();
    final TaggedCache cache = new TaggedCache(16, epoch, 12);
    long table = OLD;
    long epochRead;
    long read;
    boolean judgedCurrent;
    boolean invalidated;

    void readEpoch() {
      epochRead = epoch.current();
    }

    void readTable() {
      read = table;
    }

    void fill() {
      cache.fill(epochRead, TAG, IOVA, word());
    }

    void fillUnchecked() {
      cache.fill(epoch.current(), TAG, IOVA, word());
    }

    void judge() {
      judgedCurrent = epoch.current() == epochRead;
    }

    void fillAsJudged() {
      if (judgedCurrent) {
        fillUnchecked();
      }
    }

    void withdrawIfOutdated() {
      if (epoch.current() != epochRead) {
        cache.remove(TAG, IOVA, IOVA);
      }
    }

    private long word() {
      return CacheWord.of(read, 0, CacheWord.READ);
    }

    void changeTable() {
      table = NEW;
    }

    void raise() {
      epoch.raise();
    }

    void remove() {
      cache.remove(TAG, IOVA, IOVA);
      invalidated = true;
    }

    boolean isStale() {
      long word = cache.lookup(TAG, IOVA);
      return invalidated && word != 0 && CacheWord.address(word) == OLD;
    }
  }

  private static List<Runnable> invalidation(World w) {
    return List.of(w::changeTable, w::raise, w::remove);
  }

  /** Runs all interleavings; the number of those in which a stale page was seen. */
  private static int stale(
      Function<World, List<Runnable>> translation, Function<World, List<Runnable>> invalidation) {
    int first = translation.apply(new World()).size();
    int second = invalidation.apply(new World()).size();
    int caught = 0;
    for (int schedule : schedules(first, second)) {
      World world = new World();
      List<Runnable> ours = translation.apply(world);
      List<Runnable> theirs = invalidation.apply(world);
      int a = 0;
      int b = 0;
      boolean stale = false;
      for (int step = 0; step < first + second; step++) {
        boolean translates = (schedule >>> step & 1) != 0;
        (translates ? ours.get(a++) : theirs.get(b++)).run();
        stale |= world.isStale();
      }
      caught += stale ? 1 : 0;
    }
    return caught;
  }

  private static List<Integer> schedules(int first, int second) {
    List<Integer> all = new ArrayList<>();
    for (int bits = 0; bits < 1 << (first + second); bits++) {
      if (Integer.bitCount(bits) == first) {
        all.add(bits);
      }
    }
    return all;
  }

  @Test
  void theProtocolLeavesNothingBehind() {
    assertThat(schedules(3, 3)).hasSize(20);
    assertThat(
            stale(
                w -> List.of(w::readEpoch, w::readTable, w::fill), EpochProtocolTest::invalidation))
        .isZero();
  }

  @Test
  void anUncheckedFillIsCaught() {
    assertThat(
            stale(
                w -> List.of(w::readEpoch, w::readTable, w::fillUnchecked),
                EpochProtocolTest::invalidation))
        .isPositive();
  }

  @Test
  void anEpochThatIsReadAfterTheTableIsCaught() {
    assertThat(
            stale(
                w -> List.of(w::readTable, w::readEpoch, w::fill), EpochProtocolTest::invalidation))
        .isPositive();
  }

  @Test
  void checkingBeforeHoldingTheSetIsCaught() {
    assertThat(
            stale(
                w -> List.of(w::readEpoch, w::readTable, w::judge, w::fillAsJudged),
                EpochProtocolTest::invalidation))
        .isPositive();
  }

  @Test
  void publishingBeforeCheckingIsCaught() {
    assertThat(
            stale(
                w -> List.of(w::readEpoch, w::readTable, w::fillUnchecked, w::withdrawIfOutdated),
                EpochProtocolTest::invalidation))
        .isPositive();
  }

  @Test
  void removingBeforeTheEpochIsRaisedIsCaught() {
    Function<World, List<Runnable>> wrong = w -> List.of(w::changeTable, w::remove, w::raise);
    assertThat(stale(w -> List.of(w::readEpoch, w::readTable, w::fill), wrong)).isPositive();
  }

  @Test
  void configurationFillsObeyTheSameProtocol() {
    InvalidationEpoch epoch = new InvalidationEpoch();
    ConfigurationCache<Named> cache = new ConfigurationCache<>(4, epoch);
    long before = epoch.current();
    epoch.raise();
    cache.clear();
    assertThat(cache.fill(before, new Named(1))).isFalse();
    assertThat(cache.lookup(1)).isNull();
    Named fresh = new Named(1);
    assertThat(cache.fill(epoch.current(), fresh)).isTrue();
    assertThat(cache.lookup(1)).isSameAs(fresh);
  }

  private static final class Named extends ConfigurationCache.Entry {
    Named(long key) {
      super(key);
    }
  }
}
