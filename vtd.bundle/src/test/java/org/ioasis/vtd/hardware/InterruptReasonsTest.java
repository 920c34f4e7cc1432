package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every fault reason of interrupts: what leads to it, its record, and what FPD does to it. */
class InterruptReasonsTest {
  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }

  /** One entry at index 38h, one request, in extended mode without posting. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    // what, address, data, lo, hi, record
    "20 reserved data,        FEE00718, 10000, 0001234500310009, 40329, 0 8000002000000329",
    "20 upper address,     1FEE00718, 0,     0001234500310009, 40329, 0 8000002000000329",
    "21 beyond FFFFh,         FEEFFFFC, FFFF,  0001234500310009, 40329, fffe000000000000 8000002100000329",
    "22 not present,          FEE00718, 0,     0001234500310008, 40329, 38000000000000 8000002200000329",
    "22 absent with FPD,      FEE00718, 0,     0001234500310002, 40329, -",
    "22 before 24,            FEE00718, 0,     0001234500317008, 40329, 38000000000000 8000002200000329",
    "24 bit 12,               FEE00718, 0,     0001234500311009, 40329, 38000000000000 8000002400000329",
    "24 bit 14,               FEE00718, 0,     0001234500314009, 40329, 38000000000000 8000002400000329",
    "24 bit 24,               FEE00718, 0,     0001234501310009, 40329, 38000000000000 8000002400000329",
    "24 bit 31,               FEE00718, 0,     0001234580310009, 40329, 38000000000000 8000002400000329",
    "24 bit 84,               FEE00718, 0,     0001234500310009, 140329, 38000000000000 8000002400000329",
    "24 bit 127,              FEE00718, 0,     0001234500310009, 8000000000040329, 38000000000000 8000002400000329",
    "24 delivery mode 3,      FEE00718, 0,     0001234500310069, 40329, 38000000000000 8000002400000329",
    "24 delivery mode 6,      FEE00718, 0,     00012345003100C9, 40329, 38000000000000 8000002400000329",
    "24 with FPD,             FEE00718, 0,     000123450031100B, 40329, -",
    "24 before 26,            FEE00718, 0,     0001234500311009, 4032A, 38000000000000 8000002400000329",
    "24 posted without PI,    FEE00718, 0,     0001234500318009, 40329, 38000000000000 8000002400000329",
    "26 before posted,        FEE00718, 0,     0001234500318009, 4032A, 38000000000000 8000002600000329",
    "25 compatibility,        FEE00708, 0,     0001234500310009, 40329, 0 8000002500000329",
    "26 another source,       FEE00718, 0,     0001234500310009, 4032A, 38000000000000 8000002600000329",
    "26 with FPD,             FEE00718, 0,     000123450031000B, 4032A, -",
    "26 SVT without meaning,  FEE00718, 0,     0001234500310009, C0329, 38000000000000 8000002600000329",
  })
  void refused(String what, String address, String data, String lo, String hi, String record) {
    InterruptRig rig = InterruptRig.plain().enabled(InterruptRig.EIME);
    rig.entry(0x38, hex(lo), hex(hi));
    assertThat(rig.send(InterruptRig.SID, hex(address), (int) hex(data))).as(what).isEqualTo("-");
    assertThat(rig.record()).isEqualTo(record);
  }

  /** The record of the fact sheet: not present, index 1238h. */
  @Test
  void recordOfTheWorkedExample() {
    InterruptRig rig = InterruptRig.plain().enabled(InterruptRig.EIME);
    assertThat(rig.send(0x1238)).isEqualTo("-");
    assertThat(rig.record()).isEqualTo("1238000000000000 8000002200000329");
  }

  @Test
  void entriesOutsideMemory() {
    InterruptRig rig = InterruptRig.plain();
    rig.table(0x2_0000_000FL - 0xF | 0x800F).command(InterruptRig.IRE);
    rig.table(0x2_0000_000FL).command(InterruptRig.IRE);
    assertThat(rig.send(5)).isEqualTo("-");
    assertThat(rig.record()).isEqualTo("5000000000000 8000002300000329");
  }

  /** The table ends at 2^48, the host address width. */
  @Test
  void entriesBeyondTheHostAddressWidth() {
    InterruptRig rig = InterruptRig.plain();
    rig.table(0xFFFF_FFFF_F00FL).command(InterruptRig.IRE);
    assertThat(rig.send(0xFF)).isEqualTo("-");
    assertThat(rig.record()).isEqualTo("ff000000000000 8000002300000329");
    assertThat(rig.send(0x100)).isEqualTo("-");
    assertThat(rig.record()).isEqualTo("100000000000000 8000002100000329");
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "1, 4", "7, 256", "14, 32768"})
  void sizeOfTheTable(int s, int entries) {
    InterruptRig rig = InterruptRig.plain();
    rig.table(InterruptRig.TABLE | InterruptRig.EIME | s).command(InterruptRig.IRE);
    rig.entry(entries - 1, InterruptRig.X2APIC_LO, InterruptRig.HI);
    rig.entry(entries, InterruptRig.X2APIC_LO, InterruptRig.HI);
    assertThat(rig.send(entries - 1)).isEqualTo("12300fee45008:4031");
    assertThat(rig.record()).isEqualTo("-");
    assertThat(rig.send(entries)).isEqualTo("-");
    assertThat(rig.record()).endsWith("8000002100000329");
  }

  /** With 64 Ki entries the last one is reached by handle, by subhandle, and by both. */
  @ParameterizedTest
  @CsvSource({"FEEFFFFC, 0", "FEE00018, FFFF", "FEEFFFF8, 8000", "FEEFFFF4, 7"})
  void lastOfTheLargestTable(String address, String data) {
    InterruptRig rig = InterruptRig.plain().enabled(InterruptRig.EIME);
    rig.entry(0xFFFF, InterruptRig.X2APIC_LO, InterruptRig.HI);
    assertThat(rig.send(InterruptRig.SID, hex(address), (int) hex(data)))
        .isEqualTo("12300fee45008:4031");
    assertThat(rig.record()).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "2, 2", "2, 8", "3, 4"})
  void malformedAccesses(int access, int bytes) {
    InterruptRig rig = InterruptRig.plain().enabled(InterruptRig.EIME);
    DmaRequest request =
        new DmaRequest().set(InterruptRig.SID, DmaRequest.NO_PASID, 0xFEE0_0718L, bytes, access);
    assertThat(Translation.isPresent(rig.rig.unit.translate(request))).isFalse();
    assertThat(request.faultCode()).isEqualTo(0x29);
    assertThat(rig.record()).isEqualTo("0 8000002900000329");
  }

  /** A request with PASID is no interrupt: the address is translated. */
  @Test
  void withPasidItIsNoInterrupt() {
    InterruptRig rig = InterruptRig.plain().enabled(InterruptRig.EIME);
    DmaRequest request =
        new DmaRequest().set(InterruptRig.SID, 7, 0xFEE0_0718L, 8, DmaRequest.READ);
    long translation = rig.rig.unit.translate(request);
    assertThat(Translation.isNotRam(translation)).isFalse();
    assertThat(rig.record()).isEqualTo("-");
  }

  @Test
  void disabledEverythingPasses() {
    InterruptRig rig = InterruptRig.plain().table(InterruptRig.TABLE | 0xF);
    assertThat(rig.send(InterruptRig.SID, 0xFEE0_0718L, 0x1_0041)).isEqualTo("fee00718:10041");
    assertThat(rig.send(InterruptRig.SID, 0xFEE0_1008L, 0x41)).isEqualTo("fee01008:41");
    assertThat(rig.record()).isEqualTo("-");
  }

  @Test
  void aUnitWithoutTheCapabilityPassesEverything() {
    Rig plain = Rig.of(0x10, 0x80D2_008C_222F_0606L, 0xF42L);
    plain.w64(0xB8, InterruptRig.TABLE);
    plain.w32(0x18, 0x0300_0000L);
    assertThat(plain.r32(0x1C)).isZero();
    var message = new org.ioasis.api.machine.MsiMessage().set(1, 0xFEE0_0718L, 3);
    assertThat(plain.unit.remapInterrupt(message)).isTrue();
    assertThat(message.address()).isEqualTo(0xFEE0_0718L);
  }
}
