package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;
import org.ioasis.vtd.format.Cap;
import org.ioasis.vtd.format.Ecap;
import org.junit.jupiter.api.Test;

/**
 * FEATURES.md says what the capability registers of the default profile say, no more and no less.
 */
class FeaturesTest {
  private static final List<String> TRUTHS = List.of("external", "fact sheet", "own reading");

  @Test
  void capabilityRegister() throws IOException {
    check("## CAP", Cap.LAYOUT, VtdProfiles.FULL.register("CAP"));
  }

  @Test
  void extendedCapabilityRegister() throws IOException {
    check("## ECAP", Ecap.LAYOUT, VtdProfiles.FULL.register("ECAP"));
  }

  private static void check(String heading, Layout layout, long register) throws IOException {
    Map<String, Long> claimed = new LinkedHashMap<>();
    for (Field field : layout.fields()) {
      if (field.isSet(register)) {
        claimed.put(field.name(), field.get(register));
      }
    }
    assertThat(table(heading)).containsExactlyInAnyOrderEntriesOf(claimed);
    assertThat(register & layout.reserved(0)).isZero();
  }

  private static Map<String, Long> table(String heading) throws IOException {
    Map<String, Long> rows = new LinkedHashMap<>();
    boolean inside = false;
    for (String line : Files.readAllLines(Path.of("FEATURES.md"))) {
      if (line.startsWith("## ")) {
        inside = line.equals(heading);
      }
      String[] cells = line.split("\\|", -1);
      if (inside && cells.length == 6 && !cells[1].isBlank() && !cells[1].startsWith("-")) {
        if (!cells[1].strip().equals("bit")) {
          assertThat(rows.put(cells[1].strip(), Long.decode(cells[2].strip()))).isNull();
          assertThat(cells[3]).as("note of " + cells[1]).isNotBlank();
          assertThat(TRUTHS).anySatisfy(truth -> assertThat(cells[4].strip()).startsWith(truth));
        }
      }
    }
    return rows;
  }
}
