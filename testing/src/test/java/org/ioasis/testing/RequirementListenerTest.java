package org.ioasis.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What the listener writes for tests that pass, fail or are aborted. */
class RequirementListenerTest {

  /** Run by the tests below only: surefire looks for no nested classes. */
  @Requirement(7)
  static class Sample {
    @Test
    @Requirement({8, 9})
    void passes() {}

    @Test
    void fails() {
      throw new AssertionError("as it should");
    }

    @Test
    void isAborted() {
      Assumptions.abort("the sample of an aborted test");
    }

    @SeededProperty
    void isProperty(@net.jqwik.api.ForAll int number) {
      Seen.add(number);
    }
  }

  /** The numbers one run of the property saw. */
  static final class Seen {
    private static final StringBuilder NUMBERS = new StringBuilder();

    static void add(int number) {
      NUMBERS.append(number).append(' ');
    }

    static String take() {
      String numbers = NUMBERS.toString();
      NUMBERS.setLength(0);
      return numbers;
    }
  }

  private static void run(RequirementListener listener) {
    LauncherConfig plain =
        LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build();
    LauncherFactory.create(plain)
        .execute(
            LauncherDiscoveryRequestBuilder.request().selectors(selectClass(Sample.class)).build(),
            listener);
  }

  @Test
  void writesOneLinePerRequirementOfEachExecutedTest(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("r.tsv");
    run(new RequirementListener(new RequirementLog(file)));
    String test = Sample.class.getName() + "#";
    assertThat(Files.readAllLines(file))
        .containsExactlyInAnyOrder(
            "7\t" + test + "passes\tPASSED",
            "8\t" + test + "passes\tPASSED",
            "9\t" + test + "passes\tPASSED",
            "7\t" + test + "fails\tFAILED",
            "7\t" + test + "isProperty\tPASSED");
  }

  @Test
  void replacesTheResultsOfAnEarlierRun(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("r.tsv");
    Files.writeString(file, "1\told#test\tPASSED\n");
    run(new RequirementListener(new RequirementLog(file)));
    assertThat(Files.readString(file)).doesNotContain("old#test").contains("#passes");
  }

  @Test
  void seededPropertiesSeeTheSameSamplesInEachRun(@TempDir Path folder) {
    Seen.take();
    run(new RequirementListener(new RequirementLog(folder.resolve("a.tsv"))));
    String first = Seen.take();
    run(new RequirementListener(new RequirementLog(folder.resolve("b.tsv"))));
    assertThat(first.split(" ")).hasSizeGreaterThan(100);
    assertThat(Seen.take()).isEqualTo(first);
  }
}
