package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The 90 corner cases of the fact sheet, each under its number. None is skipped: the default
 * profile has every capability that one of them asks for.
 */
class CornerCaseListTest {
  private static final List<Class<?>> CLASSES =
      List.of(
          CornerRegistersTest.class,
          CornerCommandsTest.class,
          CornerConfigurationTest.class,
          CornerTranslationTest.class,
          CornerStallTest.class,
          CornerAtsTest.class);

  @Test
  @DisplayName("every number from 1 to 90 has a test")
  void complete() {
    TreeSet<Integer> numbers = new TreeSet<>();
    for (Class<?> each : CLASSES) {
      for (Method method : each.getDeclaredMethods()) {
        DisplayName name = method.getAnnotation(DisplayName.class);
        if (name != null) {
          numbers.add(Integer.parseInt(name.value().substring(0, name.value().indexOf(':'))));
        }
      }
    }
    assertThat(numbers).containsExactlyElementsOf(IntStream.rangeClosed(1, 90).boxed().toList());
  }
}
