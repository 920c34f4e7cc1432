package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * CAP.CM=1: what was refused stays refused until software invalidates it, for all but first-stage
 * tables; CM=0: never.
 */
class CachingModeTest {
  private static final long LEAF = 0x20_3C48L, CONTEXT = 0x10_1290L, PASID_ENTRY = 0x13_0D00L;
  private static final int R = DmaRequest.READ, W = DmaRequest.WRITE;

  private static Rig rig(boolean caching, boolean scalable) {
    Rig rig = new Rig(caching ? VtdProfiles.CACHING : VtdProfiles.FULL, Scheduler.Mode.INLINE);
    TestMemory memory = scalable ? Fixture.scalable() : Fixture.legacy();
    memory.snapshot().forEach((address, word) -> rig.poke(address, word));
    rig.w64(0x20, scalable ? 0x10_0400L : 0x10_0000L);
    rig.w64(0x90, 0x14_0801L);
    rig.w32(0x18, 0x4400_0000L);
    rig.w32(0x18, 0x8400_0000L);
    return rig;
  }

  private static void invalidate(Rig rig, String lo, String hi) {
    long tail = rig.r64(0x88);
    rig.poke(
        0x14_0000L + tail, Long.parseUnsignedLong(lo, 16), Long.parseUnsignedLong(hi, 16), 0, 0);
    rig.w64(0x88, tail + 32 & 0x1FFF);
    assertThat(rig.r32(0x34) & 0x10).isZero();
  }

  /** Hexadecimal reason, or "ok". */
  private static String ask(Rig rig, DmaRequest request) {
    long answer = rig.unit.translate(request);
    return Translation.isPresent(answer) ? "ok" : Integer.toHexString(request.faultCode());
  }

  private static DmaRequest read() {
    return Fixture.request(Fixture.SECOND_STAGE_IOVA, R);
  }

  @ParameterizedTest
  @CsvSource({
    "00000000004200F2, 0000123456789000, ok",
    "00000000004200F2, 0000123456600009, ok",
    "00000000004200E2, 0,                ok",
    "00000000000000D2, 0,                ok",
    "00000000004200F2, 000012345678A000, 6",
    "00000000004300E2, 0,                6",
    "0000000000000011, 0,                6",
  })
  void notPresentPages(String lo, String hi, String after) {
    Rig rig = rig(true, false);
    rig.poke(LEAF, 0);
    assertThat(ask(rig, read())).isEqualTo("6");
    rig.poke(LEAF, 0x8_9ABC_D003L);
    assertThat(ask(rig, read())).as("no invalidation").isEqualTo("6");
    assertThat(rig.unit.counters().get("faults.collapsed")).as("a fault all the same").isOne();
    invalidate(rig, lo, hi);
    assertThat(ask(rig, read())).isEqualTo(after);
  }

  @Test
  void withoutCachingModeNothingStays() {
    Rig rig = rig(false, false);
    rig.poke(LEAF, 0);
    assertThat(ask(rig, read())).isEqualTo("6");
    rig.poke(LEAF, 0x8_9ABC_D003L);
    assertThat(ask(rig, read())).isEqualTo("ok");
  }

  /** A refusal is of what was asked; what was granted stays granted. */
  @Test
  void rightsAreRefusedOneByOne() {
    Rig rig = rig(true, false);
    rig.poke(LEAF, 0x8_9ABC_D001L);
    DmaRequest write = Fixture.request(Fixture.SECOND_STAGE_IOVA, W);
    assertThat(ask(rig, read())).isEqualTo("ok");
    assertThat(ask(rig, write)).isEqualTo("5");
    rig.poke(LEAF, 0x8_9ABC_D003L);
    assertThat(ask(rig, write)).isEqualTo("5");
    assertThat(ask(rig, read())).isEqualTo("ok");
    invalidate(rig, "00000000004200F2", "0000123456789000");
    assertThat(ask(rig, write)).isEqualTo("ok");
  }

  /** Entries without a valid context are tagged with domain 0. */
  @ParameterizedTest
  @CsvSource({
    "0000032900000031, ok",
    "0000000000000011, ok",
    "0000000000000021, ok",
    "0000000000420021, 2",
    "0000032A00000031, 2",
    "00000000004200E2, 2",
  })
  void contextEntriesAreTaggedZero(String invalidation, String after) {
    Rig rig = rig(true, false);
    rig.poke(CONTEXT, 0);
    assertThat(ask(rig, read())).isEqualTo("2");
    rig.poke(CONTEXT, 0x20_0001L);
    assertThat(ask(rig, read())).isEqualTo("2");
    invalidate(rig, invalidation, "0");
    assertThat(ask(rig, read())).isEqualTo(after);
  }

  @ParameterizedTest
  @CsvSource({
    "0000123400010017, ok",
    "0000000000010007, ok",
    "0000000000000037, ok",
    "0000123500010017, 59",
    "0000032900000031, 59",
  })
  void pasidEntries(String invalidation, String after) {
    Rig rig = rig(true, true);
    DmaRequest request = Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, R);
    rig.poke(PASID_ENTRY, 0x48L);
    assertThat(ask(rig, request)).isEqualTo("59");
    rig.poke(PASID_ENTRY, 0x49L);
    assertThat(ask(rig, request)).isEqualTo("59");
    invalidate(rig, invalidation, "0");
    assertThat(ask(rig, request)).isEqualTo(after);
  }

  @ParameterizedTest
  @ValueSource(longs = {0x30_3000L + 0x056 * 8, 0x30_0000L + 0x0FF * 8})
  void firstStageRefusalsNeverStay(long entry) {
    Rig rig = rig(true, true);
    DmaRequest request = Fixture.withPasid(Fixture.FIRST_STAGE_IOVA, R);
    long good = rig.peek(entry);
    rig.poke(entry, good & ~1L);
    assertThat(ask(rig, request)).isEqualTo("71");
    rig.poke(entry, good);
    assertThat(ask(rig, request)).isEqualTo("ok");
  }

  /** Suppressed refusals stay suppressed, and probes keep nothing. */
  @Test
  void suppressedOnesAndProbes() {
    Rig rig = rig(true, false);
    rig.poke(CONTEXT, 0x20_0002L); // FPD, not present
    rig.unit.probe(read());
    rig.poke(CONTEXT, 0x20_0001L);
    assertThat(ask(rig, read())).as("a probe keeps nothing").isEqualTo("ok");
    invalidate(rig, "0000000000000011", "0");
    rig.poke(CONTEXT, 0x20_0002L);
    for (int round = 0; round < 3; round++) {
      long answer = rig.unit.translate(read());
      assertThat(Translation.refusal(answer)).isEqualTo(Translation.Refusal.ABORTED);
      rig.poke(CONTEXT, 0x20_0001L);
    }
    assertThat(rig.unit.counters()).containsEntry("faults.recorded", 0L);
  }

  /** SRTP with ESRTPS forgets refusals as well. */
  @Test
  void rootPointer() {
    Rig rig = rig(true, false);
    rig.poke(CONTEXT, 0);
    rig.poke(LEAF, 0);
    assertThat(ask(rig, read())).isEqualTo("2");
    rig.poke(CONTEXT, 0x20_0001L);
    rig.w32(0x18, 0xC400_0000L);
    assertThat(ask(rig, read())).isEqualTo("6");
    rig.poke(LEAF, 0x8_9ABC_D003L);
    rig.w32(0x18, 0xC400_0000L);
    assertThat(ask(rig, read())).isEqualTo("ok");
  }
}
