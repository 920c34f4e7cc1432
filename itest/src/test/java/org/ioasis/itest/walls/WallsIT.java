package org.ioasis.itest.walls;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The shipped house keeps its walls; and each check finds the violation planted for it. */
class WallsIT {
  private static final String PLANTED = WallsIT.class.getPackageName() + ".planted";

  private static Map<String, Path> jars;
  private static JavaClasses shipped;
  private static JavaClasses planted;

  @BeforeAll
  static void read() {
    jars = ShippedJars.byPart();
    shipped = ShippedJars.classes();
    planted = new ClassFileImporter().importPackages(PLANTED);
  }

  static Stream<Wall> walls() {
    return Stream.concat(Walls.ALL.stream(), CodeWalls.ALL.stream());
  }

  @Test
  void theHouseHasTheRoomsThatShip() {
    assertThat(jars.keySet()).isEqualTo(new TreeSet<>(House.MAY_IMPORT.keySet()));
    assertThat(shipped.contain("org.ioasis.launcher.Launcher")).isTrue();
    assertThat(shipped.contain("org.ioasis.api.machine.Machine")).isTrue();
  }

  @ParameterizedTest
  @MethodSource("walls")
  void theWallStands(Wall wall) {
    wall.rule().apply(House.BASE).check(shipped);
  }

  @ParameterizedTest
  @MethodSource("walls")
  void theWallFindsWhatIsPlanted(Wall wall) {
    List<String> found =
        wall.rule().apply(PLANTED).evaluate(planted).getFailureReport().getDetails();
    assertThat(found).anyMatch(line -> line.contains(PLANTED + "." + wall.planted()));
    assertThat(found).noneMatch(line -> line.matches("\\w+ <[\\w.]+Innocent\\b.*"));
  }

  @Test
  @Requirement(4)
  void theUsersApiAndTheVendorsApiAreSeparateLayers() {
    Walls.LAYERS_OF_THE_API.rule().apply(House.BASE).check(shipped);
  }

  @Test
  void everyExceptionForTheClockIsInUse() {
    assertThat(CodeWalls.CLOCK_READERS)
        .allSatisfy(
            name -> {
              JavaClass type = shipped.get(House.BASE + "." + name);
              assertThat(type.getAccessesFromSelf()).anyMatch(CodeWalls.readsTheClock());
            });
  }

  @Test
  void everyManifestKeepsTheWalls() {
    List<String> wrong = new ArrayList<>();
    jars.forEach((part, jar) -> wrong.addAll(Manifests.wrong(part, ShippedJars.manifest(jar))));
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          vtd     | Import-Package: org.ioasis.api,org.ioasis.kit.layout     | null
          capture | Import-Package: org.ioasis.vtd.hardware                  | capture imports org.ioasis.vtd.hardware
          shell   | Import-Package: org.ioasis.kit.layout;version="[1,2)"    | shell imports org.ioasis.kit.layout
          domain  | Import-Package: org.ioasis.iopf;resolution:=optional     | domain imports org.ioasis.iopf
          newroom | Import-Package: org.ioasis.api                           | newroom imports org.ioasis.api
          amdvi   | Export-Package: org.ioasis.amdvi.format;version="1.0"    | amdvi is a vendor and exports org.ioasis.amdvi.format
          kit     | Export-Package: org.ioasis.api.memory;version="1.0"      | kit exports org.ioasis.api.memory, which is not its own
          shell   | Require-Bundle: org.ioasis.capture                       | shell has the header Require-Bundle
          shell   | DynamicImport-Package: *                                 | shell has the header DynamicImport-Package
          iopf    | Fragment-Host: org.ioasis.domain                         | iopf has the header Fragment-Host
          """,
      nullValues = "null")
  void theManifestCheckFindsWhatIsWrong(String part, String header, String finding)
      throws IOException {
    Manifest manifest =
        new Manifest(
            new ByteArrayInputStream(
                ("Manifest-Version: 1.0\n" + header + "\n\n").getBytes(StandardCharsets.UTF_8)));
    assertThat(Manifests.wrong(part, manifest.getMainAttributes()))
        .isEqualTo(finding == null ? List.of() : List.of(finding));
  }

  @Test
  void everyExportedPackageIsAnnotatedAndVersioned() {
    List<String> wrong = new ArrayList<>();
    jars.forEach(
        (part, jar) ->
            Manifests.packages(ShippedJars.manifest(jar), "Export-Package")
                .forEach(
                    (name, attributes) -> {
                      boolean annotated = shipped.contain(name + ".package-info");
                      if (!annotated || attributes.getVersion() == null) {
                        wrong.add(part + " exports " + name);
                      }
                    }));
    assertThat(wrong).isEmpty();
  }

  @Test
  void noVendorsNameOccursInTheDoors() {
    assertThat(House.DOORS)
        .allSatisfy(
            door -> {
              Map<String, byte[]> files = ShippedJars.files(jars.get(door));
              assertThat(files).isNotEmpty();
              assertThat(Words.find(Words.VENDOR, files)).isEmpty();
            });
  }

  @Test
  void nobodyGoesAroundTheLanguage() {
    assertThat(jars)
        .allSatisfy(
            (part, jar) ->
                assertThat(Words.find(Words.UNSAFE, ShippedJars.files(jar))).as(part).isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          NamesVendor | a vendor behind "VT-d"
          NamesVendor | smmuv3
          NamesVendor | AmdVi
          GoesAround  | sun.misc.Unsafe
          GoesAround  | jdk/internal/misc/Unsafe
          """)
  void theWordCheckFindsWhatIsPlanted(String type, String text) throws IOException {
    Pattern word = type.equals("GoesAround") ? Words.UNSAFE : Words.VENDOR;
    String file = PLANTED.replace('.', '/') + "/capture/" + type + ".class";
    try (var in = WallsIT.class.getClassLoader().getResourceAsStream(file)) {
      byte[] content = in.readAllBytes();
      assertThat(Words.find(word, Map.of(file, content))).contains(file + ": " + text);
    }
  }

  @Test
  void theWordCheckReadsOtherFilesToo() {
    byte[] text = "one\n  target=\"(ioasis.kind=vtd)\"\n".getBytes(StandardCharsets.UTF_8);
    assertThat(Words.find(Words.VENDOR, Map.of("OSGI-INF/a.xml", text)))
        .containsExactly("OSGI-INF/a.xml:   target=\"(ioasis.kind=vtd)\"");
  }
}
