package org.ioasis.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Fault records against the fact sheet's worked words. */
class FaultRecordTest {
  private static final int SID = 0x329;

  @Test
  void plainRecords() {
    assertThat(FaultRecord.high(SID, 5, FaultRecord.WRITE, 0)).isEqualTo(0x8000_0005_0000_0329L);
    assertThat(FaultRecord.high(SID, 6, FaultRecord.READ, 0)).isEqualTo(0xC000_0006_0000_0329L);
    assertThat(FaultRecord.high(SID, 0x44, FaultRecord.READ, 1)).isEqualTo(0xD000_0044_0000_0329L);
    assertThat(FaultRecord.high(SID, 0x22, FaultRecord.WRITE, 0)).isEqualTo(0x8000_0022_0000_0329L);
    assertThat(FaultRecord.II.of(0x1238)).isEqualTo(0x1238_0000_0000_0000L);
    assertThat(FaultRecord.FI.inPlace(0x0000_1234_5678_9ABCL)).isEqualTo(0x1234_5678_9000L);
  }

  @Test
  void recordsWithPasid() {
    long read = FaultRecord.high(SID, 0x71, FaultRecord.READ, 0);
    assertThat(read | FaultRecord.pasid(0x12345, false, false)).isEqualTo(0xC123_4571_8000_0329L);
    long atomic = FaultRecord.high(SID, 0x85, FaultRecord.ATOMIC, 0);
    assertThat(atomic | FaultRecord.pasid(0x1234, false, true)).isEqualTo(0xC012_3485_B000_0329L);
    long page = FaultRecord.high(SID, 0x47, FaultRecord.PAGE_REQUEST, 0);
    assertThat(page | FaultRecord.pasid(0x1234, false, false)).isEqualTo(0x8012_3447_9000_0329L);
    assertThat(FaultRecord.pasid(0, true, false)).isEqualTo(0xC000_0000L);
  }

  @Test
  void fieldsOfACapturedRecord() {
    assertThat(FaultRecord.LAYOUT.format(0x3DA5_1B99_2000L, 0x4000_0006_8000_0080L))
        .isEqualTo("FI=0x3da51b992000 SID=0x80 T2=0 PRIV=0 EXE=0 PP=1 FR=6 PV=0 AT=0 T1=1 F=0");
  }
}
