package org.ioasis.smmuv3.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Registers against the values of an emulated machine and of a kernel's driver. */
class RegisterLayoutTest {
  @Test
  @DisplayName("identification registers of an emulated machine")
  void identification() {
    assertThat(Idr0.LAYOUT.format(0x0D44_101BL))
        .isEqualTo(
            "S2P=1 S1P=1 TTF=2 COHACC=1 BTM=0 HTTU=0 DORMHINT=0 Hyp=0 ATS=0 NS1ATS=0 ASID16=1 MSI=0"
                + " SEV=0 ATOS=0 PRI=0 VMW=0 VMID16=1 CD2L=0 VATOS=0 TTENDIAN=2 ATSRECERR=0"
                + " STALL_MODEL=1 TERM_MODEL=1 ST_LEVEL=1 RME_IMPL=0");
    assertThat(Idr1.LAYOUT.format(0x0273_0010L))
        .isEqualTo(
            "SIDSIZE=0x10 SSIDSIZE=0 PRIQS=0 EVENTQS=0x13 CMDQS=0x13 ATTR_PERMS_OVR=0"
                + " ATTR_TYPES_OVR=0 REL=0 QUEUES_PRESET=0 TABLES_PRESET=0 ECMDQ=0");
    assertThat(Idr3.LAYOUT.format(0x1414))
        .startsWith("HAD=1 PBHA=0 XNX=1 PPS=0 MPAM=0 FWB=0 STT=0 RIL=1 BBML=2 E0PD=0");
    assertThat(Idr5.LAYOUT.format(0x74))
        .isEqualTo("OAS=4 GRAN4K=1 GRAN16K=1 GRAN64K=1 DS=0 D128=0 VAX=0 STALL_MAX=0");
  }

  @Test
  @DisplayName("enables, attributes and bypass as a kernel writes them")
  void control() {
    assertThat(Cr0.LAYOUT.format(0x1F))
        .isEqualTo("SMMUEN=1 PRIQEN=1 EVENTQEN=1 CMDQEN=1 ATSCHK=1 VMW=0 DPT_WALK_EN=0");
    assertThat(Cr1.LAYOUT.format(0xD75))
        .isEqualTo("QUEUE_IC=1 QUEUE_OC=1 QUEUE_SH=3 TABLE_IC=1 TABLE_OC=1 TABLE_SH=3");
    assertThat(Cr2.LAYOUT.format(0x6)).isEqualTo("E2H=0 RECINVSID=1 PTM=1 REC_CFG_ATS=0");
    assertThat(Gbpa.LAYOUT.format(0x8010_1000L))
        .isEqualTo("MemAttr=0 MTCFG=0 ALLOCCFG=0 SHCFG=1 PRIVCFG=0 INSTCFG=0 ABORT=1 Update=1");
    assertThat(QueuePointer.LAYOUT.format(0x8000_0008L))
        .isEqualTo("WR or RD=8 OVFLG or OVACKFLG=1");
    assertThat(CmdqCons.LAYOUT.format(0x0100_0005)).isEqualTo("RD=5 ERR=1");
    assertThat(Gerror.LAYOUT.format(0x7FD)).doesNotContain("=0").doesNotContain("RSVD");
  }

  @ParameterizedTest(name = "base {0} cfg {1}: table at {2}")
  @CsvSource({
    "0x40000008A0000000, 0x00010210, 0x8A0000000",
    "0x00000008A00007C0, 0x00010210, 0x8A0000000", // 256 descriptors, 2 KiB
    "0x00000008A0000FC0, 0x00010210, 0x8A0000800",
    "0x00000008A0007FC0, 0x00000008, 0x8A0004000", // 256 entries, 16 KiB
    "0x00000008A00000C0, 0x00010208, 0x8A00000C0", // one descriptor, 64 bytes at least
    "0x00FFFFFFFFFFFFC0, 0x0000003F, 0x0",
    "0x00000008A0007FC0, 0x00020008, 0x8A0004000", // FMT 2 is linear
    "0x00000008A00003C0, 0x0001014C, 0x8A0000200", // SPLIT 5 acts as 6: 64 descriptors
  })
  @DisplayName("where the stream table lies")
  void streamTable(String base, String cfg, String address) {
    assertThat(StrtabBase.address(Long.decode(base), Long.decode(cfg)))
        .isEqualTo(Long.decode(address));
  }

  @ParameterizedTest(name = "base {0}, at most 2^{1}: 2^{2} entries at {3}")
  @CsvSource({
    "0x40000008B0000008, 19, 8, 0x8B0000000",
    "0x40000008B0000FE8, 19, 8, 0x8B0000000",
    "0x40000008B000001F, 3, 3, 0x8B0000000",
    "0x40000008B0000060, 19, 0, 0x8B0000060",
  })
  @DisplayName("where a command queue lies")
  void queue(String base, int largest, int entriesLg2, String address) {
    int lg2 = QueueBase.entriesLg2(Long.decode(base), largest);
    assertThat(lg2).isEqualTo(entriesLg2);
    assertThat(QueueBase.address(Long.decode(base), lg2, QueueBase.COMMAND_LG2))
        .isEqualTo(Long.decode(address));
  }

  @Test
  @DisplayName("address sizes")
  void sizes() {
    int[] bits = {32, 36, 40, 42, 44, 48, 52, 56};
    for (int code = 0; code < bits.length; code++) {
      assertThat(Idr5.sizeBits(code)).isEqualTo(bits[code]);
      assertThat(Idr5.sizeCode(bits[code])).isEqualTo(code);
    }
    assertThat(Idr5.sizeCode(47)).isEqualTo(4);
    assertThat(Idr5.sizeCode(20)).isZero();
  }
}
