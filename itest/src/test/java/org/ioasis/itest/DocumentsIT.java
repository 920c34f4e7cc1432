package org.ioasis.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents name exists: files behind links, commands, modules. */
class DocumentsIT {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");
  private static final Pattern COMMAND =
      Pattern.compile("\\./ioasis(?: --[a-z]+(?:=[^\\s`]+)?)* ([a-z]+)");
  private static final Pattern MODULES = Pattern.compile("-pl ([a-z0-9.,]+)");
  private static final Pattern HELP_LINE =
      Pattern.compile("^  ([a-z]+) {2,}\\S", Pattern.MULTILINE);

  @TempDir private Path folder;

  /** All documents of the tree, without what builds leave. */
  private static List<Path> documents() throws IOException {
    Path root = Distribution.home().resolve("../../..").normalize();
    try (Stream<Path> files = Files.walk(root, 4)) {
      return files
          .filter(file -> file.toString().endsWith(".md"))
          .filter(file -> !root.relativize(file).toString().contains("target"))
          .toList();
    }
  }

  private static List<String> find(Pattern pattern, String text) {
    return pattern.matcher(text).results().map((MatchResult result) -> result.group(1)).toList();
  }

  private static List<String> brokenLinks(Path document, String text) {
    List<String> broken = new ArrayList<>();
    for (String link : find(LINK, text)) {
      if (!link.matches("[a-z]+:.*") && !Files.exists(document.resolveSibling(link))) {
        broken.add(document + ": " + link);
      }
    }
    return broken;
  }

  @Test
  void everyLinkLeadsToAFile() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path document : documents()) {
      broken.addAll(brokenLinks(document, Files.readString(document)));
    }
    assertThat(broken).isEmpty();
    assertThat(documents()).anyMatch(document -> document.endsWith("ARCHITECTURE.md"));
  }

  @Test
  void aBrokenLinkIsFound() throws IOException {
    Path document = Files.writeString(folder.resolve("a.md"), "");
    String text = "[x](https://example.org/) [y](a.md#part) and [z](b/c.md)";
    assertThat(brokenLinks(document, text)).containsExactly(document + ": b/c.md");
  }

  @Test
  void everyCommandExists() throws Exception {
    Set<String> commands = new TreeSet<>(find(HELP_LINE, new Program(folder).run("help").out()));
    assertThat(commands).contains("demo", "replay", "explain", "inspect", "translate", "vectors");
    Set<String> named = new TreeSet<>();
    for (Path document : documents()) {
      named.addAll(find(COMMAND, Files.readString(document)));
    }
    named.removeAll(commands);
    assertThat(named).as("commands in documents that nobody takes").isEmpty();
  }

  @Test
  void everyModuleExists() throws IOException {
    Path root = Distribution.home().resolve("../../..").normalize();
    for (Path document : documents()) {
      for (String modules : find(MODULES, Files.readString(document))) {
        assertThat(modules.split(","))
            .as(document.toString())
            .allMatch(module -> Files.isRegularFile(root.resolve(module).resolve("pom.xml")));
      }
    }
  }

  @Test
  void theBuildServerRunsTheCommandOfTheReadme() throws IOException {
    Path root = Distribution.home().resolve("../../..").normalize();
    assertThat(Files.readString(root.resolve("README.md"))).contains("mvn -B verify");
    assertThat(Files.readString(root.resolve(".ci/run"))).contains("mvn -B verify");
  }
}
