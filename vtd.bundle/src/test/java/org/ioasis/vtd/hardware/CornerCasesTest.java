package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Where every group of corner cases is tested: by number, so that none is forgotten. */
class CornerCasesTest {
  /** Checks that {@code Class.method} is a test of this package. */
  static void checkExists(String test) {
    int dot = test.indexOf('.');
    String name = test.substring(dot + 1);
    try {
      Class<?> type = Class.forName("org.ioasis.vtd.hardware." + test.substring(0, dot));
      assertThat(Stream.of(type.getDeclaredMethods()).filter(m -> m.getName().equals(name)))
          .as(test)
          .anyMatch(
              m ->
                  m.isAnnotationPresent(Test.class)
                      || m.isAnnotationPresent(ParameterizedTest.class));
    } catch (ClassNotFoundException e) {
      throw new AssertionError(test + " does not exist", e);
    }
  }

  @Test
  void placeholder() {
    assertThat(Arrays.asList(1)).hasSize(1);
  }
}
