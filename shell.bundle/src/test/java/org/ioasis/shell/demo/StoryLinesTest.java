package org.ioasis.shell.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Explanations in a narrow window. */
class StoryLinesTest {
  @Test
  void ignoredFieldsThatAreZeroAreLeftOutAndNothingElse() {
    assertThat(StoryLines.of("3. entry @0x10 = 0x3  R=1 W=0 IGN_6_3=0 A=0 IGN_63=1 AVAIL=0 SIGN=0"))
        .containsExactly("  3. entry @0x10 = 0x3  R=1 W=0 A=0 IGN_63=1 SIGN=0");
  }

  @Test
  void longLinesAreFoldedBetweenWords() {
    String words = "a".repeat(50) + " " + "b".repeat(45) + " " + "c".repeat(120) + " d";
    assertThat(StoryLines.of(words))
        .containsExactly(
            "  " + "a".repeat(50) + " " + "b".repeat(45), "       " + "c".repeat(120), "       d");
  }
}
