package org.ioasis.domain.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The packed tree against a sorted map. */
class MappingTreeTest {
  private static final Comparator<Long> UNSIGNED = Long::compareUnsigned;

  private final MappingTree tree = new MappingTree();
  private final TreeMap<Long, long[]> model = new TreeMap<>(UNSIGNED);
  private final MappingTree.Cursor at = new MappingTree.Cursor();

  private void insert(long first, long last) {
    long offset = first * 31;
    long meta = MappingTree.meta((int) (first >>> 12 & 0xFFFF), 3);
    tree.insert(first, last, offset, meta);
    model.put(first, new long[] {last, offset, meta});
  }

  private boolean modelMeets(long first, long last) {
    Map.Entry<Long, long[]> below = model.floorEntry(last);
    return below != null && Long.compareUnsigned(below.getValue()[0], first) >= 0;
  }

  private void compareAll() {
    assertThat(tree.size()).isEqualTo(model.size());
    boolean more = tree.seek(0, at);
    for (Map.Entry<Long, long[]> entry : model.entrySet()) {
      assertThat(more).isTrue();
      assertThat(new long[] {at.first, at.last, at.offset, at.meta})
          .containsExactly(
              entry.getKey(), entry.getValue()[0], entry.getValue()[1], entry.getValue()[2]);
      more = tree.next(at);
    }
    assertThat(more).isFalse();
  }

  /** Copies all of a range, run by run. */
  private void compareRuns(long low, long high) {
    MappingTree.Run run = new MappingTree.Run();
    Map.Entry<Long, long[]> entry = model.floorEntry(low);
    entry =
        entry != null && entry.getValue()[0] >= low ? entry : model.higherEntry(low); // below 2^63
    for (long from = low; tree.copy(from, high, at, run); from = run.last(run.size() - 1) + 1) {
      assertThat(run.size()).isBetween(1, MappingTree.FAN);
      for (int i = 0; i < run.size(); i++) {
        long[] found = {run.first(i), run.last(i), run.offset(i)};
        assertThat(found).containsExactly(entry.getKey(), entry.getValue()[0], entry.getValue()[1]);
        assertThat(MappingTree.meta(run.slot(i), run.rights(i))).isEqualTo(entry.getValue()[2]);
        assertThat(run.first(i)).isLessThanOrEqualTo(high);
        entry = model.higherEntry(entry.getKey());
      }
    }
    assertThat(run.size()).isZero();
    assertThat(entry == null || entry.getKey() > high).as("nothing is left out").isTrue();
  }

  /** The lowest hole by looking at every gap. */
  private Long modelHole(long low, long high, long length, int lg2) {
    long mask = (1L << lg2) - 1;
    long from = low;
    for (Map.Entry<Long, long[]> entry : model.entrySet()) {
      long start = (from + mask) & ~mask;
      if (Long.compareUnsigned(entry.getKey(), start) > 0
          && Long.compareUnsigned(entry.getKey() - start, length) >= 0
          && Long.compareUnsigned(start + length - 1, high) <= 0) {
        return start;
      }
      if (Long.compareUnsigned(entry.getValue()[0] + 1, from) > 0) {
        from = entry.getValue()[0] + 1;
      }
    }
    long start = (from + mask) & ~mask;
    return Long.compareUnsigned(start, high) <= 0
            && Long.compareUnsigned(high - start, length - 1) >= 0
        ? (Long) start
        : null;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void agreesWithASortedMap(long seed) {
    Random random = new Random(seed);
    long pages = 20_000;
    for (int step = 0; step < 40_000; step++) {
      long first = (random.nextLong() & Long.MAX_VALUE) % pages << 12;
      long last = first + ((1L + random.nextInt(6)) << 12) - 1;
      boolean grow = (step / 5_000 & 1) == 0;
      assertThat(tree.meets(first, last, at)).isEqualTo(modelMeets(first, last));
      if (!modelMeets(first, last) && (grow || random.nextInt(4) == 0)) {
        insert(first, last);
      } else if (!model.isEmpty()) {
        Long key = model.floorKey(first);
        key = key == null ? model.firstKey() : key;
        tree.remove(key);
        model.remove(key);
      }
      if (step % 50 == 0) {
        long length = (1L + random.nextInt(12)) << 12;
        int lg2 = 12 + random.nextInt(4);
        long low = (long) random.nextInt((int) pages) << 12;
        long high = low + ((long) random.nextInt(5_000) << 12) + length - 1;
        Long expected = modelHole(low, high, length, lg2);
        assertThat(tree.findHole(low, high, length, lg2)).isEqualTo(expected != null);
        if (expected != null) {
          assertThat(tree.hole()).isEqualTo(expected);
        }
        compareRuns(low, high);
      }
      if (step % 4_000 == 0) {
        compareAll();
      }
    }
    compareAll();
    for (Long key : model.keySet().toArray(new Long[0])) {
      tree.remove(key);
      model.remove(key);
    }
    compareAll();
  }

  @Test
  void holdsBothEndsOfTheAddressSpace() {
    insert(-4096L, -1L);
    insert(0, 4095);
    compareAll();
    assertThat(tree.seek(-1L, at)).isTrue();
    assertThat(at.first).isEqualTo(-4096L);
    assertThat(tree.next(at)).isFalse();
    assertThat(tree.findHole(0, -1L, 1L << 63, 12)).isTrue();
    assertThat(tree.hole()).isEqualTo(4096);
    assertThat(tree.findHole(0, -1L, -8192L, 0)).isTrue();
    assertThat(tree.findHole(0, -1L, -8191L, 0)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, -1})
  void appendingInEitherDirectionLeavesFullLeaves(int direction) {
    int count = 200_000;
    for (int i = 0; i < count; i++) {
      long first = (direction > 0 ? i : count - i) * 8192L;
      tree.insert(first, first + 4095, 0, MappingTree.meta(1, 3));
    }
    assertThat(tree.size()).isEqualTo(count);
    assertThat((double) tree.bytes() / count).isLessThan(36.0);
    assertThat(tree.findHole(0, -1L, 4096, 12)).isTrue();
    assertThat(tree.hole()).isEqualTo(direction > 0 ? 4096 : 0);
    assertThat(tree.findHole(8192, -1L, 4097, 12)).isTrue();
    assertThat(tree.hole()).isEqualTo((direction > 0 ? count - 1 : count) * 8192L + 4096);
  }
}
