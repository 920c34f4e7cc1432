package org.ioasis.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.kit.layout.Layout;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands against words that another implementation writes. */
class CommandLayoutTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      value = {
        "CMD_CFGI_STE | 0000123400000003 | 1 | Opcode=3 SSec=0 SubstreamID=0 StreamID=0x1234"
            + " Leaf=1",
        "CMD_CFGI_STE_RANGE | 4 | 1f | Opcode=4 SSec=0 StreamID=0 Range=0x1f",
        "CMD_CFGI_CD | 0000123400003005 | 1 | Opcode=5 SSec=0 SubstreamID=3 StreamID=0x1234 Leaf=1",
        "CMD_TLBI_NH_VA | 002A000000000012 | 0000123456789001 | Opcode=0x12 SSec=0 NUM=0 SCALE=0"
            + " VMID=0 ASID=0x2a Leaf=1 TTL128=0 TTL=0 TG=0 Addr=0x123456789000",
        "CMD_TLBI_NH_VA | 002A000000300012 | 0000123456788701 | Opcode=0x12 SSec=0 NUM=0 SCALE=3"
            + " VMID=0 ASID=0x2a Leaf=1 TTL128=0 TTL=3 TG=1 Addr=0x123456788000",
        "CMD_TLBI_NH_VA | 002A000000302012 | 0000123456788400 | Opcode=0x12 SSec=0 NUM=2 SCALE=3"
            + " VMID=0 ASID=0x2a Leaf=0 TTL128=0 TTL=0 TG=1 Addr=0x123456788000",
        "CMD_TLBI_S12_VMALL | 0000000500000028 | 0 | Opcode=0x28 SSec=0 NUM=0 SCALE=0 VMID=5 ASID=0"
            + " Leaf=0 TTL128=0 TTL=0 TG=0 Addr=0x0",
        "CMD_TLBI_S2_IPA | 000000050000002A | 0000009812345001 | Opcode=0x2a SSec=0 NUM=0 SCALE=0"
            + " VMID=5 ASID=0 Leaf=1 TTL128=0 TTL=0 TG=0 Addr=0x9812345000",
        "CMD_SYNC | 000000000FC01046 | 00000008B0000040 | Opcode=0x46 SSec=0 CS=1 MSH=3 MSIAttr=0xf"
            + " MSIData=0 MSI_NS=0 MSIAddress=0x8b0000040",
        "CMD_SYNC | 000000000FC02046 | 0 | Opcode=0x46 SSec=0 CS=2 MSH=3 MSIAttr=0xf MSIData=0"
            + " MSI_NS=0 MSIAddress=0x0",
        "CMD_ATC_INV | 0000123400000040 | 0000123456780004 | Opcode=0x40 Global=0 SSec=0 SSV=0"
            + " SubstreamID=0 StreamID=0x1234 Size=4 Addr=0x123456780000",
        "CMD_ATC_INV | 0000123400003840 | 34 | Opcode=0x40 Global=0 SSec=0 SSV=1 SubstreamID=3"
            + " StreamID=0x1234 Size=0x34 Addr=0x0",
        "CMD_PRI_RESP | 0000123400003841 | 2055 | Opcode=0x41 SSec=0 SSV=1 SubstreamID=3"
            + " StreamID=0x1234 PRGIndex=0x55 Resp=2",
        "CMD_RESUME | 0000123400001044 | 7 | Opcode=0x44 SSec=0 Ac=1 Ab=0 StreamID=0x1234 STAG=7",
        "CMD_RESUME | 0000123400002044 | 7 | Opcode=0x44 SSec=0 Ac=0 Ab=1 StreamID=0x1234 STAG=7",
        "CMD_STALL_TERM | 0000123400000045 | 0 | Opcode=0x45 SSec=0 StreamID=0x1234",
        "CMD_PREFETCH_ADDR | 0000123400003802 | 0000123456789021 | Opcode=2 SSec=0 SSV=1"
            + " SubstreamID=3 StreamID=0x1234 Size=1 Stride=1 NS=0 Addr=0x123456789000",
      })
  @DisplayName("a command's words read as its fields")
  void fields(String name, String lo, String hi, String fields) {
    long word0 = Long.parseUnsignedLong(lo.trim(), 16);
    int opcode = Command.opcode(word0);
    Layout layout = Command.layout(opcode);

    assertThat(Command.name(opcode)).isEqualTo(name.trim());
    assertThat(layout.format(word0, Long.parseUnsignedLong(hi.trim(), 16)))
        .isEqualTo(fields.trim());
  }

  @Test
  @DisplayName("Secure and reserved opcodes have no layout")
  void others() {
    for (int opcode : new int[] {0, 0x08, 0x18, 0x1A, 0x29, 0x50, 0x60, 0x70, 0x80, 0xFF}) {
      assertThat(Command.layout(opcode)).as("opcode 0x%x", opcode).isNull();
    }
    assertThat(Command.name(0x29)).isEqualTo("CMD_0x29");
  }
}
