package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What each invalidation removes, as DMA sees it: translate, change the tables, invalidate,
 * translate. Tables are the fact sheet's worked examples: device 03:05.1, DID 42h in legacy mode,
 * DID 1 and PASID 1234h in scalable mode.
 */
class InvalidationEffectTest {
  private static final int SID = 0x329;
  private static final int PASID = 0x1234;
  private static final long QUEUE = 0x14_0000L;
  private static final long STATUS = 0x15_0000L;
  private static final long IOVA = 0x1234_5678_9ABCL;
  private static final long LEAF = 0x20_3C48L;
  private static final long FIRST_STAGE_IOVA = 0x7F81_2345_6ABCL;
  private static final long FIRST_STAGE_LEAF = 0x30_32B0L;
  private static final long OLD = 0x8_9ABC_DABCL;
  private static final long NEW = 0x7_7777_7ABCL;

  private long tail;

  /** Section "Legacy 4-level": read-write page at 89ABCD000h. */
  private static Rig legacy() {
    Rig rig = Rig.full();
    rig.poke(0x10_0030L, 0x10_1001L, 0);
    rig.poke(0x10_1290L, 0x20_0001L, 0x4202L);
    rig.poke(0x20_0120L, 0x20_1003L);
    rig.poke(0x20_1688L, 0x20_2003L);
    rig.poke(0x20_2598L, 0x20_3003L);
    rig.poke(LEAF, 0x8_9ABC_D003L);
    return start(rig, 0x10_0000L);
  }

  /** Section "Scalable": first stage, 4-level, DID 1. */
  private static Rig firstStage() {
    Rig rig = Rig.full();
    rig.poke(0x10_0030L, 0x11_0001L, 0x11_1001L);
    rig.poke(0x11_0520L, 0x12_0009L);
    rig.poke(0x12_0240L, 0x13_0001L);
    rig.poke(0x13_0D00L, 0x49, 0x80_0001L, 0x30_0000L);
    rig.poke(0x30_07F8L, 0x30_1027L);
    rig.poke(0x30_1020L, 0x30_2027L);
    rig.poke(0x30_28D0L, 0x30_3027L);
    rig.poke(FIRST_STAGE_LEAF, 0x8_9ABC_D067L);
    return start(rig, 0x10_0400L);
  }

  private static Rig start(Rig rig, long rtaddr) {
    rig.w64(0x20, rtaddr);
    rig.w32(0x18, 0x4000_0000L);
    rig.w64(0x90, QUEUE | 0x801);
    rig.w32(0x18, 0x8400_0000L);
    return rig;
  }

  /** Submits a descriptor and a wait, and waits. */
  private void submit(Rig rig, long word0, long word1) {
    rig.poke(STATUS, 0);
    rig.poke(QUEUE + tail, word0, word1, 0, 0);
    rig.poke(QUEUE + tail + 32, 0x0000_0002_0000_0025L, STATUS, 0, 0);
    tail += 64;
    rig.w32(0x88, tail);
    rig.drain();
    assertThat(rig.peek(STATUS)).as("completion").isEqualTo(2);
  }

  private static long address(Rig rig, DmaRequest request) {
    long translation = rig.unit.translate(request);
    assertThat(Translation.isPresent(translation))
        .as(() -> request + " refused with " + Integer.toHexString(request.faultCode()))
        .isTrue();
    return Translation.address(translation);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          iotlb global                | 00000000000000D2 | 0                | true
          iotlb domain                | 00000000004200E2 | 0                | true
          iotlb other domain          | 00000000004300E2 | 0                | false
          iotlb page                  | 00000000004200F2 | 0000123456789000 | true
          iotlb page, IH              | 00000000004200F2 | 0000123456789040 | true
          iotlb other page            | 00000000004200F2 | 0000123456788000 | false
          iotlb two pages             | 00000000004200F2 | 0000123456788001 | true
          iotlb 2 MiB                 | 00000000004200F2 | 0000123456600009 | true
          iotlb 1 GiB                 | 00000000004200F2 | 0000123440000012 | true
          iotlb page of other domain  | 00000000004300F2 | 0000123456789000 | false
          cc global leaves the IOTLB  | 0000000000000011 | 0                | false
          """)
  void legacyMode(String name, String word0, String word1, boolean removed) {
    Rig rig = legacy();
    assertThat(address(rig, rig.write(SID, IOVA))).isEqualTo(OLD);
    rig.poke(LEAF, 0x7_7777_7003L);
    assertThat(address(rig, rig.write(SID, IOVA))).as("not invalidated").isEqualTo(OLD);
    submit(rig, Long.parseUnsignedLong(word0, 16), Long.parseUnsignedLong(word1, 16));
    assertThat(address(rig, rig.write(SID, IOVA))).as(name).isEqualTo(removed ? NEW : OLD);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          global         | 0                | 9000000000000000 | true
          domain         | 0                | A000004200000000 | true
          other domain   | 0                | A000004300000000 | false
          page           | 0000123456789000 | B000004200000000 | true
          two pages      | 0000123456788001 | B000004200000000 | true
          other page     | 0000123456788000 | B000004200000000 | false
          AM above MAMV  | 0000123440000013 | B000004200000000 | false
          """)
  void byRegister(String name, String iva, String iotlb, boolean removed) {
    Rig rig = legacy();
    rig.w32(0x18, 0x8000_0000L);
    assertThat(address(rig, rig.write(SID, IOVA))).isEqualTo(OLD);
    rig.poke(LEAF, 0x7_7777_7003L);
    rig.w64(0xF0, Long.parseUnsignedLong(iva, 16));
    rig.w64(0xF8, Long.parseUnsignedLong(iotlb, 16));
    assertThat(address(rig, rig.write(SID, IOVA))).as(name).isEqualTo(removed ? NEW : OLD);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          global                 | 0000000000000011 | true
          domain                 | 0000000000420021 | true
          device                 | 0000032900420031 | true
          device, FM 3           | 0003032E00420031 | true
          other device           | 0000032800420031 | false
          iotlb alone            | 00000000000000D2 | false
          """)
  void aChangedContextEntry(String name, String word0, boolean removed) {
    Rig rig = legacy();
    assertThat(address(rig, rig.write(SID, IOVA))).isEqualTo(OLD);
    rig.poke(0x10_1290L, 0x9L, 0x4303L);
    submit(rig, Long.parseUnsignedLong(word0, 16), 0);
    submit(rig, 0xD2, 0);
    long now = address(rig, rig.write(SID, IOVA));
    assertThat(now).as(name).isEqualTo(removed ? IOVA : OLD);
  }

  @Test
  void setRootTablePointerEmptiesTheCaches() {
    Rig rig = legacy();
    assertThat(address(rig, rig.write(SID, IOVA))).isEqualTo(OLD);
    rig.poke(LEAF, 0x7_7777_7003L);
    rig.w32(0x18, 0xC400_0000L);
    assertThat(address(rig, rig.write(SID, IOVA))).isEqualTo(NEW);
  }

  @Test
  void setRootTablePointerWithoutEsrtpsLeavesThem() {
    Rig rig =
        new Rig(
            Rig.profile(0x10, 0x00D2_008C_222F_0606L, 0x0000_4800_8000_0F42L),
            Scheduler.Mode.INLINE);
    rig.poke(0x10_0030L, 0x10_1001L, 0);
    rig.poke(0x10_1290L, 0x20_0001L, 0x4202L);
    rig.poke(0x20_0120L, 0x20_1003L);
    rig.poke(0x20_1688L, 0x20_2003L);
    rig.poke(0x20_2598L, 0x20_3003L);
    rig.poke(LEAF, 0x8_9ABC_D003L);
    start(rig, 0x10_0000L);
    assertThat(address(rig, rig.write(SID, IOVA))).isEqualTo(OLD);
    rig.poke(LEAF, 0x7_7777_7003L);
    rig.w32(0x18, 0xC400_0000L);
    assertThat(address(rig, rig.write(SID, IOVA))).isEqualTo(OLD);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          p_iotlb PASID             | 0000123400010026 | 0                | true
          p_iotlb other PASID       | 0000123500010026 | 0                | false
          p_iotlb other DID         | 0000123400020026 | 0                | false
          p_iotlb page              | 0000123400010036 | 00007F8123456000 | true
          p_iotlb other page        | 0000123400010036 | 00007F8123457000 | false
          p_iotlb 16 pages          | 0000123400010036 | 00007F8123450004 | true
          iotlb global              | 00000000000000D2 | 0                | true
          iotlb domain              | 00000000000100E2 | 0                | true
          iotlb page, first stage   | 00000000000100F2 | 0000000000001000 | true
          pc alone leaves the IOTLB | 0000000000000037 | 0                | false
          """)
  void firstStageWithPasid(String name, String word0, String word1, boolean removed) {
    Rig rig = firstStage();
    DmaRequest request = rig.write(SID, FIRST_STAGE_IOVA).pasid(PASID);
    assertThat(address(rig, request)).isEqualTo(OLD);
    rig.poke(FIRST_STAGE_LEAF, 0x7_7777_7067L);
    assertThat(address(rig, request)).as("not invalidated").isEqualTo(OLD);
    submit(rig, Long.parseUnsignedLong(word0, 16), Long.parseUnsignedLong(word1, 16));
    assertThat(address(rig, request)).as(name).isEqualTo(removed ? NEW : OLD);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PASID in DID | 0000123400010017 | true
          all of DID   | 0000000000010007 | true
          global       | 0000000000000037 | true
          other PASID  | 0000123500010017 | false
          other DID    | 0000000000020007 | false
          """)
  void aChangedPasidEntry(String name, String word0, boolean removed) {
    Rig rig = firstStage();
    DmaRequest request = rig.write(SID, FIRST_STAGE_IOVA).pasid(PASID);
    assertThat(address(rig, request)).isEqualTo(OLD);
    rig.poke(0x13_0D00L, 0x10D, 0x80_0001L, 0);
    submit(rig, Long.parseUnsignedLong(word0, 16), 0);
    submit(rig, 0xD2, 0);
    assertThat(address(rig, request)).as(name).isEqualTo(removed ? FIRST_STAGE_IOVA : OLD);
  }

  @Test
  void suppressedFaultsChangeNoRegister() {
    Rig rig = legacy();
    rig.poke(0x10_1290L, 0x20_0003L, 0x4202L);
    rig.poke(LEAF, 0);
    DmaRequest request = rig.write(SID, IOVA);
    assertThat(Translation.refusal(rig.unit.translate(request)))
        .isEqualTo(Translation.Refusal.ABORTED);
    assertThat(request.faultCode()).as("LGN.2, FPD set").isEqualTo(5);
    assertThat(rig.r32(0x34)).isZero();
    assertThat(rig.r64(0x228)).isZero();
    assertThat(rig.unit.counters()).containsEntry("dma.unrecorded", 1L);
  }

  @Test
  void faultsWithPasidAreRecordedWithIt() {
    Rig rig = firstStage();
    rig.poke(FIRST_STAGE_LEAF, 0);
    rig.unit.translate(rig.read(SID, FIRST_STAGE_IOVA).pasid(PASID));
    assertThat(rig.r64(0x220)).isEqualTo(0x7F81_2345_6000L);
    assertThat(rig.r64(0x228)).as("SFS.2").isEqualTo(0xC012_3471_8000_0329L);
  }
}
