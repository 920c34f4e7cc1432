package org.ioasis.vtd.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Register fields against values that other implementations use and real machines reported. */
class RegisterLayoutTest {
  /** CAP of an emulated 48-bit machine. */
  private static final long CAP = 0x80D2_008C_222F_0606L;

  @Test
  void capabilitiesOfAKnownMachine() {
    assertThat(Cap.LAYOUT.format(CAP))
        .isEqualTo(
            "ND=6 AFL=0 RWBF=0 PLMR=0 PHMR=0 CM=0 SAGAW=6 MGAW=0x2f ZLR=0 FRO=0x22 SSLPS=3 PSI=1"
                + " NFR=0 MAMV=0x12 DWD=1 DRD=1 FS1GP=0 PI=0 FS5LP=0 ECMDS=0 ESIRTPS=0 ESRTPS=1");
    assertThat(Cap.CM.isSet(CAP)).isFalse();
    assertThat(Cap.CM.isSet(0x80D2_008C_222F_0686L)).isTrue();
    assertThat(Cap.FS1GP.isSet(0x81D2_008C_222F_0606L)).isTrue();
    assertThat(Cap.LAYOUT.reserved(0)).isEqualTo(0x0600_0040_0080_E000L);
  }

  @Test
  void extendedCapabilitiesOfAKnownMachine() {
    assertThat(Ecap.LAYOUT.format(0x00F0_0F4AL))
        .isEqualTo(
            "C=0 QI=1 DT=0 IR=1 EIM=0 PT=1 SC=0 IRO=0xf MHMV=0xf MTS=0 NEST=0 PRS=0 ERS=0 SRS=0"
                + " NWFS=0 EAFS=0 PSS=0 PASID=0 DIT=0 PDS=0 SMTS=0 VCS=0 SSADS=0 SSTS=0 FSTS=0"
                + " SMPWCS=0 RPS=0 TDXIO=0 PMS=0 ADMS=0 RPRIVS=0 HPTS=0 PTRS=0 PBDS=0");
    assertThat(Ecap.EIM.isSet(0x00F0_0F5AL)).isTrue();
    assertThat(Ecap.SC.isSet(0x0000_4800_8000_0FC2L)).isTrue();
  }

  @Test
  void scalableModeMachines() {
    long secondStage = 0x0000_4800_80F0_0F4AL;
    assertThat(Ecap.SMTS.isSet(secondStage)).isTrue();
    assertThat(Ecap.SSTS.isSet(secondStage)).isTrue();
    assertThat(Ecap.FSTS.isSet(secondStage)).isFalse();
    long withPasid = 0x0000_8938_00F0_0F4AL;
    assertThat(Ecap.FSTS.isSet(withPasid)).isTrue();
    assertThat(Ecap.PASID.isSet(withPasid)).isTrue();
    assertThat(Ecap.PSS.get(withPasid)).isEqualTo(7);
  }

  @Test
  void globalStatusOfARunningMachine() {
    assertThat(Gcmd.LAYOUT.format(0xC700_0000L))
        .isEqualTo("CFI=0 SIRTP=1 IRE=1 QIE=1 WBF=0 EAFL=0 SFL=0 SRTP=1 TE=1");
    assertThat(Gcmd.LAYOUT.reserved(0)).isEqualTo(0x007F_FFFFL);
  }

  @Test
  void pageRequestRegisters() {
    long sixteenPages = 0x17_0004L;
    assertThat(PageRequestRegisters.PQA_LAYOUT.format(sixteenPages))
        .isEqualTo("PQS=4 PQA=0x170000");
    assertThat(PageRequestRegisters.queueBytes(sixteenPages) / PageRequestDescriptor.BYTES)
        .isEqualTo(2048);
    assertThat(PageRequestRegisters.PQA_LAYOUT.reserved(0)).isEqualTo(0xFF8L);
    assertThat(~PageRequestRegisters.PQH_LAYOUT.reserved(0)).isEqualTo(0x7FFE0L);
    assertThat(~PageRequestRegisters.PQT_LAYOUT.reserved(0)).isEqualTo(0x7FFE0L);
    assertThat(PageRequestRegisters.CONDITIONS).isEqualTo(3);
  }

  @Test
  void commandRegisters() {
    assertThat(Ccmd.LAYOUT.format(0xE000_0000_0329_0042L))
        .isEqualTo("DID=0x42 SID=0x329 FM=0 CAIG=0 CIRG=3 ICC=1");
    assertThat(Ccmd.CAIG.get(0x2800_0000_0000_0000L)).isEqualTo(1);
    assertThat(Ccmd.LAYOUT.reserved(0)).isEqualTo(0x07FF_FFFC_0000_0000L);
    assertThat(IotlbRegisters.IOTLB.format(0xB003_0042_0000_0000L))
        .isEqualTo("DID=0x42 DW=1 DR=1 IAIG=0 IIRG=3 IVT=1");
    assertThat(IotlbRegisters.IAIG.get(0x3603_0042_0000_0000L)).isEqualTo(3);
    assertThat(IotlbRegisters.IOTLB.reserved(0)).isEqualTo(0x49FC_0000_FFFF_FFFFL);
    assertThat(IotlbRegisters.IVA.format(0x0000_1234_5678_9040L))
        .isEqualTo("AM=0 IH=1 ADDR=0x123456789000");
  }

  @Test
  void queueRegisters() {
    assertThat(QueueRegisters.IQA_LAYOUT.format(0x14_0801L)).isEqualTo("QS=1 DW=1 IQA=0x140000");
    assertThat(QueueRegisters.descriptorLg2(0x14_0801L)).isEqualTo(5);
    assertThat(QueueRegisters.queueBytes(0x14_0801L)).isEqualTo(8192);
    assertThat(QueueRegisters.descriptorLg2(0x1_001E_9000L)).isEqualTo(4);
    assertThat(QueueRegisters.IQH_LAYOUT.format(0x1740)).isEqualTo("QH=0x1740");
    assertThat(QueueRegisters.IQA_LAYOUT.reserved(0)).isEqualTo(0x7F8L);
    assertThat(Irta.LAYOUT.format(0x16_080FL)).isEqualTo("S=0xf EIME=1 IRTA=0x160000");
    assertThat(Rtaddr.LAYOUT.format(0x1_00FC_E400L)).isEqualTo("TTM=1 RTA=0x100fce000");
  }

  @Test
  void faultStatus() {
    assertThat(Fsts.LAYOUT.format(0x0000_0312L))
        .isEqualTo("PFO=0 PPF=1 AFO=0 APF=0 IQE=1 ICE=0 ITE=0 FRI=3");
    assertThat(Fsts.CONDITIONS).isEqualTo(0x73);
    assertThat(Fsts.LAYOUT.reserved(0)).isEqualTo(0xFFFF_0080L);
  }
}
