package org.ioasis.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fault reasons against the fact sheet's table. */
class FaultReasonTest {
  @ParameterizedTest(name = "{0}..{1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          01 | 01 | LRT.2  | n
          02 | 02 | LCT.2  | y
          03 | 03 | LCT.4  | y
          04 | 06 | LGN.1  | y
          07 | 07 | LSL.1  | y
          08 | 08 | LRT.1  | n
          09 | 09 | LCT.1  | n
          0A | 0A | LRT.3  | n
          0B | 0B | LCT.3  | y
          0C | 0C | LSL.2  | y
          0D | 0D | LCT.5  | y
          0E | 0E | LGN.4  | y
          20 | 21 | IR 20h | n
          22 | 22 | IR 22h | y
          23 | 23 | IR 23h | n
          24 | 24 | IR 24h | y
          25 | 25 | IR 25h | n
          26 | 28 | IR 26h | y
          29 | 29 | IR 29h | n
          30 | 32 | RTA.1  | n
          38 | 3A | SRT.1  | n
          40 | 40 | SCT.1  | n
          41 | 48 | SCT.2  | y
          50 | 50 | SPD.1  | n
          51 | 52 | SPD.2  | y
          58 | 58 | SPT.1  | n
          59 | 5D | SPT.2  | y
          70 | 77 | SFS.1  | y
          78 | 7D | SSS.1  | y
          80 | 87 | SGN.1  | y
          90 | 91 | SFS.9  | y
          """)
  void numbersNamesAndQualification(String first, String last, String name, String qualified) {
    int start = Integer.parseInt(first, 16);
    assertThat(FaultReason.of(start).orElseThrow().label).isEqualTo(name);
    for (int code = start; code <= Integer.parseInt(last, 16); code++) {
      FaultReason reason = FaultReason.of(code).orElseThrow();
      assertThat(reason.code).isEqualTo(code);
      assertThat(reason.qualified).as(reason.label).isEqualTo(qualified.equals("y"));
      assertThat(FaultReason.isQualified(code)).isEqualTo(reason.qualified);
      assertThat(reason.meaning).isNotBlank();
    }
  }

  @Test
  void namesInARunCountUp() {
    assertThat(FaultReason.of(0x86).orElseThrow().label).isEqualTo("SGN.7");
    assertThat(FaultReason.of(0x5D).orElseThrow().label).isEqualTo("SPT.6");
    assertThat(FaultReason.of(0x77).orElseThrow().label).isEqualTo("SFS.8");
    assertThat(FaultReason.of(0x48).orElseThrow().label).isEqualTo("SCT.9");
  }

  @Test
  void everyNameIsUniqueAndUnknownNumbersHaveNone() {
    Set<String> names = new HashSet<>();
    Arrays.stream(FaultReason.values()).forEach(reason -> names.add(reason.label));
    assertThat(names).hasSameSizeAs(FaultReason.values());
    assertThat(FaultReason.of(0)).isEmpty();
    assertThat(FaultReason.of(0x0F)).isEmpty();
    assertThat(FaultReason.of(0xFF)).isEmpty();
    assertThat(FaultReason.of(-1)).isEmpty();
    assertThat(FaultReason.isQualified(0xFF)).isFalse();
  }
}
