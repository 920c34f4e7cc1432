package org.ioasis.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;

class HandleTest {
  @Test
  @Requirement(75)
  void onlyTheWholeHandleIsEqual() {
    Handle<String> handle = new Handle<>(String.class, 7, 1, 0x1234_5678_9abc_def0L);
    assertThat(handle).isEqualTo(new Handle<>(String.class, 7, 1, 0x1234_5678_9abc_def0L));
    assertThat(handle).hasSameHashCodeAs(new Handle<>(String.class, 7, 1, 0x1234_5678_9abc_def0L));
    assertThat(handle).isNotEqualTo(new Handle<>(String.class, 8, 1, 0x1234_5678_9abc_def0L));
    assertThat(handle).isNotEqualTo(new Handle<>(String.class, 7, 2, 0x1234_5678_9abc_def0L));
    assertThat(handle).isNotEqualTo(new Handle<>(String.class, 7, 1, 0x1234_5678_9abc_def1L));
    assertThat(handle).isNotEqualTo(new Handle<>(Integer.class, 7, 1, 0x1234_5678_9abc_def0L));
  }

  @Test
  @Requirement(75)
  void theSecretIsNotPrinted() {
    assertThat(new Handle<>(String.class, 7, 1, 0x1234L)).hasToString("String 7.1");
  }

  @Test
  void identitiesBeginAtOne() {
    assertThatThrownBy(() -> new Handle<>(String.class, 0, 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("id 0 is below 1");
  }
}
