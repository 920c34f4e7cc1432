package org.ioasis.kit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.kit.cache.TagTree.NO_CONTEXT;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Ids of nodes: stable while alive, dead after an invalidation above or at the node, never shared.
 */
class TagTreeTest {
  private final InvalidationEpoch epoch = new InvalidationEpoch();
  private int flushes;

  private TagTree tree(int nodes, int bits) {
    return new TagTree(nodes, bits, epoch, () -> flushes++);
  }

  private static long node(int domain, int context) {
    return TagTree.key(domain, context);
  }

  @Test
  void anIdIsStable() {
    TagTree tree = tree(64, 24);
    assertThat(tree.peek(node(0, NO_CONTEXT))).isEqualTo(TagTree.NO_TAG);
    for (int domain : new int[] {0, 1, 0x42, 0xFFFF}) {
      int own = tree.tag(node(domain, NO_CONTEXT));
      int context = tree.tag(node(domain, 0));
      assertThat(own).isPositive().isNotEqualTo(context);
      assertThat(tree.tag(node(domain, NO_CONTEXT))).isEqualTo(own);
      assertThat(tree.peek(node(domain, 0))).isEqualTo(context);
    }
  }

  @Test
  void whatEachInvalidationKills() {
    TagTree tree = tree(64, 24);
    long[] nodes = {
      node(1, NO_CONTEXT), node(1, 5), node(1, 0xFFFFF), node(2, NO_CONTEXT), node(2, 5)
    };
    assertKills(tree, nodes, () -> tree.invalidateNode(1, 5), false, true, false, false, false);
    assertKills(
        tree, nodes, () -> tree.invalidateNode(1, NO_CONTEXT), true, false, false, false, false);
    assertKills(tree, nodes, () -> tree.invalidateContexts(1), false, true, true, false, false);
    assertKills(tree, nodes, () -> tree.invalidateDomain(1), true, true, true, false, false);
    assertKills(tree, nodes, tree::invalidateAll, true, true, true, true, true);
  }

  @Test
  void aGroupGoesWithoutTheOther() {
    TagTree tree = tree(64, 24);
    long[] nodes = {
      node(1, 5), node(0, NO_CONTEXT), node(0x10000, NO_CONTEXT), node(0x10000, 5), node(0x1FFFF, 0)
    };
    assertKills(tree, nodes, () -> tree.invalidateGroup(7), true, true, false, false, false);
    assertKills(tree, nodes, () -> tree.invalidateGroup(0x10000), false, false, true, true, true);
    assertKills(
        tree, nodes, () -> tree.invalidateContexts(0x10000), false, false, false, true, false);
    assertKills(tree, nodes, () -> tree.invalidateDomain(0), false, true, false, false, false);
    assertKills(tree, nodes, tree::invalidateAll, true, true, true, true, true);
  }

  @Test
  void theLivingContextsOfADomain() {
    TagTree tree = tree(64, 24);
    tree.tag(node(2, NO_CONTEXT));
    tree.tag(node(3, 1));
    int one = tree.tag(node(2, 1));
    int two = tree.tag(node(2, 0xFFFFF));
    tree.tag(node(2, 7));
    tree.invalidateNode(2, 7);
    Set<Integer> told = new HashSet<>();
    tree.forEachContext(2, told::add);
    assertThat(told).containsExactlyInAnyOrder(one, two);
    tree.invalidateContexts(2);
    tree.forEachContext(2, id -> assertThat(id).as("none is alive").isNull());
  }

  private static void assertKills(
      TagTree tree, long[] nodes, Runnable invalidation, boolean... killed) {
    int[] before = new int[nodes.length];
    for (int i = 0; i < nodes.length; i++) {
      before[i] = tree.tag(nodes[i]);
    }
    invalidation.run();
    for (int i = 0; i < nodes.length; i++) {
      assertThat(tree.peek(nodes[i])).isEqualTo(killed[i] ? TagTree.NO_TAG : before[i]);
      assertThat(tree.tag(nodes[i]) == before[i]).isEqualTo(!killed[i]);
    }
  }

  @Test
  void aNodeThatWasCrowdedOutGetsAnotherId() {
    TagTree tree = tree(4, 24);
    int first = tree.tag(node(1, NO_CONTEXT));
    for (int domain = 2; domain < 40; domain++) {
      tree.tag(node(domain, NO_CONTEXT));
    }
    assertThat(tree.tag(node(1, NO_CONTEXT))).isNotEqualTo(first);
  }

  @Test
  void aWrapStartsAgainWithEmptyCaches() {
    TagTree tree = tree(64, 4);
    long version = tree.version();
    long epochBefore = epoch.current();
    for (int i = 0; i < 15; i++) {
      assertThat(tree.tag(node(1, NO_CONTEXT))).isEqualTo(i + 1);
      tree.invalidateDomain(1);
    }
    assertThat(flushes).isZero();
    assertThat(tree.tag(node(1, NO_CONTEXT))).isEqualTo(1);
    assertThat(flushes).isEqualTo(1);
    assertThat(tree.version())
        .as("15 invalidations, and a wrap before and after the caches are emptied")
        .isEqualTo(version + 17);
    assertThat(epoch.current()).isGreaterThan(epochBefore);
    assertThat(tree.tag(node(2, 7))).as("floors of the old era are gone").isEqualTo(2);
    assertThat(tree.peek(node(2, 7))).isEqualTo(2);
  }

  @Test
  void noTwoNodesShareALivingIdAndNoDeadIdReturnsWithinAnEra() {
    SplittableRandom random = new SplittableRandom(42);
    TagTree tree = tree(32, 8);
    Map<Long, Integer> alive = new HashMap<>();
    Set<Integer> used = new HashSet<>();
    int seenFlushes = 0;
    for (int round = 0; round < 50_000; round++) {
      int domain = random.nextInt(4);
      int context = random.nextInt(4) - 1;
      long key = node(domain, context);
      switch (random.nextInt(12)) {
        case 0 -> {
          tree.invalidateDomain(domain);
          alive.keySet().removeIf(other -> (other >>> 20 & 0xFFFF) == domain);
        }
        case 1 -> {
          tree.invalidateNode(domain, context);
          alive.remove(key);
        }
        default -> {
          int id = tree.tag(key);
          if (flushes != seenFlushes) {
            seenFlushes = flushes;
            alive.clear();
            used.clear();
          }
          Integer known = alive.get(key);
          if (known == null || known != id) {
            assertThat(used.add(id)).as("id %d is new in this era", id).isTrue();
          }
          alive.put(key, id);
        }
      }
    }
    assertThat(flushes).as("wraps").isGreaterThan(10);
  }
}
