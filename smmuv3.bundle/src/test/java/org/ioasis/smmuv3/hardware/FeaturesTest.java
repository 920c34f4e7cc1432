package org.ioasis.smmuv3.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;
import org.ioasis.smmuv3.format.Idr0;
import org.ioasis.smmuv3.format.Idr1;
import org.ioasis.smmuv3.format.Idr3;
import org.ioasis.smmuv3.format.Idr5;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** FEATURES.md says what the identification registers of the default profile say. */
class FeaturesTest {
  private static final List<String> TRUTHS = List.of("external", "fact sheet", "own reading");

  private static final Map<String, Layout> LAYOUTS =
      Map.of("IDR0", Idr0.LAYOUT, "IDR1", Idr1.LAYOUT, "IDR3", Idr3.LAYOUT, "IDR5", Idr5.LAYOUT);

  private static final Map<String, Long> MODELLED =
      Map.of(
          "IDR0", Capabilities.IDR0_MODELLED,
          "IDR1", Capabilities.IDR1_MODELLED,
          "IDR3", Capabilities.IDR3_MODELLED,
          "IDR5", Capabilities.IDR5_MODELLED);

  @ParameterizedTest
  @ValueSource(strings = {"IDR0", "IDR1", "IDR3", "IDR5"})
  @DisplayName("every claimed field has a row, and no other")
  void register(String name) throws IOException {
    long register = SmmuProfiles.FULL.register(name);
    Map<String, Long> claimed = new LinkedHashMap<>();
    for (Field field : LAYOUTS.get(name).fields()) {
      if (field.isSet(register)) {
        claimed.put(field.name(), field.get(register));
      }
    }
    assertThat(table("## " + name)).containsExactlyInAnyOrderEntriesOf(claimed);
    assertThat(register & ~MODELLED.get(name)).as("claimed and not modelled").isZero();
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
