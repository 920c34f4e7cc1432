package org.ioasis.shell.oneshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The property of the launcher, taken apart. */
class OneShotLineTest {
  @Test
  void argumentsKeepSpacesAndEmptyTexts() {
    OneShotLine line = OneShotLine.parse("explain\u001fmy capture\u001f\u001f--iova=0x1000");
    assertThat(line.name()).isEqualTo("explain");
    assertThat(line.arguments()).containsExactly("my capture", "", "--iova=0x1000");
  }

  @Test
  void aCommandAloneHasNoArguments() {
    assertThat(OneShotLine.parse("units")).isEqualTo(new OneShotLine("units", java.util.List.of()));
  }

  @ParameterizedTest
  @CsvSource({"--help, help", "-h, help", "-?, help", "--version, version", "-V, version"})
  void whatPeopleAskAnyProgramIsUnderstood(String typed, String command) {
    assertThat(OneShotLine.parse(typed).name()).isEqualTo(command);
  }
}
