package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.Translation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which PASID stands in the record of a request without PASID in scalable mode. */
class ScalableFaultRecordTest {
  private static final int SID = 0x80;
  private static final long CONTEXT = 0x11_1000L;

  /** Device 00:10.0, context entry in the upper table, first stage, nothing mapped. */
  private static Rig rig(long ridPasid) {
    Rig rig = Rig.full();
    rig.poke(0x10_0000L, 0x11_0001L, CONTEXT | 1);
    rig.poke(CONTEXT, 0x12_0001L, ridPasid, 0, 0);
    rig.poke(0x12_0000L, 0x13_0001L);
    rig.poke(0x13_0000L + 64L * ridPasid, 0x49, 0x80_0001L, 0x30_0000L);
    rig.w64(0x20, 0x10_0400L);
    rig.w32(0x18, 0xC000_0000L);
    return rig;
  }

  private static long recordOfAWrite(Rig rig) {
    long translation = rig.unit.translate(rig.write(SID, 0x44DF_4D22_1A98L));
    assertThat(Translation.refusal(translation)).isEqualTo(Translation.Refusal.FAULT);
    assertThat(rig.r64(0x220)).isEqualTo(0x44DF_4D22_1000L);
    return rig.r64(0x228);
  }

  /** The first record stands in a capture, with F already cleared. */
  @ParameterizedTest
  @CsvSource({"0, 8000007180000080", "2A, 80002A7180000080"})
  void walksAreRecordedWithRidPasid(String ridPasid, String record) {
    assertThat(recordOfAWrite(rig(Long.parseLong(ridPasid, 16))))
        .isEqualTo(Long.parseUnsignedLong(record, 16));
  }

  /** Faults met before the walk name no PASID. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "SCT.2, 111000, 0, 8000004100000080",
    "SPD.2, 120000, 0, 8000005100000080",
    "SPT.2, 130000, 0, 8000005900000080",
    "SPT.4, 130000, 1C1, 8000005B00000080"
  })
  void faultsBeforeTheWalk(String name, String at, String word, String record) {
    Rig rig = rig(0);
    rig.poke(Long.parseLong(at, 16), Long.parseLong(word, 16));
    assertThat(recordOfAWrite(rig)).as(name).isEqualTo(Long.parseUnsignedLong(record, 16));
  }
}
