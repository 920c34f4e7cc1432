package org.ioasis.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.ioasis.kit.layout.Layout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events, page requests and interrupt entries against the literal words of the fact sheet. */
class RecordFormatTest {
  private static final Map<Integer, Layout> LAYOUTS =
      Map.of(
          1, IllegalDevTableEntry.LAYOUT,
          2, IoPageFault.LAYOUT,
          3, TableHardwareError.LAYOUT,
          4, TableHardwareError.LAYOUT,
          5, CommandEvent.LAYOUT,
          6, CommandEvent.LAYOUT,
          7, CommandEvent.LAYOUT,
          8, InvalidDeviceRequest.LAYOUT);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          2020004200000340 | 1234999000 | DeviceID=0x340 PASID[19:16]=0 DomainID/PASID[15:0]=0x42 GN=0 NX=0 US=0 I=0 PR=0 RW=1 PE=0 RZ=0 TR=0 EventCode=2 Address=0x1234999000
          2000004200000340 | 1234999000 | DeviceID=0x340 PASID[19:16]=0 DomainID/PASID[15:0]=0x42 GN=0 NX=0 US=0 I=0 PR=0 RW=0 PE=0 RZ=0 TR=0 EventCode=2 Address=0x1234999000
          2070004200000340 | 1234567ABC | DeviceID=0x340 PASID[19:16]=0 DomainID/PASID[15:0]=0x42 GN=0 NX=0 US=0 I=0 PR=1 RW=1 PE=1 RZ=0 TR=0 EventCode=2 Address=0x1234567abc
          2090004200000340 | 1234999000 | DeviceID=0x340 PASID[19:16]=0 DomainID/PASID[15:0]=0x42 GN=0 NX=0 US=0 I=0 PR=1 RW=0 PE=0 RZ=1 TR=0 EventCode=2 Address=0x1234999000
          2025234500010340 | 7F0000001000 | DeviceID=0x340 PASID[19:16]=1 DomainID/PASID[15:0]=0x2345 GN=1 NX=0 US=1 I=0 PR=0 RW=1 PE=0 RZ=0 TR=0 EventCode=2 Address=0x7f0000001000
          2008004200000340 | FEE00000   | DeviceID=0x340 PASID[19:16]=0 DomainID/PASID[15:0]=0x42 GN=0 NX=0 US=0 I=1 PR=0 RW=0 PE=0 RZ=0 TR=0 EventCode=2 Address=0xfee00000
          10A0000000000340 | 1234567000 | DeviceID=0x340 PASID[19:16]=0 PASID[15:0]=0 GN=0 I=0 RW=1 RZ=1 TR=0 EventCode=1 Address=0x1234567000
          3400000000000340 | 120006800  | DeviceID=0x340 PASID[19:16]=0 DomainID/PASID[15:0]=0 GN=0 I=0 RW=0 TR=0 Type=2 EventCode=3 Address=0x120006800
          4420004200000340 | 123458B38  | DeviceID=0x340 PASID[19:16]=0 DomainID/PASID[15:0]=0x42 GN=0 I=0 RW=1 TR=0 Type=2 EventCode=4 Address=0x123458b38
          5000000000000000 | 110000030  | DeviceID=0 Type=0 EventCode=5 Address=0x110000030
          6200000000000000 | 110000040  | DeviceID=0 Type=1 EventCode=6 Address=0x110000040
          7000000000000340 | 110000050  | DeviceID=0x340 Type=0 EventCode=7 Address=0x110000050
          8A00000000000001 | FDF8000020 | DeviceID=1 PASID[19:16]=0 PASID[15:0]=0 GN=0 US=0 TR=0 Type=5 EventCode=8 Address=0xfdf8000020
          """)
  void fieldsOfKnownEvents(String word0, String word1, String fields) {
    long lo = hex(word0);
    assertThat(LAYOUTS.get(Event.code(lo)).format(lo, hex(word1))).isEqualTo(fields);
  }

  @Test
  void pageFaultIsBuilt() {
    long user = IoPageFault.GN.mask() | IoPageFault.US.mask() | IoPageFault.RW.mask();
    assertThat(IoPageFault.word0(0x340, 0x12345, user)).isEqualTo(0x2025234500010340L);
    assertThat(IoPageFault.pasid(0x2025234500010340L)).isEqualTo(0x12345);
    assertThat(IoPageFault.word0(0x340, 0x42, IoPageFault.RW.mask()))
        .isEqualTo(0x2020004200000340L);
  }

  @Test
  void aFaultCodeHoldsCodeAndFlags() {
    int denied = FaultCode.ofEvent(0x2070004200000340L);
    assertThat(denied).isEqualTo(0x702);
    assertThat(FaultCode.code(denied)).isEqualTo(2);
    assertThat(FaultCode.flags(denied)).isEqualTo(0x0070000000000000L);
    assertThat(Event.name(2)).isEqualTo("IO_PAGE_FAULT");
    assertThat(Event.name(0xA)).isEqualTo("EVENT_A");
  }

  @Test
  void pageRequest() {
    assertThat(PprEntry.LAYOUT.format(0x116406A523450340L, 0x00007F0000001000L))
        .isEqualTo(
            "DeviceID=0x340 PASID[15:0]=0x2345 Tag[8:0]=0xa5 Tag[9]=1 PASID[19:16]=1 EX=0 RD=1"
                + " WR=1 US=1 RZ=0 GN=1 PPRCode=1 Address=0x7f0000001000");
    assertThat(PprEntry.pasid(0x116406A523450340L)).isEqualTo(0x12345);
  }

  @Test
  void interruptEntries() {
    assertThat(Irte.LAYOUT.format(0x00410501))
        .isEqualTo(
            "RemapEn=1 SupIOPF=0 IntType=0 RqEoi=0 DM=0 GuestMode=0 Destination=5 Vector=0x41");
    assertThat(Irte.DM.get(0x00410541)).isEqualTo(1);
    assertThat(GaIrte.destination(0x501, 0x0100000000000041L)).isEqualTo(0x01000005);
    assertThat(GaIrte.VECTOR.get(0x501, 0x0100000000000041L)).isEqualTo(0x41);
    assertThat(GaIrte.LAYOUT.reserved(0)).isEqualTo(0xFFFFFFFF_00000000L);
    assertThat(GaIrte.LAYOUT.reserved(1)).isEqualTo(0x00FFFFFF_FFFFFF00L);
  }

  @Test
  void interruptMessages() {
    assertThat(InterruptMessage.address(5, 0)).isEqualTo(0xFEE05000L);
    assertThat(InterruptMessage.address(0x01000005, 1)).isEqualTo(0x01000000_FEE05004L);
    assertThat(InterruptMessage.DELIVERY.get(0x0541)).isEqualTo(5);
    assertThat(InterruptMessage.INDEX.get(0xFFFF)).isEqualTo(0x7FF);
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }
}
