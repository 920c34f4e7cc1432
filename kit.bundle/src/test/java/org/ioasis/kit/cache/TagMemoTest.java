package org.ioasis.kit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The memo answers for one key at one version, and for nothing else. */
class TagMemoTest {
  private static final long KEY = 0x25_FFFF_FFFFL;

  private final TagMemo memo = new TagMemo(4);

  @Test
  void anEmptyMemoKnowsNobody() {
    assertThat(memo.tag(0, 0)).isEqualTo(TagTree.NO_TAG);
    assertThat(memo.tag(0, -1)).isEqualTo(TagTree.NO_TAG);
    assertThat(memo.tag(0, -2)).isEqualTo(TagTree.NO_TAG);
  }

  @Test
  void oneKeyAtOneVersion() {
    assertThat(memo.remember(KEY, 7, 0xFF_FFFF)).isTrue();
    assertThat(memo.tag(KEY, 7)).isEqualTo(0xFF_FFFF);
    assertThat(memo.tag(KEY, 8)).as("something was invalidated").isEqualTo(TagTree.NO_TAG);
    assertThat(memo.tag(KEY ^ 1L << 36, 7)).isEqualTo(TagTree.NO_TAG);
    assertThat(memo.remember(KEY, 7, 0xFF_FFFF)).as("known already").isFalse();
    assertThat(memo.remember(KEY, 8, 3)).isTrue();
    assertThat(memo.tag(KEY, 8)).isEqualTo(3);
  }

  @Test
  void aSlotServesItsLastKey() {
    for (long key = 0; key < 64; key++) {
      memo.remember(key, 1, (int) key + 1);
      assertThat(memo.tag(key, 1)).isEqualTo((int) key + 1);
    }
    int known = 0;
    for (long key = 0; key < 64; key++) {
      int tag = memo.tag(key, 1);
      assertThat(tag).isIn(TagTree.NO_TAG, (int) key + 1);
      known += tag == TagTree.NO_TAG ? 0 : 1;
    }
    assertThat(known).isEqualTo(4);
  }
}
