package org.ioasis.kit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cache against a map: it may forget, but never says what the map does not. */
class TaggedCacheTest {
  private static final int[] SIZES = {12, 21, 30};
  private static final int LAST_TAG = (1 << 24) - 1;

  private final InvalidationEpoch epoch = new InvalidationEpoch();

  private TaggedCache cache(int entries) {
    return new TaggedCache(entries, epoch, SIZES);
  }

  private boolean fill(TaggedCache cache, int tag, long address, int size, long page) {
    return cache.fill(
        epoch.current(), tag, address, CacheWord.of(page, size, CacheWord.READ | CacheWord.DIRTY));
  }

  @Test
  void wordsAreFoundUnderTheirTagAlone() {
    TaggedCache cache = cache(64);
    int[] tags = {1, 0x1001, 0x2001, LAST_TAG, 0xFFF};
    for (int tag : tags) {
      assertThat(fill(cache, tag, 0x5123, 0, 0x1000L * tag)).isTrue();
    }
    for (int tag : tags) {
      long word = cache.lookup(tag, 0x5FFF);
      assertThat(CacheWord.address(word)).isEqualTo(0x1000L * tag);
      assertThat(word >>> 52).as("the tag stays inside").isZero();
      assertThat(CacheWord.has(word, CacheWord.READ | CacheWord.DIRTY)).isTrue();
      assertThat(CacheWord.has(word, CacheWord.WRITE)).isFalse();
    }
    assertThat(cache.lookup(0x3001, 0x5123)).isZero();
    assertThat(cache.lookup(1, 0x6000)).isZero();
  }

  @Test
  void addressesOfAllWidths() {
    TaggedCache cache = cache(64);
    long high = 0xFFFF_FFFF_FFFF_F000L;
    fill(cache, 3, high, 0, 0x7000);
    fill(cache, 3, 0, 0, 0);
    assertThat(CacheWord.address(cache.lookup(3, -1L))).isEqualTo(0x7000);
    assertThat(cache.lookup(3, 0)).as("page 0 at address 0").isNotZero();
    assertThat(cache.lookup(3, 0x0FFF_FFFF_FFFF_F000L)).isZero();
  }

  @Test
  void theSmallestBlockWins() {
    TaggedCache cache = cache(64);
    fill(cache, 1, 0x4000_0000L, 2, 0xC_4000_0000L);
    fill(cache, 1, 0x4020_0000L, 1, 0x8_4000_0000L);
    fill(cache, 1, 0x4020_3000L, 0, 0x5_0000_0000L);
    assertThat(cache.sizeLg2(cache.lookup(1, 0x4020_3FFFL))).isEqualTo(12);
    assertThat(cache.sizeLg2(cache.lookup(1, 0x4020_4000L))).isEqualTo(21);
    assertThat(cache.sizeLg2(cache.lookup(1, 0x7FFF_FFFFL))).isEqualTo(30);
    assertThat(cache.lookup(1, 0x8000_0000L)).isZero();
  }

  @Test
  void aRangeRemovesEveryBlockThatItTouches() {
    TaggedCache cache = cache(64);
    fill(cache, 1, 0x4020_3000L, 0, 0x1000);
    fill(cache, 1, 0x4020_4000L, 0, 0x2000);
    fill(cache, 1, 0x4020_0000L, 1, 0x20_0000L);
    fill(cache, 1, 0x4000_0000L, 2, 0x4000_0000L);
    fill(cache, 2, 0x4020_3000L, 0, 0x3000);
    epoch.raise();
    cache.remove(1, 0x4020_3000L, 0x4020_3FFFL);
    assertThat(cache.lookup(1, 0x4020_3000L)).as("the page and both around it").isZero();
    assertThat(CacheWord.address(cache.lookup(1, 0x4020_4000L))).isEqualTo(0x2000);
    assertThat(cache.lookup(2, 0x4020_3000L)).as("another tag").isNotZero();
  }

  @Test
  void theWholeAddressSpace() {
    TaggedCache cache = cache(64);
    fill(cache, 1, 0, 0, 0x1000);
    fill(cache, 1, -1L, 0, 0x2000);
    fill(cache, 1, 1L << 47, 2, 0x4000_0000L);
    epoch.raise();
    cache.remove(1, 0, -1L);
    assertThat(cache.size()).isZero();
  }

  @Test
  void refusedGeometry() {
    assertThatThrownBy(() -> new TaggedCache(12, epoch, 12))
        .hasMessage("cache refused: 12 entries; give a power of two of at least 4");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void neverSaysWhatIsNotSo(long seed) {
    compareWithMap(seed, 60_000);
  }

  @Tag("stress")
  @ParameterizedTest
  @ValueSource(longs = {5, 6, 7, 8})
  void neverSaysWhatIsNotSoForLong(long seed) {
    compareWithMap(seed, 5_000_000);
  }

  private void compareWithMap(long seed, int rounds) {
    SplittableRandom random = new SplittableRandom(seed);
    TaggedCache cache = cache(32);
    Map<String, Long> truth = new HashMap<>();
    int found = 0;
    for (int round = 0; round < rounds; round++) {
      int tag = 1 + random.nextInt(3) * 0x1000;
      long address =
          (long) random.nextInt(4) << 30 | random.nextInt(4) << 21 | random.nextInt(8) << 12;
      int choice = random.nextInt(20);
      if (choice < 8) {
        int size = random.nextInt(3);
        long page = (long) random.nextInt(1 << 20) << 30;
        if (fill(cache, tag, address, size, page)) {
          truth.put(key(tag, address, size), page);
        }
      } else if (choice < 19) {
        long word = cache.lookup(tag, address);
        if (word != 0) {
          found++;
          assertThat(truth.get(key(tag, address, CacheWord.size(word))))
              .isEqualTo(CacheWord.address(word));
        }
      } else {
        int lg2 = 12 + random.nextInt(22);
        long first = address & -(1L << lg2);
        long last = first | (1L << lg2) - 1;
        epoch.raise();
        cache.remove(tag, first, last);
        truth.keySet().removeIf(key -> overlaps(key, tag, first, last));
      }
    }
    assertThat(found).as("enough hits to mean something").isGreaterThan(rounds / 50);
  }

  private static String key(int tag, long address, int size) {
    return tag + " " + (address >>> SIZES[size]) + " " + size;
  }

  private static boolean overlaps(String key, int tag, long first, long last) {
    String[] parts = key.split(" ", -1);
    int lg2 = SIZES[Integer.parseInt(parts[2])];
    long low = Long.parseLong(parts[1]) << lg2;
    return Integer.parseInt(parts[0]) == tag && low <= last && low + (1L << lg2) - 1 >= first;
  }

  @Test
  void eightSizesAndTheLargestThatFits() {
    int[] sizes = {12, 14, 16, 21, 25, 29, 30, 36};
    InvalidationEpoch epoch = new InvalidationEpoch();
    TaggedCache cache = new TaggedCache(64, epoch, sizes);
    long base = 0x10_0000_0000L;
    for (int size = 0; size < sizes.length; size++) {
      assertThat(cache.sizeLg2Of(size)).isEqualTo(sizes[size]);
      assertThat(cache.sizeFor(sizes[size])).isEqualTo(size);
      long word = CacheWord.of(base, size, CacheWord.READ | CacheWord.USER_2);
      assertThat(cache.sizeLg2(word)).isEqualTo(sizes[size]);
      assertThat(cache.fill(epoch.current(), size + 1, base, word)).isTrue();
      assertThat(cache.lookup(size + 1, base + (1L << sizes[size]) - 1)).isEqualTo(word);
      assertThat(cache.lookup(size + 1, base + (1L << sizes[size]))).isZero();
    }
    assertThat(cache.sizeFor(11)).isZero();
    assertThat(cache.sizeFor(42)).isEqualTo(7);
    assertThat(cache.sizeFor(28)).isEqualTo(4);
    epoch.raise();
    cache.remove(8, base + 0x8_0000_0000L, base + 0x8_0000_0000L);
    assertThat(cache.lookup(8, base)).as("any address in the block removes it").isZero();
  }
}
