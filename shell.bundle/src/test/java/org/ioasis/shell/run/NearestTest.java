package org.ioasis.shell.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person may have meant. */
class NearestTest {
  private static final List<String> NAMES =
      List.of("bundles", "explain", "inspect", "replay", "translate", "unit", "units", "vectors");

  @ParameterizedTest
  @CsvSource({
    "replya, replay",
    "expalin, explain",
    "vector, vectors",
    "trans, translate",
    "inspct, inspect",
    "bundels, bundles"
  })
  void findsTheOneMeant(String typed, String meant) {
    assertThat(Nearest.to(typed, NAMES)).first().isEqualTo(meant);
  }

  @Test
  void nothingIsNearToSomethingElse() {
    assertThat(Nearest.to("frobnicate", NAMES)).isEmpty();
  }

  @Test
  void bestComesFirst() {
    assertThat(Nearest.to("unitz", NAMES)).containsExactly("unit", "units");
  }

  @ParameterizedTest
  @CsvSource({"abc, abc, 0", "abc, abd, 1", "abc, ab, 1", "'', abc, 3", "kitten, sitting, 3"})
  void distanceCountsLetters(String one, String other, int distance) {
    assertThat(Nearest.distance(one, other)).isEqualTo(distance);
    assertThat(Nearest.distance(other, one)).isEqualTo(distance);
  }
}
