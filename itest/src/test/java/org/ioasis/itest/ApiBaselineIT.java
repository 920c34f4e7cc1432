package org.ioasis.itest;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settled packages of the API keep their promises; and the check for that notices. */
class ApiBaselineIT {
  private static final String REMEDY =
      "a deliberate change gets a new version; then mvn -q -Pbaseline -pl api.bundle -am package";

  @TempDir private Path folder;

  @Test
  @Requirement({4, 76})
  void theApiKeepsItsBaseline() throws Exception {
    Path baseline = Path.of(System.getProperty("ioasis.baseline")).normalize();
    assertThat(baseline).as("no base line of the API; write it: %s", REMEDY).isRegularFile();
    Path api =
        Distribution.jars().stream()
            .filter(jar -> jar.getFileName().toString().startsWith("org.ioasis.api-"))
            .findFirst()
            .orElseThrow();
    assertThat(ApiBaseline.compare(api, baseline)).as(REMEDY).isEmpty();
  }

  @Test
  void anEqualPackageIsAccepted() throws Exception {
    Path jar = jar("1.0.0", "void a();");
    assertThat(ApiBaseline.compare(jar, jar("1.0.0", "void a();"))).isEmpty();
  }

  @Test
  void aMethodThatIsGoneNeedsAMajorVersion() throws Exception {
    Path older = jar("1.0.0", "void a(); void b();");
    assertThat(ApiBaseline.compare(jar("1.1.0", "void a();"), older))
        .containsExactly("p: MAJOR change since 1.0.0, version is 1.1.0 and must be 2.0.0");
    assertThat(ApiBaseline.compare(jar("2.0.0", "void a();"), older)).isEmpty();
  }

  @Test
  void aPackageThatIsGoneOrNewIsNamed() throws Exception {
    Path settled = jar("1.0.0", "void a();");
    Path draft = jar("0.9.0", "void a();");
    assertThat(ApiBaseline.compare(draft, settled))
        .contains("p: settled in the base line, but no longer exported at 1.0 or above");
    assertThat(ApiBaseline.compare(settled, draft))
        .containsExactly("p: settled at 1.0.0, but the base line lacks it");
  }

  @Test
  void aDraftMayChange() throws Exception {
    Path older = jar("0.1.0", "void a(); void b();");
    assertThat(ApiBaseline.compare(jar("0.1.0", "void a();"), older)).isEmpty();
  }

  /** A bundle with one exported package {@code p} that holds one interface. */
  private Path jar(String version, String members) throws Exception {
    Path work = Files.createTempDirectory(folder, "jar");
    Path source =
        Files.writeString(
            work.resolve("I.java"), "package p; public interface I {" + members + "}");
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "--release", "17", "-d", work.toString(), source.toString());
    assertThat(status).isZero();
    Files.delete(source);
    try (Builder builder = new Builder()) {
      builder.setClasspath(new File[] {work.toFile()});
      builder.setProperty("Bundle-SymbolicName", "sample");
      builder.setProperty("Export-Package", "p;version=" + version);
      Path file = work.resolve("sample.jar");
      try (Jar jar = builder.build()) {
        assertThat(builder.getErrors()).isEmpty();
        jar.write(file.toFile());
      }
      return file;
    }
  }
}
