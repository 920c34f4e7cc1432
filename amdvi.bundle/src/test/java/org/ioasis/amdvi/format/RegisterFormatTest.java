package org.ioasis.amdvi.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Registers against the literal values of the fact sheet, sections "Registers" and "EFR". */
class RegisterFormatTest {
  @Test
  void bases() {
    assertThat(DeviceTableBase.entries(0x00000001200001FFL)).isEqualTo(65536);
    assertThat(DeviceTableBase.ADDRESS.inPlace(0x00000001200001FFL)).isEqualTo(0x120000000L);
    assertThat(DeviceTableBase.entries(0x1100001)).isEqualTo(256);
    long commands = 0x0900000110000000L;
    assertThat(RingBase.ADDRESS.inPlace(commands)).isEqualTo(0x110000000L);
    assertThat(RingBase.bytesLg2(commands)).isEqualTo(13);
    assertThat(RingBase.isLegal(commands)).isTrue();
    assertThat(RingBase.isLegal(0x0700000110000000L)).isFalse();
    assertThat(RingBase.of(0x110004000L, 9)).isEqualTo(0x0900000110004000L);
    assertThat(RingPointer.next(0x1FF0, 13)).isZero();
    assertThat(RingPointer.LAYOUT.reserved(0)).isEqualTo(0xFFFFFFFFFFF8000FL);
  }

  @ParameterizedTest
  @CsvSource({"0, 1FF", "1, FF", "2, 7F", "3, 7F", "4, 3F", "5, 3F", "6, 3F", "7, 3F"})
  void segmentSizes(int segment, String max) {
    assertThat(DeviceTableBase.maxSize(segment)).isEqualTo(Integer.parseInt(max, 16));
    assertThat(RegisterMap.segmentBase(segment)).isEqualTo(segment == 0 ? 0 : 0xF8 + 8 * segment);
  }

  @ParameterizedTest
  @CsvSource({
    "0xFFFF, 0, 0, 0xFFFF", "0x7FFF, 1, 0, 0x7FFF", "0x8000, 1, 1, 0", "0x3FFF, 2, 0, 0x3FFF",
    "0x4000, 2, 1, 0", "0x1FFF, 3, 0, 0x1FFF", "0x2000, 3, 1, 0", "0xFFFF, 3, 7, 0x1FFF"
  })
  void segments(String deviceId, int segmentsLg2, int segment, String index) {
    int id = Integer.decode(deviceId);
    assertThat(DeviceTableBase.segment(id, segmentsLg2)).isEqualTo(segment);
    assertThat(DeviceTableBase.index(id, segmentsLg2)).isEqualTo((int) Integer.decode(index));
  }

  @Test
  void control() {
    assertThat(Control.LAYOUT.describe(0x149D).stream().filter(f -> f.value() != 0))
        .extracting(f -> f.field().name() + "=" + f.value())
        .containsExactly(
            "IommuEn=1",
            "EventLogEn=1",
            "EventIntEn=1",
            "ComWaitIntEn=1",
            "InvTimeOut=4",
            "Coherent=1",
            "CmdBufEn=1");
    assertThat(Control.invalidationTimeout(0x149D)).isEqualTo(1_000_000_000L);
    assertThat(Control.invalidationTimeout(0x00)).isZero();
    assertThat(Control.invalidationTimeout(0x20)).isEqualTo(1_000_000L);
    assertThat(Control.invalidationTimeout(0xC0)).isEqualTo(100_000_000_000L);
    assertThat(Control.invalidationTimeout(0xE0)).isZero();
    assertThat(Control.LAYOUT.reserved(0)).isEqualTo(1L << 49 | 1L << 57);
  }

  @Test
  void status() {
    assertThat(Status.W1C).isEqualTo(0x68E67);
    assertThat(~Status.LAYOUT.reserved(0)).isEqualTo(0x79FFF);
  }

  @Test
  void features() {
    long qemu = 0x29D3;
    assertThat(Efr.hostLevels(qemu)).isEqualTo(6);
    assertThat(Efr.GATS.get(qemu)).isEqualTo(2);
    assertThat(Efr.PREF_SUP.isSet(qemu) && Efr.PPR_SUP.isSet(qemu) && Efr.GT_SUP.isSet(qemu))
        .isTrue();
    assertThat(Efr.IA_SUP.isSet(qemu) && Efr.GA_SUP.isSet(qemu) && Efr.HE_SUP.isSet(qemu)).isTrue();
    assertThat(Efr.XT_SUP.isSet(qemu)).isFalse();
    assertThat(Efr.XT_SUP.isSet(0x29D7)).isTrue();
    assertThat(Efr.hostLevels(0xC4)).isEqualTo(4);
    assertThat(Efr.hostLevels(0xC00)).isZero();
    assertThat(Efr.pasidBits(0x0000001300000000L)).isEqualTo(20);
    assertThat(Efr.LAYOUT.reserved(0)).isEqualTo(1L << 26 | 1L << 27 | 1L << 30);
  }

  @Test
  void exclusion() {
    assertThat(ExclusionRange.contains(0x10001, 0x12000, 0x10000)).isTrue();
    assertThat(ExclusionRange.contains(0x10001, 0x12000, 0x12FFF)).isTrue();
    assertThat(ExclusionRange.contains(0x10001, 0x12000, 0x13000)).isFalse();
    assertThat(ExclusionRange.contains(0x10001, 0x12000, 0xFFFF)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "FCFFFFFFFF, 0", "FD00000000, 4", "FDF7FFFFFF, 4", "FDF8000020, 1", "FDF8FFFFFF, 1",
    "FDF9000000, 5", "FDF9100000, 2", "FDF91FFFFF, 2", "FDF9200000, 5", "FDFC000000, 3",
    "FDFDFFFFFF, 3", "FDFE000000, 5", "FFFFFFFFFF, 5", "10000000000, 0", "FEE00000, 0"
  })
  void hyperTransportWindows(String address, int kind) {
    assertThat(AddressMap.hyperTransport(Long.parseLong(address, 16))).isEqualTo(kind);
  }

  @Test
  void interruptWindow() {
    assertThat(AddressMap.isInterrupt(0xFEE00000L)).isTrue();
    assertThat(AddressMap.isInterrupt(0xFEEFFFFFL)).isTrue();
    assertThat(AddressMap.isInterrupt(0xFEF00000L)).isFalse();
    assertThat(AddressMap.touchesInterrupt(0xC0000000L, 30)).isTrue();
    assertThat(AddressMap.touchesInterrupt(0x100000000L, 30)).isFalse();
    assertThat(AddressMap.clearOfInterrupts(0xFED00000L)).isEqualTo(21);
    assertThat(AddressMap.clearOfInterrupts(0)).isEqualTo(31);
    assertThat(AddressMap.clearOfInterrupts(0x100000000L)).isEqualTo(32);
    assertThat(AddressMap.clearOfHyperTransport(0)).isEqualTo(39);
    assertThat(AddressMap.clearOfHyperTransport(0xFCFFFFFFFFL)).isEqualTo(32);
    assertThat(AddressMap.clearOfHyperTransport(0x10000000000L)).isEqualTo(40);
    assertThat(AddressMap.clearOfHyperTransport(0xFDFC000000L)).isEqualTo(20);
  }

  @Test
  void ownInterruptInX2ApicForm() {
    long register = 0x01_00_00_41_00_00_05_04L;
    assertThat(XtInterruptControl.destination(register)).isEqualTo(0x01000005);
    assertThat(XtInterruptControl.messageAddress(register)).isEqualTo(0x01000000FEE05004L);
    assertThat(XtInterruptControl.messageData(register)).isEqualTo(0x41);
  }

  @ParameterizedTest
  @CsvSource({
    "00007FFFFFFFFFFF, 4, true", "0000800000000000, 4, false", "FFFF800000000000, 4, true",
    "0000800000000000, 5, true", "00FFFFFFFFFFFFFF, 5, true", "0100000000000000, 5, false",
    "FF00000000000000, 5, true"
  })
  void canonicalAddresses(String address, int levels, boolean canonical) {
    assertThat(GuestPte.isCanonical(Long.parseUnsignedLong(address, 16), levels))
        .isEqualTo(canonical);
  }
}
