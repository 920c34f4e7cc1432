package org.ioasis.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line: what is an option, what belongs to the command, what is refused. */
class OptionsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --foo           | unknown option --foo; ioasis --help lists the options
          --foo=1         | unknown option --foo; ioasis --help lists the options
          --vendors       | option --vendors needs a value: --vendors=VALUE
          --felix.x       | option --felix.x needs a value: --felix.x=VALUE
          """)
  void refuses(String argument, String message) {
    assertThatThrownBy(() -> Options.parse(List.of(argument, "demo")))
        .isInstanceOf(LaunchException.class)
        .hasMessage(message);
  }

  @Test
  void optionsEndWhereTheCommandBegins() throws Exception {
    Options options =
        Options.parse(List.of("--vendors=vtd", "--a.b=c=d", "replay", "--a.b=x", "dir", ""));
    assertThat(options.settings()).isEqualTo(Map.of("ioasis.vendors", "vtd", "a.b", "c=d"));
    assertThat(options.command()).containsExactly("replay", "--a.b=x", "dir", "");
  }

  @Test
  void vendorsAreTakenFromTheCommandUpToTwoDashes() throws Exception {
    Options options =
        Options.parse(
            List.of("--vendors=a", "demo", "--vendors=vtd,smmuv3", "x", "--", "--vendors=y"));
    assertThat(options.settings()).isEqualTo(Map.of("ioasis.vendors", "vtd,smmuv3"));
    assertThat(options.command()).containsExactly("demo", "x", "--", "--vendors=y");
  }

  @Test
  void theVersionIsACommand() throws Exception {
    assertThat(Options.parse(List.of("--vendors=a", "--version")).command())
        .containsExactly("version");
  }

  @Test
  void twoDashesAloneEndTheOptions() throws Exception {
    assertThat(Options.parse(List.of("--", "--help")).command()).containsExactly("--help");
    assertThat(Options.parse(List.of("--", "--help")).help()).isFalse();
  }

  @Test
  void shortOptionsStandForSettings() throws Exception {
    assertThat(
            Options.parse(List.of("--verbose", "--headless", "--storage=s", "--conf=c")).settings())
        .isEqualTo(
            Map.of(
                "ioasis.log.level", "INFO",
                "ioasis.headless", "true",
                "ioasis.storage", "s",
                "ioasis.conf", "c"));
  }

  @Test
  void anArgumentMustNotHoldTheSeparator() {
    assertThatThrownBy(() -> Options.parse(List.of("demo", "a\u001fb")))
        .hasMessage("an argument holds the character U+001F; leave it out");
  }
}
