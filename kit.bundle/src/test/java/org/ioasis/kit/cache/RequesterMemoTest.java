package org.ioasis.kit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is remembered holds for one requester at one version. */
class RequesterMemoTest {
  private static final long REQUESTER = 0x2100_0005L;
  private static final long NEIGHBOUR = REQUESTER + 4; // the same slot of four

  private final RequesterMemo<String> memo = new RequesterMemo<>(4);

  private int tag(long requester, long version) {
    RequesterMemo.Known<String> known = memo.find(requester);
    return known == null ? TagTree.NO_TAG : known.tag(version);
  }

  @Test
  void anEmptyMemoKnowsNobody() {
    assertThat(memo.find(REQUESTER)).isNull();
    assertThat(memo.find(-1)).isNull();
  }

  @Test
  void oneRequesterAtOneVersion() {
    memo.remember(REQUESTER, 0, "tables", 0xFF_FFFF);
    assertThat(memo.find(REQUESTER).tables()).isEqualTo("tables");
    assertThat(tag(REQUESTER, 0)).isEqualTo(0xFF_FFFF);
    assertThat(tag(REQUESTER, 1)).isEqualTo(TagTree.NO_TAG);
    assertThat(memo.find(NEIGHBOUR)).isNull();
    assertThat(memo.find(REQUESTER ^ 1L << 36)).isNull();
  }

  @Test
  void theSameTablesAreOnlyStampedAnew() {
    String tables = "tables";
    memo.remember(REQUESTER, 0, tables, 1);
    RequesterMemo.Known<String> known = memo.find(REQUESTER);
    memo.remember(REQUESTER, 7, tables, 2);
    assertThat(memo.find(REQUESTER)).isSameAs(known);
    assertThat(known.tag(7)).isEqualTo(2);
    assertThat(known.tag(0)).isEqualTo(TagTree.NO_TAG);
    memo.remember(REQUESTER, 7, "others", 2);
    assertThat(memo.find(REQUESTER).tables()).isEqualTo("others");
    assertThat(known.tables()).as("a reader keeps what it found").isEqualTo(tables);
  }

  @Test
  void theFirstOfASlotKeepsItAtAVersion() {
    memo.remember(REQUESTER, 3, "mine", 1);
    memo.remember(NEIGHBOUR, 3, "theirs", 2);
    assertThat(tag(REQUESTER, 3)).isEqualTo(1);
    assertThat(memo.find(NEIGHBOUR)).isNull();
    memo.remember(NEIGHBOUR, 4, "theirs", 2);
    assertThat(tag(NEIGHBOUR, 4)).isEqualTo(2);
    assertThat(memo.find(REQUESTER)).isNull();
  }

  @Test
  void whatDoesNotFitIsNotRemembered() {
    memo.remember(-1, 0, "nobody", 1);
    assertThat(memo.find(-1)).isNull();
    long tooLate = 1L << 40;
    memo.remember(REQUESTER, tooLate, "tables", 1);
    assertThat(memo.find(REQUESTER)).isNull();
    memo.remember(REQUESTER, tooLate - 1, "tables", 1);
    assertThat(tag(REQUESTER, tooLate - 1)).isEqualTo(1);
    assertThat(tag(REQUESTER, tooLate)).isEqualTo(TagTree.NO_TAG);
    assertThat(tag(REQUESTER, -1)).isEqualTo(TagTree.NO_TAG);
  }
}
