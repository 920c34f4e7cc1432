package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Formats, modes and source validation, all combinations. */
class InterruptFormatMatrixTest {
  /**
   * Compatibility format passes only with CFIS=1 and EIME=0; remappable format is always remapped.
   */
  @ParameterizedTest(name = "CFI={0} EIME={1} remappable={2}")
  @CsvSource({
    "0, 0, 0, -,                   0 8000002500000329",
    "1, 0, 0, fee00708:41,         -",
    "0, 1, 0, -,                   0 8000002500000329",
    "1, 1, 0, -,                   0 8000002500000329",
    "0, 0, 1, fee05008:4031,       -",
    "1, 0, 1, fee05008:4031,       -",
    "0, 1, 1, 500fee00008:4031,    -",
    "1, 1, 1, 500fee00008:4031,    -",
  })
  void formats(int cfi, int eime, int remappable, String delivered, String record) {
    InterruptRig rig = InterruptRig.plain().enabled(eime * InterruptRig.EIME);
    rig.entry(0x38, InterruptRig.XAPIC_LO, InterruptRig.HI);
    rig.command(cfi * InterruptRig.CFI);
    assertThat(rig.send(InterruptRig.SID, 0xFEE0_0708L | remappable << 4, 0x41 * (1 - remappable)))
        .isEqualTo(delivered);
    assertThat(rig.record()).isEqualTo(record);
  }

  /** EIME=0: only DST bits 47:40 may be set. */
  @ParameterizedTest
  @CsvSource({
    "0000050000310009, 1",
    "0000FF0000310009, 1",
    "0000050100310009, 0",
    "0000058000310009, 0",
    "0001050000310009, 0",
    "8000050000310009, 0",
  })
  void shortDestination(String lo, int passes) {
    InterruptRig rig = InterruptRig.plain().enabled(0);
    rig.entry(3, Long.parseUnsignedLong(lo, 16), InterruptRig.HI);
    assertThat(rig.send(3)).matches(passes == 1 ? "fee(05|ff)008:4031" : "-");
    assertThat(rig.record()).isEqualTo(passes == 1 ? "-" : "3000000000000 8000002400000329");
  }

  /** What the entry says about delivery. DM, RH, TM, DLM. */
  @ParameterizedTest
  @CsvSource({
    "0000050000310001, fee05000:4031", "0000050000310005, fee05004:4031",
    "000005000031000D, fee0500c:4031", "0000050000310011, fee05000:c031",
    "0000050000310021, fee05000:4131", "0000050000310041, fee05000:4231",
    "0000050000310081, fee05000:4431", "00000500003100A1, fee05000:4531",
    "00000500003100E1, fee05000:4731", "0000050000FF0F01, fee05000:40ff",
  })
  void delivery(String lo, String delivered) {
    InterruptRig rig = InterruptRig.plain().enabled(0);
    rig.entry(3, Long.parseUnsignedLong(lo, 16), InterruptRig.HI);
    assertThat(rig.send(3)).isEqualTo(delivered);
  }

  /** SVT and SQ against sources that differ from 03:05.1 in one bit, and SVT=2 bus ranges. */
  @ParameterizedTest(name = "hi={0} source={1}")
  @CsvSource({
    "00000, 0000, 1",
    "00329, 1234, 1",
    "30329, 1234, 1",
    "40329, 0329, 1",
    "40329, 032D, 0",
    "40329, 032B, 0",
    "40329, 0328, 0",
    "40329, 0321, 0",
    "50329, 0329, 1",
    "50329, 032D, 1",
    "50329, 032B, 0",
    "50329, 0328, 0",
    "50329, 0321, 0",
    "60329, 0329, 1",
    "60329, 032D, 1",
    "60329, 032B, 1",
    "60329, 032F, 1",
    "60329, 0328, 0",
    "70329, 0329, 1",
    "70329, 0328, 1",
    "70329, 032E, 1",
    "70329, 0321, 0",
    "70329, 0229, 0",
    "80305, 02FF, 0",
    "80305, 0300, 1",
    "80305, 04FF, 1",
    "80305, 05FF, 1",
    "80305, 0600, 0",
    "80503, 0400, 0",
    "80503, 0300, 0",
    "80503, 0500, 0",
    "80404, 0400, 1",
    "C0329, 0329, 0",
    "F0329, 0329, 0",
  })
  void sources(String hi, String source, int passes) {
    InterruptRig rig = InterruptRig.plain().enabled(InterruptRig.EIME);
    rig.entry(3, InterruptRig.X2APIC_LO, Long.parseLong(hi, 16));
    int sid = Integer.parseInt(source, 16);
    String record = "3000000000000 800000260000" + source.toLowerCase(java.util.Locale.ROOT);
    for (int again = 0; again < 2; again++) {
      assertThat(rig.send(sid, InterruptRig.request(3), 0))
          .isEqualTo(passes == 1 ? "12300fee45008:4031" : "-");
      assertThat(rig.record()).isEqualTo(passes == 1 ? "-" : record);
    }
  }
}
