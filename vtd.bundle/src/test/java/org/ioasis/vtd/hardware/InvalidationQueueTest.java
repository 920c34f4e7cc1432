package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The queue engine: ring, errors, waits. Descriptors are literal words. */
class InvalidationQueueTest {
  private static final long QUEUE = 0x14_0000L;
  private static final long STATUS = 0x15_0000L;
  private static final int FSTS = 0x34;
  private static final int IQH = 0x80;
  private static final int IQT = 0x88;
  private static final int IQA = 0x90;
  private static final int ICS = 0x9C;
  private static final int IECTL = 0xA0;
  private static final int IQERCD = 0xB0;
  private static final long IQE = 0x10;
  private static final long WAIT_STATUS = 0x0000_0002_0000_0025L;

  /** Legacy machine: 128-bit queue of one page. */
  private static Rig narrow(Scheduler.Mode mode) {
    return start(new Rig(Rig.profile(0x10, 0x80D2_008C_222F_0606L, 0x00F0_0F4A), mode), 0);
  }

  /** Scalable machine: 256-bit queue of two pages, root table still legacy. */
  private static Rig wide(Scheduler.Mode mode) {
    return start(
        new Rig(Rig.profile(0x10, 0x80D2_008C_222F_0606L, 0x0000_C800_80F0_0F4AL), mode), 0x801);
  }

  private static Rig start(Rig rig, long shape) {
    rig.w64(IQT, 0);
    rig.w64(IQA, QUEUE | shape);
    rig.w32(0x18, 0x0400_0000L);
    rig.drain();
    assertThat(rig.r32(0x1C)).isEqualTo(0x0400_0000L);
    return rig;
  }

  static Stream<Supplier<Rig>> queues() {
    return Stream.of(
        () -> narrow(Scheduler.Mode.INLINE),
        () -> narrow(Scheduler.Mode.STEPS),
        () -> wide(Scheduler.Mode.INLINE),
        () -> wide(Scheduler.Mode.STEPS));
  }

  private static int stride(Rig rig) {
    return (rig.r64(IQA) & 0x800) != 0 ? 32 : 16;
  }

  private static void put(Rig rig, int slot, long word0, long word1) {
    rig.poke(QUEUE + (long) stride(rig) * slot, word0, word1);
  }

  private static void ring(Rig rig, int slots) {
    rig.w32(IQT, (long) stride(rig) * slots);
    rig.drain();
  }

  private static void assertHead(Rig rig, int slot) {
    assertThat(rig.r64(IQH)).isEqualTo((long) stride(rig) * slot);
  }

  private static void assertError(Rig rig, int iqei, int slot) {
    assertThat(rig.r32(FSTS) & 0x7F).isEqualTo(IQE);
    assertThat(rig.r64(IQERCD)).isEqualTo(iqei);
    assertHead(rig, slot);
  }

  @ParameterizedTest
  @MethodSource("queues")
  void everythingADriverSendsInLegacyModeExecutes(Supplier<Rig> maker) {
    Rig rig = maker.get();
    long[][] descriptors = {
      {0x0000_0000_0000_0011L, 0},
      {0x0000_0000_0042_0021L, 0},
      {0x0000_0329_0042_0031L, 0},
      {0x0003_0328_0042_0031L, 0},
      {0x0000_0000_0000_00D2L, 0},
      {0x0000_0000_0042_00E2L, 0},
      {0x0000_0000_0042_00F2L, 0x0000_1234_5678_9000L},
      {0x0000_0000_0042_00F2L, 0x0000_1234_5660_0049L},
      {0x4, 0},
      {0x0000_1238_1800_0014L, 0},
      {WAIT_STATUS, STATUS}
    };
    for (int slot = 0; slot < descriptors.length; slot++) {
      put(rig, slot, descriptors[slot][0], descriptors[slot][1]);
    }
    ring(rig, descriptors.length);
    assertHead(rig, descriptors.length);
    assertThat(rig.r32(FSTS)).isZero();
    assertThat(rig.peek(STATUS)).isEqualTo(2);
    assertThat(rig.unit.counters()).containsEntry("queue.descriptors", 11L);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          p_iotlb all      | 0000123400420026 | 0
          p_iotlb page, IH | 0000123400420036 | 00007F8123456040
          p_iotlb 16 pages | 0000123400420036 | 00007F8123450004
          pc DID           | 0000000000420007 | 0
          pc DID+PASID     | 0000123400420017 | 0
          pc global        | 0000000000000037 | 0
          """)
  void pasidDescriptorsNeedTheWideQueue(String name, String word0, String word1) {
    long lo = Long.parseUnsignedLong(word0, 16);
    long hi = Long.parseUnsignedLong(word1, 16);
    Rig wide = wide(Scheduler.Mode.INLINE);
    put(wide, 0, lo, hi);
    put(wide, 1, WAIT_STATUS, STATUS);
    ring(wide, 2);
    assertThat(wide.r32(FSTS)).as(name).isZero();
    assertThat(wide.peek(STATUS)).isEqualTo(2);
    Rig narrow = narrow(Scheduler.Mode.INLINE);
    put(narrow, 0, lo, hi);
    ring(narrow, 1);
    assertError(narrow, 3, 0);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          type 0               | 0000000000000000 | 0                | 3
          type Ah              | 000000000000000A | 0                | 3
          type 11h             | 0000000000000211 | 0                | 3
          dev_tlb, DT=0        | 0000032900100003 | 0000123456789000 | 3
          p_dev_tlb, DT=0      | 0000123403290108 | 00007F8123456000 | 3
          pgrp_resp, PRS=0     | 0000123403290019 | 0000000000000D58 | 3
          cc G=0               | 0000000000000001 | 0                | 4
          cc reserved          | 0000000000001011 | 0                | 4
          cc qw1               | 0000000000000011 | 1                | 4
          cc above FM          | 0004000000000011 | 0                | 4
          iotlb G=0            | 0000000000000002 | 0                | 4
          iotlb reserved       | 0000000100000012 | 0                | 4
          iotlb qw1 reserved   | 0000000000000012 | 80               | 4
          iotlb AM=MAMV+1      | 00000000004200F2 | 0000000000000013 | 4
          iec reserved         | 0000000000000024 | 0                | 4
          iec qw1              | 0000000000000004 | 8000000000000000 | 4
          wait reserved        | 0000000200000125 | 150000           | 4
          wait STADDR low bits | 0000000200000025 | 150001           | 4
          wait PD, PDS=0       | 00000002000000A5 | 150000           | 4
          wait for nothing     | 0000000000000005 | 0                | 4
          p_iotlb G=0          | 0000123400420006 | 0                | 4
          p_iotlb G=1          | 0000123400420016 | 0                | 4
          p_iotlb above PASID  | 0010000000000026 | 0                | 4
          pc G=2               | 0000000000000027 | 0                | 4
          pc qw1               | 0000000000000037 | 10               | 4
          """)
  void refusedDescriptorsStopTheQueue(String name, String word0, String word1, int iqei) {
    Rig rig = wide(Scheduler.Mode.INLINE);
    put(rig, 0, 0x11, 0);
    put(rig, 1, Long.parseUnsignedLong(word0, 16), Long.parseUnsignedLong(word1, 16));
    put(rig, 2, WAIT_STATUS, STATUS);
    ring(rig, 3);
    assertError(rig, iqei, 1);
    assertThat(rig.peek(STATUS)).as("nothing later executes").isZero();
    ring(rig, 3);
    assertHead(rig, 1);
    put(rig, 1, WAIT_STATUS, STATUS + 8);
    rig.w32(FSTS, IQE);
    assertHead(rig, 3);
    assertThat(rig.r32(FSTS)).isZero();
    assertThat(rig.peek(STATUS + 8)).as("the patched descriptor").isEqualTo(2);
    assertThat(rig.peek(STATUS)).isEqualTo(2);
  }

  @Test
  void upperWordsOfAWideDescriptorAreReserved() {
    for (int word = 2; word < 4; word++) {
      Rig rig = wide(Scheduler.Mode.INLINE);
      put(rig, 0, 0x11, 0);
      rig.poke(QUEUE + 8L * word, 1);
      ring(rig, 1);
      assertError(rig, 4, 0);
    }
  }

  @Test
  void largestAddressMaskIsLegal() {
    Rig rig = narrow(Scheduler.Mode.INLINE);
    put(rig, 0, 0x0042_00F2L, 0x12);
    ring(rig, 1);
    assertThat(rig.r32(FSTS)).isZero();
    assertHead(rig, 1);
  }

  @Test
  void clearingIqeWithoutARepairFailsAgain() {
    Rig rig = narrow(Scheduler.Mode.INLINE);
    ring(rig, 1);
    assertError(rig, 3, 0);
    rig.w32(FSTS, IQE);
    assertError(rig, 3, 0);
    assertThat(rig.unit.counters()).containsEntry("queue.errors", 2L);
  }

  @Test
  void anEmptyQueueStaysEmpty() {
    Rig rig = narrow(Scheduler.Mode.INLINE);
    ring(rig, 0);
    assertHead(rig, 0);
    assertThat(rig.r32(FSTS)).isZero();
  }

  @ParameterizedTest
  @MethodSource("queues")
  void theRingWraps(Supplier<Rig> maker) {
    Rig rig = maker.get();
    int slots = 256;
    for (int slot = 0; slot < slots; slot++) {
      put(rig, slot, 0x11, 0);
    }
    ring(rig, slots - 1);
    assertHead(rig, slots - 1);
    put(rig, 0, 0x11, 0);
    put(rig, 1, WAIT_STATUS, STATUS);
    ring(rig, 2);
    assertHead(rig, 2);
    assertThat(rig.peek(STATUS)).isEqualTo(2);
    assertThat(rig.unit.counters()).containsEntry("queue.descriptors", 258L);
  }

  @Test
  void tailBeyondTheQueue() {
    Rig rig = narrow(Scheduler.Mode.INLINE);
    rig.w32(IQT, 0x1000);
    assertError(rig, 1, 0);
    put(rig, 0, 0x11, 0);
    rig.w32(IQT, 0x10);
    assertHead(rig, 0);
    rig.w32(FSTS, IQE);
    assertHead(rig, 1);
  }

  @Test
  void misalignedTailOfAWideQueue() {
    Rig rig = wide(Scheduler.Mode.INLINE);
    put(rig, 0, 0x11, 0);
    rig.w32(IQT, 0x30);
    assertError(rig, 6, 0);
    assertThat(rig.r64(IQT)).as("bit 4 reads back 0").isEqualTo(0x20);
    rig.w32(FSTS, IQE);
    assertHead(rig, 1);
  }

  @Test
  void wideDescriptorsNeedScalableMode() {
    Rig rig = narrow(Scheduler.Mode.INLINE);
    assertThat(rig.r64(IQA) & 0x800).isZero();
    rig.w64(IQA, QUEUE | 0x800);
    assertThat(rig.r64(IQA)).as("DW is not implemented without SMTS").isEqualTo(QUEUE);
  }

  @Test
  void queueInMissingMemory() {
    Rig rig = Rig.full();
    rig.w64(IQA, 0x9000_0000L);
    rig.w32(0x18, 0x0400_0000L);
    rig.w32(IQT, 0x10);
    assertError(rig, 2, 0);
  }

  @Test
  void reservedTranslationTableMode() {
    Rig rig = wide(Scheduler.Mode.INLINE);
    rig.w64(0x20, 0x10_0800L);
    rig.w32(0x18, 0x4400_0000L);
    put(rig, 0, 0x11, 0);
    ring(rig, 1);
    assertError(rig, 7, 0);
  }

  @Test
  void tailBeforeEnableIsProcessedAtEnable() {
    Rig rig = new Rig(Rig.profile(0x10, 0x80D2_008C_222F_0606L, 0xF42), Scheduler.Mode.INLINE);
    rig.w64(IQA, QUEUE);
    rig.poke(QUEUE, WAIT_STATUS, STATUS);
    rig.w32(IQT, 0x10);
    assertThat(rig.peek(STATUS)).as("QIE is off").isZero();
    rig.w32(0x18, 0x0400_0000L);
    assertThat(rig.peek(STATUS)).isEqualTo(2);
    assertThat(rig.r64(IQH)).isEqualTo(0x10);
  }

  @Test
  void disableResetsTheHeadAndEnableTakesTheNewQueue() {
    Rig rig = narrow(Scheduler.Mode.INLINE);
    put(rig, 0, 0x11, 0);
    ring(rig, 1);
    rig.w64(IQA, 0x20_0000L);
    put(rig, 1, WAIT_STATUS, STATUS);
    ring(rig, 2);
    assertThat(rig.peek(STATUS)).as("the old queue is in use until QIE").isEqualTo(2);
    rig.w32(0x18, 0);
    assertThat(rig.r32(0x1C)).isZero();
    assertThat(rig.r64(IQH)).isZero();
    rig.w32(IQT, 0);
    rig.w32(0x18, 0x0400_0000L);
    rig.poke(0x20_0000L, WAIT_STATUS, STATUS + 8);
    ring(rig, 1);
    assertThat(rig.peek(STATUS + 8)).isEqualTo(2);
  }

  @Test
  void waitWritesStatusBeforeTheInterrupt() {
    Rig rig = narrow(Scheduler.Mode.INLINE);
    rig.w32(0xA4, 0x4032);
    rig.w32(0xA8, 0xFEE0_0000L);
    rig.w32(IECTL, 0);
    put(rig, 0, 0xCAFE_F00D_0000_0075L, STATUS);
    ring(rig, 1);
    assertThat(rig.peek(STATUS)).isEqualTo(0xCAFE_F00DL);
    assertThat(rig.r32(ICS)).isEqualTo(1);
    assertThat(rig.messages).containsExactly(new Rig.Message(0xFEE0_0000L, 0x4032));
    put(rig, 1, 0x15, 0);
    ring(rig, 2);
    assertThat(rig.messages).as("IWC stands").hasSize(1);
    rig.w32(ICS, 1);
    put(rig, 2, 0x15, 0);
    ring(rig, 3);
    assertThat(rig.messages).hasSize(2);
  }

  @Test
  void maskedCompletionEvent() {
    Rig rig = narrow(Scheduler.Mode.INLINE);
    put(rig, 0, 0x15, 0);
    ring(rig, 1);
    assertThat(rig.r32(IECTL)).isEqualTo(0xC000_0000L);
    rig.w32(ICS, 1);
    assertThat(rig.r32(IECTL)).as("serviced").isEqualTo(0x8000_0000L);
    put(rig, 1, 0x15, 0);
    ring(rig, 2);
    rig.w32(IECTL, 0);
    assertThat(rig.messages).hasSize(1);
    assertThat(rig.r32(IECTL)).isZero();
  }

  @Test
  void fenceAloneIsLegal() {
    Rig rig = narrow(Scheduler.Mode.INLINE);
    put(rig, 0, 0x0000_0002_0000_0045L, 0);
    ring(rig, 1);
    assertHead(rig, 1);
    assertThat(rig.r32(FSTS) | rig.r32(ICS)).isZero();
  }

  @Test
  void statusIntoMissingMemory() {
    Rig rig = narrow(Scheduler.Mode.INLINE);
    put(rig, 0, 0x0000_0002_0000_0035L, 0x9000_0000L);
    ring(rig, 1);
    assertError(rig, 0, 0);
    assertThat(rig.r32(ICS)).as("no completion").isZero();
  }

  @Test
  void waitCompletesWhenOpenBurstsHaveEnded() {
    Rig rig = wide(Scheduler.Mode.STEPS);
    put(rig, 0, 0x12, 0);
    put(rig, 1, WAIT_STATUS, STATUS);
    rig.openBurst();
    ring(rig, 2);
    assertHead(rig, 1);
    assertThat(rig.peek(STATUS)).isZero();
    rig.openBurst();
    rig.closeBurst();
    rig.drain();
    assertThat(rig.peek(STATUS)).isEqualTo(2);
    assertHead(rig, 2);
  }

  @Test
  void disableGivesAWaitUp() {
    Rig rig = wide(Scheduler.Mode.STEPS);
    put(rig, 0, 0x11, 0);
    put(rig, 1, WAIT_STATUS, STATUS);
    rig.openBurst();
    ring(rig, 2);
    assertHead(rig, 1);
    rig.w32(0x18, 0);
    assertThat(rig.r32(0x1C)).as("QIES until the turn is over").isEqualTo(0x0400_0000L);
    rig.drain();
    assertThat(rig.r64(IQH)).isZero();
    rig.closeBurst();
    rig.drain();
    assertThat(rig.r32(0x1C)).isZero();
    assertThat(rig.peek(STATUS)).isZero();
  }

  @Test
  void disableAndEnableDuringAWait() {
    Rig rig = wide(Scheduler.Mode.STEPS);
    put(rig, 0, WAIT_STATUS, STATUS);
    rig.openBurst();
    ring(rig, 1);
    rig.w32(0x18, 0);
    rig.w32(IQT, 0);
    rig.w32(0x18, 0x0400_0000L);
    rig.closeBurst();
    rig.drain();
    assertThat(rig.r32(0x1C)).isEqualTo(0x0400_0000L);
    assertThat(rig.r64(IQH)).isZero();
    assertThat(rig.peek(STATUS)).isZero();
    put(rig, 0, WAIT_STATUS, STATUS + 8);
    ring(rig, 1);
    assertThat(rig.peek(STATUS + 8)).isEqualTo(2);
    assertHead(rig, 1);
  }
}
