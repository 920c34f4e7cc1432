package org.ioasis.amdvi.hardware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.machine.AtcInvalidation;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands, their granularity and their errors: corner cases 30 to 34. */
class CommandsTest {
  private static final long IOVA = 0x1234567000L;
  private static final long L1 = 0x123458B38L;

  private static Rig rig() {
    return Rig.full().start().hostTables().dte(0x6000000123456603L, 0x42);
  }

  private static long read(Rig rig, long iova) {
    return Translation.address(rig.ask(rig.read(Rig.DEVICE, iova)));
  }

  /** A device that answers invalidations when told. */
  private static final class Device implements Endpoint {
    final List<AtcInvalidation> asked = new ArrayList<>();
    final List<Runnable> answers = new ArrayList<>();

    @Override
    public void invalidateAtc(AtcInvalidation invalidation, Runnable completed) {
      asked.add(invalidation);
      answers.add(completed);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "opcode 0,              0x0000000000000000, 0",
    "opcode 9,              0x9000000000000000, 0",
    "opcode A,              0xA000000000000000, 0",
    "opcode B,              0xB000000000000000, 0",
    "opcode C,              0xC000000000000000, 0",
    "opcode D,              0xD000000000000000, 0",
    "opcode E,              0xE000000000000000, 0",
    "opcode F,              0xF000000000000000, 0",
    "wait reserved,         0x1010000000000000, 0",
    "devtab reserved,       0x2000000000010340, 0",
    "devtab word 1,         0x2000000000000340, 1",
    "pages reserved,        0x3000004200100000, 0",
    "pages word 1,          0x3000004200000000, 0x8",
    "iotlb type,            0x4145034020230340, 0x10",
    "iotlb word 1,          0x4145034020230340, 0x2",
    "interrupt reserved,    0x5000000000010340, 0",
    "prefetch reserved,     0x6001234504010340, 0",
    "complete reserved,     0x7011234500000340, 0",
    "complete tag reserved, 0x7001234500000340, 0x20000000000",
    "all reserved,          0x8000000000000001, 0",
    "all word 1,            0x8000000000000000, 1"
  })
  void illegalCommandsStopTheBuffer(String name, String word0, String word1) {
    Rig rig = rig();
    long head = rig.r64(0x2000);
    rig.command(Long.parseUnsignedLong(word0.substring(2), 16), Long.decode(word1));
    assertThat(rig.events()).as(name).containsExactly(0x5000000000000000L, Rig.COMMANDS + head);
    assertThat(rig.r64(0x2020) & 0x10).isZero();
    assertThat(rig.r64(0x2000)).as("the head stays at the command").isEqualTo(head);
    rig.command(0x1000000000000002L, 0);
    assertThat(rig.r64(0x2020) & 0x4).as("nothing is executed").isZero();
    rig.restartCommands();
    rig.command(0x1000000000000002L, 0);
    assertThat(rig.r64(0x2020) & 0x14).as("restarted").isEqualTo(0x14);
  }

  @Test
  void theHeadMovesToTheTailWhereTheProfileSaysSo() {
    Rig rig = Rig.with(Choices.HEAD_AFTER_ERROR, 1).start();
    rig.poke(Rig.COMMANDS, 0, 0);
    rig.w64(0x2008, 0x30);
    assertThat(rig.r64(0x2000)).isEqualTo(0x30);
  }

  @Test
  void commandsOfFeaturesThatAreNotOffered() {
    long[] commands = {
      0x4145034020230340L, 0x6001234504000340L, 0x7001234500000340L, 0x8000000000000000L
    };
    for (long command : commands) {
      Rig rig = Rig.of(0x80, 0, AmdviProfiles.FULL_HEADER & ~(1L << 24)).start();
      rig.command(command, 0);
      assertThat(rig.events()).containsExactly(0x5000000000000000L, Rig.COMMANDS);
    }
  }

  @Test
  void memoryThatFails() {
    Rig rig = rig();
    rig.command(0x1000700000000001L, 7);
    assertThat(rig.events()).containsExactly(0x6200000000000000L, 0x700000000000L);
    assertThat(rig.r64(0x2020) & 0x10).isZero();
    assertThat(rig.r64(0x2000)).isEqualTo(0x10);
    Rig fetch = Rig.full().start();
    fetch.w64(0x18, 0);
    fetch.w64(0x08, 0x0900700000000000L);
    fetch.w64(0x18, 0x149D);
    fetch.w64(0x2008, 0x10);
    assertThat(fetch.events()).containsExactly(0x6200000000000000L, 0x700000000000L);
    assertThat(fetch.r64(0x50)).as("held as a hardware error").isEqualTo(1);
  }

  @Test
  void completionWaitStoresAndInterrupts() {
    Rig rig = rig();
    rig.command(0x100000010000C001L, 0x1122334455667788L);
    assertThat(rig.peek(0x10000C000L)).isEqualTo(0x1122334455667788L);
    assertThat(rig.r64(0x2020) & 4).isZero();
    rig.command(0x100000010000C003L, 0x99L);
    assertThat(rig.peek(0x10000C000L)).isEqualTo(0x99L);
    assertThat(rig.r64(0x2020) & 4).isEqualTo(4);
    assertThat(rig.messages).hasSize(1);
    rig.command(0x1000000000000000L, 0);
    assertThat(rig.r64(0x2000)).as("a pure barrier").isEqualTo(rig.r64(0x2008));
  }

  @Test
  void completionWaitComesAfterManyCommandsAndOpenBursts() {
    Rig rig = Rig.stepped().start();
    for (int slot = 0; slot < 100; slot++) {
      rig.poke(Rig.COMMANDS + 16L * slot, 0x2000000000000340L, 0);
    }
    rig.poke(Rig.COMMANDS + 1600, 0x100000010000C001L, 1);
    rig.poke(Rig.COMMANDS + 1616, 0x0L, 0);
    rig.openBurst();
    rig.w64(0x2008, 1632);
    rig.drain();
    assertThat(rig.r64(0x2000)).isEqualTo(1600);
    assertThat(rig.peek(0x10000C000L)).isZero();
    rig.closeBurst();
    rig.drain();
    assertThat(rig.peek(0x10000C000L)).isEqualTo(1);
    assertThat(rig.events())
        .as("then the next one")
        .containsExactly(0x5000000000000000L, Rig.COMMANDS + 1616);
  }

  @Test
  void stoppingGivesUpAWaitAndKeepsThePointers() {
    Rig rig = Rig.stepped().start();
    rig.poke(Rig.COMMANDS, 0x100000010000C001L, 1);
    rig.openBurst();
    rig.w64(0x2008, 0x10);
    rig.drain();
    long control = rig.r64(0x18);
    rig.w64(0x18, control & ~(1L << 12));
    rig.closeBurst();
    rig.drain();
    assertThat(rig.peek(0x10000C000L)).isZero();
    assertThat(rig.r64(0x2000)).isZero();
    rig.w64(0x18, control);
    rig.drain();
    assertThat(rig.peek(0x10000C000L)).isEqualTo(1);
  }

  /** Word 1 of the command, and whether the 64 KiB page at 0x1234580000 goes. */
  @ParameterizedTest
  @CsvSource({
    "one page of it,      0x3000004200000000, 0x0000001234585000, true",
    "page before it,      0x3000004200000000, 0x000000123457F000, false",
    "page after it,       0x3000004200000000, 0x0000001234590000, false",
    "exactly it,          0x3000004200000000, 0x0000001234587001, true",
    "2 MiB around it,     0x3000004200000000, 0x00000012344FF001, true",
    "2 MiB before it,     0x3000004200000000, 0x00000012342FF001, false",
    "1 GiB around it,     0x3000004200000000, 0x000000121FFFF001, true",
    "everything,          0x3000004200000000, 0x7FFFFFFFFFFFF001, true",
    "all ones,            0x3000004200000000, 0xFFFFFFFFFFFFF001, true",
    "another domain,      0x3000004300000000, 0x7FFFFFFFFFFFF003, false",
    "guest ones of it,    0x3000004200000000, 0x7FFFFFFFFFFFF007, false",
    "PASID is no matter,  0x3000004200012345, 0x0000001234585000, true"
  })
  void invalidationIsExact(String name, String word0, String word1, boolean goes) {
    Rig rig = rig();
    assertThat(read(rig, 0x1234585000L)).isEqualTo(0x777775000L);
    for (int replica = 0; replica < 16; replica++) {
      rig.poke(0x123458C00L + 8L * replica, 0x7000000111117E01L);
    }
    rig.command(Long.decode(word0), Long.parseUnsignedLong(word1.substring(2), 16));
    assertThat(read(rig, 0x1234585000L)).as(name).isEqualTo(goes ? 0x111115000L : 0x777775000L);
  }

  @Test
  void directoriesStayUntilPde() {
    Rig rig = rig();
    assertThat(read(rig, IOVA)).isEqualTo(0xABCDEF0000L);
    rig.poke(0x123457D10L, 0x600000012345A201L); // another table of the last level
    rig.poke(0x12345AB38L, 0x7000000000077001L);
    rig.poke(L1, 0x7000000000088001L);
    rig.command(0x3000004200000000L, 0x7FFFFFFFFFFFF001L);
    assertThat(read(rig, IOVA)).as("PDE=0: the old table").isEqualTo(0x88000L);
    rig.command(0x3000004200000000L, IOVA | 2);
    assertThat(read(rig, IOVA)).as("PDE=1: the new one").isEqualTo(0x77000L);
  }

  @Test
  void invalidateAllTakesEverything() {
    Rig rig = rig();
    read(rig, IOVA);
    rig.poke(Rig.DTE, 0x6000000123456603L, 0x43);
    rig.poke(L1, 0x7000000000077001L);
    rig.command(0x8000000000000000L, 0);
    assertThat(read(rig, IOVA)).isEqualTo(0x77000L);
    rig.ask(rig.read(Rig.DEVICE, 0x9000));
    assertThat(rig.events().get(0)).as("the new DomainID").isEqualTo(0x2000004300000340L);
  }

  @Test
  void prefetchFillsAndInvalidates() {
    Rig rig = rig();
    rig.command(0x6000000004000340L, 0x1234567000L);
    rig.poke(L1, 0x7000000000077001L);
    assertThat(read(rig, IOVA)).as("fetched before").isEqualTo(0xABCDEF0000L);
    rig.command(0x6000000001000340L, 0x1234567010L);
    assertThat(read(rig, IOVA)).as("Inval=1").isEqualTo(0x77000L);
    assertThat(rig.events()).as("what is missing is no event").isEmpty();
  }

  @Test
  void devicesAreAskedToForget() {
    Rig rig = rig();
    Device device = new Device();
    rig.endpoints.put(Rig.DEVICE, device);
    rig.command(0x4145034020230340L, 0x0000001234587005L);
    rig.command(0x4045034020000340L, 0x0000001234587000L);
    assertThat(device.asked)
        .containsExactly(
            new AtcInvalidation(Rig.DEVICE, 0x12345, 0x1234580000L, 16, false),
            new AtcInvalidation(Rig.DEVICE, DmaRequest.NO_PASID, 0x1234587000L, 12, false));
    rig.command(0x100000010000C001L, 1);
    assertThat(rig.peek(0x10000C000L)).as("the wait waits for the device").isZero();
    device.answers.get(1).run();
    assertThat(rig.peek(0x10000C000L)).isZero();
    device.answers.get(0).run();
    assertThat(rig.peek(0x10000C000L)).isEqualTo(1);
    device.answers.get(0).run();
    assertThat(rig.events()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"1, 1000000", "2, 10000000", "4, 1000000000", "6, 100000000000"})
  void aDeviceThatDoesNotAnswerTimesOut(int code, long nanos) {
    Rig rig = rig();
    rig.w64(0x18, (rig.r64(0x18) & ~0xE0L) | (long) code << 5);
    Device device = new Device();
    rig.endpoints.put(Rig.DEVICE, device);
    long at = Rig.COMMANDS + rig.r64(0x2000);
    rig.command(0x4045034020000340L, 0x1000L);
    rig.command(0x100000010000C001L, 1);
    rig.time.advance(nanos - 1);
    assertThat(rig.peek(0x10000C000L)).isZero();
    rig.time.advance(1);
    assertThat(rig.events()).containsExactly(0x7000000000000340L, at);
    assertThat(rig.peek(0x10000C000L)).isEqualTo(1);
    device.answers.get(0).run();
    assertThat(rig.unit.counters()).containsEntry("iotlb.timedOut", 1L);
  }

  @Test
  void afterAResetNobodyIsAwaited() {
    Rig rig = rig();
    Device device = new Device();
    rig.endpoints.put(Rig.DEVICE, device);
    rig.command(0x4045034020000340L, 0x1000L);
    rig.unit.reset(true);
    rig.start();
    rig.restartCommands();
    rig.command(0x100000010000C001L, 1);
    assertThat(rig.peek(0x10000C000L)).isEqualTo(1);
    device.answers.get(0).run();
    rig.command(0x4045034020000340L, 0x1000L);
    rig.command(0x100000010000C001L, 2);
    assertThat(rig.peek(0x10000C000L)).as("the late answer counts for nothing").isEqualTo(1);
    device.answers.get(1).run();
    assertThat(rig.peek(0x10000C000L)).isEqualTo(2);
  }

  @Test
  void nobodyIsThereToForget() {
    Rig rig = rig();
    rig.command(0x4000000000000999L, 0x1000L);
    rig.time.advance(2_000_000_000L);
    assertThat(rig.events().get(0)).isEqualTo(0x7000000000000999L);
  }
}
