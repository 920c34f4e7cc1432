package org.ioasis.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No vendor's name occurs in the main code. */
class NeutralityTest {
  private static final Pattern NAMES =
      Pattern.compile("(?i)\\b(vt-?d|intel|smmu\\w*|amd-?vi|amd|dmar)\\b");

  @Test
  void noVendorIsNamed() throws IOException {
    List<Path> sources;
    try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    assertThat(sources).hasSizeGreaterThan(20);
    for (Path source : sources) {
      assertThat(NAMES.matcher(Files.readString(source)).results().map(hit -> hit.group()))
          .as(source.toString())
          .isEmpty();
    }
  }
}
