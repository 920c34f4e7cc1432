package org.ioasis.vtd.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.Profile;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Device-TLB invalidations: what the device is asked, what waits for it, what its silence costs.
 */
class DeviceTlbInvalidationTest {
  private static final int SID = 0x329;
  private static final long QUEUE = 0x14_0000L, STATUS = 0x15_0000L;
  private static final long DEV_TLB = 0x0000_0329_0010_0003L, P_DEV_TLB = 0x0000_1234_0329_0108L;
  private static final long WAIT_SW = 0x0000_0002_0000_0025L;
  private static final long SECOND = 1_000_000_000L;
  private static final int FSTS = 0x34, IQH = 0x80, IQT = 0x88, IQERCD = 0xB0, ICS = 0x9C;

  private final Rig rig = Rig.full();
  private final List<AtcInvalidation> asked = new ArrayList<>();
  private final List<Runnable> completions = new ArrayList<>();
  private long tail;

  @BeforeEach
  void start() {
    start(rig);
    rig.endpoints.put(SID, device());
  }

  private static void start(Rig rig) {
    rig.w64(0x20, 0x10_0400L);
    rig.w32(0x18, 0x4000_0000L);
    rig.w64(0x90, QUEUE | 0x801);
    rig.w32(0x18, 0x0400_0000L);
  }

  private Endpoint device() {
    return new Endpoint() {
      @Override
      public void invalidateAtc(AtcInvalidation invalidation, Runnable completed) {
        asked.add(invalidation);
        completions.add(completed);
      }
    };
  }

  private void submit(long... words) {
    for (int i = 0; i < words.length; i += 2) {
      rig.poke(QUEUE + tail, words[i], words[i + 1], 0, 0);
      tail = tail + 32 & 0x1FFF;
    }
    rig.w64(IQT, tail);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "4K,           0000032900100003, 0000123456789000, -1,   123456789000, 12, false",
    "8K,           0000032900100003, 0000123456788001, -1,   123456788000, 13, false",
    "2M,           0000032900100003, 00001234566FF001, -1,   123456600000, 21, false",
    "all,          0000032900100003, 7FFFFFFFFFFFF001, -1,   0,            64, false",
    "PFSID,        0300032900100003, 0000123456789000, -1,   123456789000, 12, false",
    "PASID 4K,     0000123403290108, 00007F8123456000, 1234, 7F8123456000, 12, false",
    "PASID 64K,    0000123403290108, 00007F8123457800, 1234, 7F8123450000, 16, false",
    "PASID all,    0000123403290108, 7FFFFFFFFFFFF800, 1234, 0,            64, false",
    "every PASID,  0000123403290108, 7FFFFFFFFFFFF801, 1234, 0,            64, true",
  })
  void messages(
      String name, String lo, String hi, String pasid, String base, int lg2, boolean global) {
    submit(Long.parseUnsignedLong(lo, 16), Long.parseUnsignedLong(hi, 16));
    assertThat(asked)
        .as(name)
        .containsExactly(
            new AtcInvalidation(
                SID, Integer.parseInt(pasid, 16), Long.parseUnsignedLong(base, 16), lg2, global));
    assertThat(rig.r64(IQH)).isEqualTo(0x20);
  }

  /** Every size that the code has, both descriptors. */
  @Test
  void everySize() {
    for (int lg2 = 13; lg2 < 63; lg2++) {
      asked.clear();
      long address = (1L << (lg2 - 1)) - 1 & -0x1000L;
      submit(DEV_TLB, address | 1, P_DEV_TLB, address | 0x800);
      assertThat(asked).hasSize(2);
      assertThat(asked).extracting(AtcInvalidation::sizeLg2).containsOnly(lg2);
      assertThat(asked).extracting(AtcInvalidation::base).containsOnly(0L);
    }
  }

  @Test
  void aWaitCompletesWhenEveryDeviceHas() {
    submit(DEV_TLB, 0x1000, P_DEV_TLB, 0x2000, WAIT_SW, STATUS);
    assertThat(rig.peek(STATUS)).isZero();
    assertThat(rig.r64(IQH)).as("at the wait").isEqualTo(0x40);
    completions.get(1).run();
    assertThat(rig.peek(STATUS)).isZero();
    completions.get(0).run();
    assertThat(rig.peek(STATUS)).isEqualTo(2);
    assertThat(rig.r64(IQH)).isEqualTo(0x60);
    assertThat(rig.time.pending()).as("timers are cancelled").isZero();
    rig.time.advance(10 * SECOND);
    assertThat(rig.r32(FSTS)).isZero();
  }

  /** The bursts that a wait waits for are those that were open when the devices had completed. */
  @Test
  void devicesFirstThenOpenBursts() {
    submit(DEV_TLB, 0x1000, WAIT_SW, STATUS);
    rig.openBurst();
    completions.get(0).run();
    rig.drain();
    assertThat(rig.peek(STATUS)).isZero();
    rig.closeBurst();
    rig.drain();
    assertThat(rig.peek(STATUS)).isEqualTo(2);
  }

  @Test
  void aSilentDeviceCostsTheWait() {
    rig.w32(0x38, 0); // fault event unmasked
    rig.w32(0x40, 0xFEE0_1000L);
    submit(DEV_TLB, 0x1000, WAIT_SW | 0x10, STATUS, WAIT_SW, STATUS + 8);
    rig.time.advance(SECOND - 1);
    assertThat(rig.r32(FSTS)).isZero();
    rig.time.advance(1);
    assertThat(rig.r32(FSTS)).as("ITE").isEqualTo(0x40);
    assertThat(rig.r64(IQERCD)).as("ITESID").isEqualTo(0x0000_0329_0000_0000L);
    assertThat(rig.messages).as("one fault event").hasSize(1);
    assertThat(rig.r64(IQH)).as("the wait is discarded").isEqualTo(0x40);
    assertThat(rig.peek(STATUS)).isZero();
    assertThat(rig.r32(ICS)).as("no completion interrupt").isZero();
    assertThat(rig.peek(STATUS + 8)).as("fetching has stopped").isZero();
    rig.w32(FSTS, 0x40);
    assertThat(rig.r32(FSTS)).isZero();
    assertThat(rig.peek(STATUS + 8)).as("resumed").isEqualTo(2);
    submit(DEV_TLB, 0x1000, WAIT_SW, STATUS);
    completions.get(1).run();
    assertThat(rig.peek(STATUS)).as("submitted again").isEqualTo(2);
    assertThat(rig.unit.counters())
        .containsEntry("devicetlb.timeouts", 1L)
        .containsEntry("queue.waits.discarded", 1L);
  }

  /** Nothing is answered, so every invalidation times out; the first one's source id stands. */
  @Test
  void aDeviceThatIsNotThere() {
    submit(0x0000_0100_0010_0003L, 0x1000, 0x0000_0200_0010_0003L, 0x1000);
    rig.time.advance(SECOND);
    assertThat(rig.r32(FSTS)).isEqualTo(0x40);
    assertThat(rig.r64(IQERCD) >>> 32).isEqualTo(0x100);
    submit(WAIT_SW, STATUS);
    assertThat(rig.r64(IQH)).as("nothing is fetched while ITE stands").isEqualTo(0x40);
    rig.w32(FSTS, 0x40);
    assertThat(rig.peek(STATUS)).isEqualTo(2);
  }

  @Test
  void completionsNobodyWaitsFor() {
    submit(DEV_TLB, 0x1000);
    completions.get(0).run();
    assertThat(rig.r32(FSTS)).isZero();
    completions.get(0).run();
    assertThat(rig.r32(FSTS)).as("ICE").isEqualTo(0x20);
    assertThat(rig.r64(IQERCD)).as("ICESID").isEqualTo(0x0329_0000_0000_0000L);
    submit(WAIT_SW, STATUS);
    assertThat(rig.peek(STATUS)).as("ICE stops nothing").isEqualTo(2);
    rig.w32(FSTS, 0x20);
    assertThat(rig.r32(FSTS)).isZero();
    submit(DEV_TLB, 0x1000);
    rig.time.advance(SECOND);
    completions.get(1).run();
    assertThat(rig.r32(FSTS)).as("late: ITE and ICE").isEqualTo(0x60);
  }

  @Test
  void anEndedQueueWaitsForNobody() {
    submit(DEV_TLB, 0x1000, WAIT_SW, STATUS);
    rig.w32(0x18, 0);
    assertThat(rig.r32(0x1C) & 0x0400_0000L).isZero();
    assertThat(rig.time.pending()).isZero();
    completions.get(0).run();
    assertThat(rig.r32(FSTS)).isZero();
    assertThat(rig.peek(STATUS)).isZero();
    rig.w64(IQT, 0);
    rig.w32(0x18, 0x0400_0000L);
    tail = 0;
    submit(WAIT_SW, STATUS);
    assertThat(rig.peek(STATUS)).isEqualTo(2);
  }

  @Test
  void resetForgetsWhatIsOutstanding() {
    submit(DEV_TLB, 0x1000, WAIT_SW, STATUS);
    rig.unit.reset(true);
    completions.get(0).run();
    assertThat(rig.r32(FSTS)).isZero();
    assertThat(rig.peek(STATUS)).isZero();
  }

  @Test
  void theTimeoutIsAParameter() {
    Profile profile =
        new Profile(
            "vtd",
            "short",
            VtdProfiles.FULL.registers(),
            java.util.Map.of("haw", 52L, DeviceTlbTimeout.PARAMETER, 5L),
            List.of(),
            0);
    Rig quick = new Rig(profile, Scheduler.Mode.INLINE);
    start(quick);
    quick.poke(QUEUE, DEV_TLB, 0x1000, 0, 0);
    quick.w64(IQT, 0x20);
    quick.time.advance(4_999_999L);
    assertThat(quick.r32(FSTS)).isZero();
    quick.time.advance(1);
    assertThat(quick.r32(FSTS)).isEqualTo(0x40);
  }

  /** PFSID is reserved without DIT; the types are unknown without DT. */
  @ParameterizedTest
  @CsvSource({
    "0000032900100003, 1000, 41, 0",
    "0010032900100003, 1000, 41, 4",
    "0000032900101003, 1000, 41, 4",
    "0010123403290108, 1000, 41, 4",
    "0000123403291108, 1000, 41, 4",
    "0000032900100003, 1000, 2,  3",
    "0000123403290108, 1000, 2,  3",
  })
  void capabilities(String lo, String hi, int missingBit, int error) {
    Rig plain = Rig.of(0x50, VtdProfiles.FULL_CAP, VtdProfiles.FULL_ECAP & ~(1L << missingBit));
    start(plain);
    plain.endpoints.put(SID, device());
    plain.poke(QUEUE, Long.parseUnsignedLong(lo, 16), Long.parseUnsignedLong(hi, 16), 0, 0);
    plain.w64(IQT, 0x20);
    assertThat(plain.r64(IQERCD) & 0xF).isEqualTo(error);
    assertThat(plain.r32(FSTS)).isEqualTo(error == 0 ? 0 : 0x10);
  }
}
