package org.ioasis.capture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No vendor's name and no vendor's class occurs in main code, and no sibling bundle's. */
class WallsTest {
  private static final Pattern VENDORS =
      Pattern.compile("(?i)vt-?d|\\bdmar\\b|intel|smmu|\\barm\\b|amd|FRCD|FSTS|RTADDR|GSTS|CR0");

  @Test
  void noVendorIsNamed() throws IOException {
    List<Path> sources;
    try (Stream<Path> files = Files.walk(Path.of("src/main"))) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    assertThat(sources).hasSizeGreaterThan(20);
    for (Path source : sources) {
      assertThat(Files.readAllLines(source))
          .as(source.toString())
          .noneMatch(line -> VENDORS.matcher(line).find());
    }
  }

  @Test
  void onlyTheApiAndTheLibrariesAreUsed() {
    JavaClasses main =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.ioasis.capture");
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "java..",
            "org.ioasis.api..",
            "org.ioasis.capture..",
            "com.fasterxml.jackson..",
            "picocli..",
            "org.osgi..")
        .check(main);
    classes()
        .that()
        .resideInAPackage("org.ioasis.capture.file")
        .should()
        .onlyDependOnClassesThat()
        .resideOutsideOfPackages("org.ioasis.capture.replay..", "org.ioasis.capture.command..")
        .check(main);
  }
}
