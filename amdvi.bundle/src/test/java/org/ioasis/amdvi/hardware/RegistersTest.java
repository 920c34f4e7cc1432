package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Registers, rings and the event log: corner cases 1 to 12. */
class RegistersTest {
  private static final long STATUS = 0x2020;

  /** One IO_PAGE_FAULT: device 0x340 has TV=0. */
  private static Rig faulty(Rig rig) {
    return rig.start().dte(0x1, 0x42);
  }

  private static void fault(Rig rig) {
    assertThat(Translation.isPresent(rig.ask(rig.read(Rig.DEVICE, 0x5000)))).isFalse();
  }

  @Test
  void statusBitsAreClearedAloneAndRunBitsIgnoreWrites() {
    Rig rig = faulty(Rig.full());
    rig.command(0x1000000000000002L, 0); // COMPLETION_WAIT with i
    fault(rig);
    assertThat(rig.r64(STATUS)).isEqualTo(0x9EL);
    rig.w64(STATUS, 0);
    assertThat(rig.r64(STATUS)).isEqualTo(0x9EL);
    rig.w64(STATUS, 0x2);
    assertThat(rig.r64(STATUS)).isEqualTo(0x9CL);
    rig.w64(STATUS, 0x4);
    assertThat(rig.r64(STATUS)).isEqualTo(0x98L);
    rig.w64(STATUS, -1L);
    assertThat(rig.r64(STATUS)).isEqualTo(0x98L);
  }

  @ParameterizedTest
  @CsvSource({"0x0008, 0x2000, 0x2008", "0x0010, 0x2010, 0x2018", "0x0038, 0x2030, 0x2038"})
  void aBaseWriteRewindsAndIsRefusedWhileTheRingRuns(String base, String head, String tail) {
    Rig rig = Rig.full();
    rig.w64(Long.decode(head), 0x30);
    rig.w64(Long.decode(tail), 0x50);
    assertThat(rig.r64(Long.decode(tail))).isEqualTo(0x50);
    rig.w64(Long.decode(base), 0x0900000110000000L);
    assertThat(rig.r64(Long.decode(head))).isZero();
    assertThat(rig.r64(Long.decode(tail))).isZero();
    rig.start();
    long running = rig.r64(Long.decode(base));
    rig.w64(Long.decode(base), 0x0900000140000000L);
    assertThat(rig.r64(Long.decode(base))).isEqualTo(running);
    rig.w64(0x18, 0);
    rig.w64(Long.decode(base), 0x0900000140000000L);
    assertThat(rig.r64(Long.decode(base))).isEqualTo(0x0900000140000000L);
  }

  @ParameterizedTest
  @CsvSource({"0, false", "7, false", "8, true", "9, true", "15, true"})
  void lengthCodes(int code, boolean runs) {
    Rig rig = Rig.full();
    for (long base : List.of(0x08L, 0x10L, 0x38L)) {
      rig.w64(base, (long) code << 56 | 0x1_1000_0000L);
    }
    rig.w64(0x18, 0x149DL | 1 << 13);
    assertThat(rig.r64(STATUS)).isEqualTo(runs ? 0x98L : 0L);
  }

  @Test
  void everyRingWrapsAtItsLastSlot() {
    Rig rig = faulty(Rig.full());
    rig.w64(0x18, 0); // pointers can be set while stopped
    rig.w64(0x2018, 0x1FF0);
    rig.w64(0x2010, 0x1FF0);
    rig.w64(0x2000, 0x1FF0);
    rig.w64(0x2008, 0x1FF0);
    rig.start();
    rig.w64(0x18, 0);
    rig.w64(0x2018, 0x1FF0);
    rig.w64(0x2010, 0x1FF0);
    rig.w64(0x2000, 0x1FF0);
    rig.w64(0x2008, 0x1FF0);
    rig.w64(0x18, 0x149D);
    fault(rig);
    assertThat(rig.r64(0x2018)).isZero();
    assertThat(rig.peek(Rig.EVENTS + 0x1FF0)).isEqualTo(0x2000004200000340L);
    rig.poke(Rig.COMMANDS + 0x1FF0, 0x1000000000000002L, 0);
    rig.w64(0x2008, 0);
    assertThat(rig.r64(0x2000)).isZero();
    assertThat(rig.r64(STATUS) & 4).isEqualTo(4);
  }

  @Test
  void aTailOutsideTheRingIsMasked() {
    Rig rig = Rig.full().start();
    rig.poke(Rig.COMMANDS, 0x1000000000000002L, 0);
    rig.w64(0x2008, 0xFFFF_FFFF_FFF8_201FL); // slot 1 of a ring of 0x2000 bytes
    assertThat(rig.r64(0x2008)).isEqualTo(0x2010);
    assertThat(rig.r64(0x2000)).isEqualTo(0x10);
    assertThat(rig.r64(STATUS) & 4).isEqualTo(4);
  }

  @Test
  void theLogOverflowsStopsAndIsRestarted() {
    Rig rig = faulty(Rig.full());
    for (int i = 0; i < 511; i++) {
      fault(rig);
    }
    assertThat(rig.r64(STATUS) & 0x9).isEqualTo(0x8);
    assertThat(rig.messages).hasSize(511);
    fault(rig);
    assertThat(rig.r64(STATUS) & 0x9).as("overflow, and the log has stopped").isEqualTo(0x1);
    assertThat(rig.messages).hasSize(512);
    assertThat(rig.r64(0x2018)).isEqualTo(0x1FF0);
    assertThat(rig.peek(Rig.EVENTS + 0x1FF0)).isZero();
    fault(rig);
    assertThat(rig.messages).as("dropped events say nothing").hasSize(512);
    assertThat(rig.unit.counters()).containsEntry("events.lost", 2L);
    rig.w64(0x2010, 0x1FF0);
    long control = rig.r64(0x18);
    rig.w64(0x18, control & ~0x4L);
    rig.w64(0x18, control);
    fault(rig);
    assertThat(rig.r64(0x2018)).as("the overflow bit still drops events").isEqualTo(0x1FF0);
    rig.w64(STATUS, 1);
    fault(rig);
    assertThat(rig.r64(0x2018)).isZero();
  }

  @Test
  void overflowChoices() {
    Rig stays = faulty(Rig.with(Choices.RUN_ON_OVERFLOW, 1));
    stays.w64(0x2010, 0x10); // full
    fault(stays);
    assertThat(stays.r64(STATUS) & 0x8).isEqualTo(0x8);
    Rig clears = faulty(Rig.with(Choices.OVERFLOW_CLEARING, 1));
    clears.w64(0x2010, 0x10);
    fault(clears);
    assertThat(clears.r64(STATUS) & 0x9).isEqualTo(0x1);
    long control = clears.r64(0x18);
    clears.w64(0x18, control & ~0x4L);
    clears.w64(0x18, control);
    assertThat(clears.r64(STATUS) & 0x9).isEqualTo(0x8);
  }

  @Test
  void completionWaitIsSeenWithoutItsInterrupt() {
    Rig rig = Rig.full().start(0x149DL & ~0x10L);
    rig.command(0x1000000000000002L, 0);
    assertThat(rig.r64(STATUS) & 4).isEqualTo(4);
    assertThat(rig.messages).isEmpty();
    rig.w64(0x18, 0x149D);
    rig.command(0x1000000000000002L, 0);
    assertThat(rig.messages).containsExactly(new Rig.Message(0xFEE00000L, 0x31));
  }

  @Test
  void halvesAreWrittenAlone() {
    Rig rig = Rig.full();
    rig.w32(0x0C, 0x09000001);
    assertThat(rig.r64(0x08)).isEqualTo(0x0900000100000000L);
    rig.w32(0x08, 0x10000000);
    assertThat(rig.r64(0x08)).isEqualTo(0x0900000110000000L);
    rig.w32(0x18, 0x10001);
    assertThat(rig.r64(0x18)).isEqualTo(0x10001);
    long efr = rig.r64(0x30);
    rig.w64(0x30, -1L);
    assertThat(rig.r64(0x30)).isEqualTo(efr).isEqualTo(AmdviProfiles.FULL_EFR);
    assertThat(rig.r64(0x1A0)).isEqualTo(AmdviProfiles.FULL_EFR2);
    assertThat(rig.r64(0x4000)).as("beyond the block").isEqualTo(-1L);
    assertThat(rig.r64(0x60)).as("a hole").isZero();
    assertThat(Rig.full().r64(0x18)).as("reset").isEqualTo(0x400);
  }

  @Test
  void hardwareErrorsAreHeld() {
    Rig rig = Rig.full().start();
    rig.w64(0x18, 0);
    rig.w64(0x00, 0x0000_7000_0000_01FFL); // no memory there
    rig.start();
    rig.w64(0x00, 0x0000_7000_0000_01FFL);
    fault(rig);
    assertThat(rig.r64(0x50)).isEqualTo(1);
    assertThat(rig.r64(0x40)).isEqualTo(0x3200000000000340L);
    assertThat(rig.r64(0x48)).isEqualTo(0x7000_0000_6800L);
    assertThat(rig.events()).containsExactly(0x3200000000000340L, 0x7000_0000_6800L);
    rig.ask(rig.write(0x341, 0));
    assertThat(rig.r64(0x50)).isEqualTo(3);
    assertThat(rig.r64(0x40)).as("the first is kept").isEqualTo(0x3200000000000340L);
    rig.w64(0x50, 1);
    assertThat(rig.r64(0x50)).isEqualTo(2);
    rig.w64(0x50, 2);
    assertThat(rig.r64(0x50)).isZero();
  }

  @Test
  void disabledTheUnitPassesEverythingAndRunsNothing() {
    Rig rig = faulty(Rig.full());
    long control = rig.r64(0x18);
    rig.w64(0x18, control & ~1L);
    assertThat(rig.r64(STATUS) & 0x98).isZero();
    long passed = rig.ask(rig.read(Rig.DEVICE, 0x5000));
    assertThat(Translation.address(passed)).isEqualTo(0x5000);
    rig.poke(Rig.COMMANDS + 0x10, 0x1000000000000002L, 0);
    rig.w64(0x2008, 0x20);
    assertThat(rig.r64(0x2000)).as("nothing is fetched").isEqualTo(0x10);
    rig.w64(0x18, control);
    assertThat(rig.r64(STATUS) & 0x98).isEqualTo(0x98);
    assertThat(rig.r64(0x2000)).isEqualTo(0x20);
    fault(rig);
  }

  @ParameterizedTest
  @CsvSource({
    "0x1FFF, 0x120000000, 0x1FFF",
    "0x2000, 0x121000000, 0",
    "0x3FFF, 0x121000000, 0x1FFF",
    "0xE000, 0x127000000, 0",
    "0xFFFF, 0x127000000, 0x1FFF"
  })
  void eightSegments(String device, String table, String index) {
    Rig rig = Rig.full().start();
    rig.w64(0x00, 0x12000003FL);
    for (int segment = 1; segment < 8; segment++) {
      rig.w64(0xF8 + 8 * segment, 0x120000000L + segment * 0x1000000L | 0x3F);
    }
    rig.w64(0x18, rig.r64(0x18) | 3L << 34);
    rig.poke(Long.decode(table) + 32L * Integer.decode(index), 0x6000000000000003L, 7);
    int id = Integer.decode(device);
    assertThat(Translation.address(rig.ask(rig.read(id, 0x9000)))).isEqualTo(0x9000);
    rig.poke(Long.decode(table) + 32L * Integer.decode(index), 0x3, 7);
    rig.command(0x2000000000000000L | id, 0);
    assertThat(Translation.isPresent(rig.ask(rig.read(id, 0x9000)))).isFalse();
  }

  @Test
  void moreSegmentsThanThereAreDropTheWrite() {
    Rig rig = Rig.full();
    rig.w64(0x18, 0x149DL | 4L << 34);
    assertThat(rig.r64(0x18)).isEqualTo(0x400);
    Rig none = Rig.of(0xC4, 0, AmdviProfiles.FULL_HEADER);
    none.w64(0x18, 1L << 34);
    assertThat(none.r64(0x18)).as("no segments, no field").isZero();
  }

  @Test
  void theUnitsOwnInterruptInX2ApicForm() {
    Rig rig = Rig.full().start(0x149DL | 1 << 17 | 1L << 50 | 1L << 51);
    rig.w64(0x170, 0x0100_0041_0000_0504L);
    rig.command(0x1000000000000002L, 0);
    assertThat(rig.messages).containsExactly(new Rig.Message(0x0100_0000_FEE0_5004L, 0x41));
  }

  @Test
  void resetEmptiesEverything() {
    Rig rig = Rig.full().start().hostTables().dte(0x6000000123456603L, 0x42);
    assertThat(Translation.isPresent(rig.ask(rig.read(Rig.DEVICE, 0x1234567000L)))).isTrue();
    rig.unit.reset(true);
    assertThat(rig.r64(STATUS)).isZero();
    assertThat(rig.r64(0x18)).isEqualTo(0x400);
    assertThat(Translation.address(rig.ask(rig.read(Rig.DEVICE, 0x1234567000L))))
        .isEqualTo(0x1234567000L);
  }

  @Test
  void eachSchedulerGivesTheSame() {
    Rig rig = Rig.stepped().start();
    rig.poke(Rig.COMMANDS, 0x1000000000000002L, 0);
    rig.w64(0x2008, 0x10);
    assertThat(rig.r64(0x2000)).isZero();
    rig.drain();
    assertThat(rig.r64(0x2000)).isEqualTo(0x10);
    assertThat(Scheduler.Mode.values()).hasSize(3);
  }
}
