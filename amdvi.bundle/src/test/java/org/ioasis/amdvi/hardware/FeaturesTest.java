package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ioasis.amdvi.format.CapabilityHeader;
import org.ioasis.amdvi.format.Efr;
import org.ioasis.amdvi.format.Efr2;
import org.ioasis.kit.layout.Field;
import org.ioasis.kit.layout.Layout;
import org.junit.jupiter.api.Test;

/** FEATURES.md says what the feature registers of the default profile say, no more and no less. */
class FeaturesTest {
  private static final Set<String> TRUTHS = Set.of("external", "fact sheet", "own reading");

  @Test
  void extendedFeatures() throws IOException {
    check("## EFR", Efr.LAYOUT, AmdviProfiles.FULL_EFR);
    assertThat(AmdviProfiles.FULL_EFR & ~Capabilities.EFR_MODELLED).isZero();
  }

  @Test
  void extendedFeatures2() throws IOException {
    check("## EFR2", Efr2.LAYOUT, AmdviProfiles.FULL_EFR2);
    assertThat(AmdviProfiles.FULL_EFR2 & ~Capabilities.EFR2_MODELLED).isZero();
  }

  @Test
  void capabilityHeader() throws IOException {
    check("## CAP", CapabilityHeader.LAYOUT, AmdviProfiles.FULL_HEADER);
  }

  @Test
  void choicesStandThereWithTheirDefaults() throws IOException {
    Pattern row = Pattern.compile("\\| `(choice\\.[a-z0-9-]+)` \\((\\d)\\) \\|");
    Map<String, Long> documented = new TreeMap<>();
    for (String line : lines()) {
      Matcher matcher = row.matcher(line);
      if (matcher.lookingAt()) {
        documented.put(matcher.group(1), Long.parseLong(matcher.group(2)));
      }
    }
    assertThat(documented).isEqualTo(Choices.recommended());
  }

  private static List<String> lines() throws IOException {
    return Files.readAllLines(Path.of("FEATURES.md"));
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
    for (String line : lines()) {
      if (line.startsWith("## ")) {
        inside = line.equals(heading);
      }
      String[] cells = line.split("\\|", -1);
      if (inside && cells.length == 6 && !cells[1].isBlank() && !cells[1].startsWith("-")) {
        if (!cells[1].strip().equals("bit")) {
          assertThat(rows.put(cells[1].strip(), Long.decode(cells[2].strip()))).isNull();
          assertThat(TRUTHS).anySatisfy(truth -> assertThat(cells[4].strip()).startsWith(truth));
        }
      }
    }
    return rows;
  }
}
