package org.ioasis.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Interrupt structures against the literal words of the fact sheet. */
class InterruptFormatsTest {
  @Test
  void remappedEntryForX2Apic() {
    long lo = 0x0001_2345_0031_0009L;
    long hi = 0x0000_0000_0004_0329L;
    assertThat(InterruptEntry.LAYOUT.format(lo, hi))
        .isEqualTo(
            "P=1 FPD=0 DM=0 RH=1 TM=0 DLM=0 AVAIL=0 IM=0 V=0x31 DST=0x12345"
                + " SID=0x329 SQ=0 SVT=1");
    assertThat(InterruptEntry.hasReserved(lo, hi, true)).isFalse();
    assertThat(InterruptEntry.hasReserved(lo, hi, false)).isTrue();
    assertThat(InterruptMessage.address(InterruptEntry.destination(lo, true), 1, 0))
        .isEqualTo(0x0001_2300_FEE4_5008L);
    assertThat(InterruptMessage.data(0x31, 0, 0)).isEqualTo(0x4031);
  }

  @Test
  void remappedEntryForXApic() {
    long lo = 0x0000_0500_0031_0009L;
    assertThat(InterruptEntry.hasReserved(lo, 0x4_0329L, false)).isFalse();
    assertThat(InterruptEntry.destination(lo, false)).isEqualTo(5);
    assertThat(InterruptMessage.address(5, 1, 0)).isEqualTo(0xFEE0_5008L);
  }

  /** The entry of a kernel's own documentation: device 00:0a.0, vector 24h, logical, DST 80h. */
  @Test
  void dumpedEntry() {
    assertThat(InterruptEntry.LAYOUT.format(0x0000_0080_0024_000DL, 0x4_0050L))
        .isEqualTo(
            "P=1 FPD=0 DM=1 RH=1 TM=0 DLM=0 AVAIL=0 IM=0 V=0x24 DST=0x80 SID=0x50 SQ=0 SVT=1");
  }

  @Test
  void postedEntry() {
    long lo = 0x2345_6780_0041_8001L;
    long hi = 0x0000_0001_0004_0329L;
    assertThat(PostedInterruptEntry.descriptor(lo, hi)).isEqualTo(0x1_2345_6780L);
    assertThat(InterruptEntry.V.get(lo)).isEqualTo(0x41);
    assertThat(InterruptEntry.IM.isSet(lo)).isTrue();
    assertThat(PostedInterruptEntry.URG.isSet(lo)).isFalse();
    assertThat(PostedInterruptEntry.hasReserved(lo, hi, 0xFFFF_FFFF_FFFFL)).isFalse();
    assertThat(PostedInterruptEntry.hasReserved(lo, hi, 0xFFFF_FFFFL)).isTrue();
    assertThat(InterruptEntry.admits(hi, 0x329)).isTrue();
    assertThat(InterruptEntry.admits(hi, 0x32A)).isFalse();
  }

  @Test
  void reservedBits() {
    assertThat(InterruptEntry.LAYOUT.reserved(0)).isEqualTo(0x0000_0000_FF00_7000L);
    assertThat(InterruptEntry.LAYOUT.reserved(1)).isEqualTo(0xFFFF_FFFF_FFF0_0000L);
    assertThat(PostedInterruptEntry.LAYOUT.reserved(0)).isEqualTo(0x0000_003F_FF00_30FCL);
    assertThat(PostedInterruptEntry.LAYOUT.reserved(1)).isEqualTo(0x0000_0000_FFF0_0000L);
    assertThat(PostedInterruptDescriptor.reserved(4)).isEqualTo(0x0000_0000_FF00_FFFCL);
    assertThat(PostedInterruptDescriptor.reserved(5)).isEqualTo(-1L);
    assertThat(PostedInterruptDescriptor.reserved(7)).isEqualTo(-1L);
  }

  @ParameterizedTest
  @CsvSource({
    "FEE2471C, 0,        9238",
    "FEE004B0, FFFFFFFF, 25",
    "FEE00018, 7,        7",
    "FEE00038, 7,        8",
    "FEE00014, 0,        8000",
    "FEFFFFFC, FFFF,     1FFFE",
    "FEE00013, 0,        0",
  })
  void index(String address, String data, String index) {
    assertThat(InterruptRequest.index(Long.parseLong(address, 16), (int) Long.parseLong(data, 16)))
        .isEqualTo(Integer.parseInt(index, 16));
  }

  @Test
  void virtualCommandWords() {
    assertThat(VirtualCommand.CMD.of(2) | VirtualCommand.OPERAND.of(0x1234))
        .isEqualTo(0x0000_0000_1234_0002L);
    assertThat(VirtualCommand.RESULT.get(0x0000_0000_1234_0000L)).isEqualTo(0x1234);
    assertThat(VirtualCommand.SC.of(16)).isEqualTo(0x20);
    assertThat(VirtualCommand.VCMD_LAYOUT.reserved(0)).isEqualTo(0xFF00L);
  }
}
