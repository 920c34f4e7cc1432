package org.ioasis.machine.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MemoryStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a device can and cannot do between begin and end. */
class BurstTest {
  private final FabricFixture m = new FabricFixture();
  private final DmaBurst burst = m.burst;

  @Test
  void loadsAndStoresOfEveryWidth() {
    m.memory.store64(0x1000, 0x1122334455667788L);
    burst.begin();
    long answer = burst.translate(m.request(0x1000, DmaRequest.READ | DmaRequest.WRITE));
    assertThat(burst.load(answer, 8)).isEqualTo(0x1122334455667788L);
    assertThat(burst.load(answer + 4, 4)).isEqualTo(0x11223344L);
    assertThat(burst.load(answer + 2, 2)).isEqualTo(0x5566L);
    assertThat(burst.load(answer, 1)).isEqualTo(0x88L);
    assertThat(burst.store(answer + 8, 8, -2)).isEqualTo(MemoryStatus.OK);
    assertThat(burst.store(answer + 8, 4, 0xAABBCCDDL)).isEqualTo(MemoryStatus.OK);
    assertThat(burst.store(answer + 12, 2, 0x1234)).isEqualTo(MemoryStatus.OK);
    assertThat(burst.store(answer + 15, 1, 0x77)).isEqualTo(MemoryStatus.OK);
    burst.end();
    assertThat(m.memory.load64(0x1008)).isEqualTo(0x77FF1234AABBCCDDL);
  }

  @Test
  void bulkAndAtomicAccesses() {
    burst.begin();
    long answer = burst.translate(m.request(0x2000, DmaRequest.READ | DmaRequest.WRITE));
    assertThat(burst.write(answer + 3, ByteBuffer.wrap(new byte[] {1, 2, 3})))
        .isEqualTo(MemoryStatus.OK);
    ByteBuffer into = ByteBuffer.allocate(5);
    assertThat(burst.read(answer + 2, into)).isEqualTo(MemoryStatus.OK);
    assertThat(into.array()).containsExactly(0, 1, 2, 3, 0);
    assertThat(burst.swap(answer + 8, 40)).isZero();
    assertThat(burst.fetchAndAdd(answer + 8, 2)).isEqualTo(40);
    assertThat(burst.compareAndExchange(answer + 8, 42, 99)).isEqualTo(42);
    assertThat(burst.compareAndExchange(answer + 8, 42, 98)).isEqualTo(99);
    burst.end();
    assertThat(m.memory.load64(0x2008)).isEqualTo(99);
  }

  @Test
  void accessesOutsideAndNestingAreRefused() {
    assertThatThrownBy(() -> burst.translate(m.read(0))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(burst::end).isInstanceOf(IllegalStateException.class);
    burst.begin();
    assertThatThrownBy(burst::begin)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nic");
    long answer = burst.translate(m.read(0));
    burst.end();
    assertThatThrownBy(() -> burst.load(answer, 8)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theSeventeenthAccessIsRefused() {
    burst.begin();
    long answer = burst.translate(m.read(0));
    for (int i = 0; i < DmaBurst.MAX_ACCESSES; i++) {
      burst.load(answer, 1);
    }
    assertThatThrownBy(() -> burst.load(answer, 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("16 accesses");
    burst.end();
    burst.begin();
    assertThat(burst.load(burst.translate(m.read(0)), 1)).isZero();
    burst.end();
  }

  @Test
  void byte4097IsRefused() {
    m.unit.answer = iova -> Translation.of(iova, 21);
    burst.begin();
    long answer = burst.translate(m.read(0));
    assertThat(burst.read(answer, ByteBuffer.allocate(4095))).isEqualTo(MemoryStatus.OK);
    assertThatThrownBy(() -> burst.load(answer, 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("4095 bytes");
    assertThat(burst.load(answer, 1)).isZero();
    burst.end();
  }

  @Test
  void anAddressThatWasNotAnsweredLeadsNowhere() {
    m.memory.store64(0x5000, 7);
    burst.begin();
    long answer = burst.translate(m.read(0x1000));
    for (long forged :
        new long[] {
          Translation.of(0x5000, 12),
          answer + 0x1000,
          answer - 8,
          Translation.of(0x1000, 30),
          Translation.ofNotRam(0x1000, 12),
          Translation.none(Translation.Refusal.FAULT),
          0x1000
        }) {
      assertThatThrownBy(() -> burst.load(forged, 8))
          .as("0x%x", forged)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> burst.load(answer + 0xFFC, 8))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(burst.load(answer + 0xFF8, 8)).isZero();
    burst.end();
    burst.begin();
    assertThatThrownBy(() -> burst.load(answer, 8))
        .as("an answer of the burst before")
        .isInstanceOf(IllegalArgumentException.class);
    burst.end();
  }

  @Test
  void anAnswerServesOnlyTheAccessItWasAskedFor() {
    burst.begin();
    long read = burst.translate(m.read(0x1000));
    assertThatThrownBy(() -> burst.store(read, 8, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> burst.swap(read, 1)).isInstanceOf(IllegalArgumentException.class);
    long write = burst.translate(m.write(0x2000));
    assertThatThrownBy(() -> burst.load(write, 8)).isInstanceOf(IllegalArgumentException.class);
    long probe = burst.translate(m.read(0x3000).zeroLength(true));
    assertThatThrownBy(() -> burst.load(probe, 8)).isInstanceOf(IllegalArgumentException.class);
    long ats = burst.translate(m.read(0x4000).addressType(DmaRequest.AT_TRANSLATION_REQUEST));
    assertThatThrownBy(() -> burst.load(ats, 8)).isInstanceOf(IllegalArgumentException.class);
    burst.end();
    assertThat(m.memory.residentBytes()).isZero();
  }

  @Test
  void sixteenAnswersAreKept() {
    burst.begin();
    long[] answers = new long[17];
    for (int i = 0; i < 17; i++) {
      answers[i] = burst.translate(m.read(0x1000L * i));
    }
    assertThat(burst.load(answers[1], 8)).isZero();
    assertThatThrownBy(() -> burst.load(answers[0], 8))
        .isInstanceOf(IllegalArgumentException.class);
    burst.end();
  }

  @Test
  void aRequestUnderAnotherDevicesIdIsAborted() {
    burst.begin();
    long answer = burst.translate(new DmaRequest().set(0x11, -1, 0x1000, 8, DmaRequest.READ));
    burst.end();
    assertThat(Translation.refusal(answer)).isEqualTo(Translation.Refusal.ABORTED);
    assertThat(m.unit.asked).isZero();
    assertThat(m.counter("forgedRequests")).isEqualTo(1);
  }

  @Test
  void absentAndPoisonedMemoryAreToldByTheStatus() {
    m.memory.poison(0x1000, 8);
    m.memory.store64(0x1008, -1);
    burst.begin();
    long good = burst.translate(m.read(0x1000));
    assertThat(burst.load(good, 8)).isEqualTo(-1);
    assertThat(burst.lastStatus()).isEqualTo(MemoryStatus.POISONED);
    assertThat(burst.load(good + 8, 8)).as("ones that were stored").isEqualTo(-1);
    assertThat(burst.lastStatus()).isEqualTo(MemoryStatus.OK);
    long absent = burst.translate(m.request(1L << 40, DmaRequest.READ | DmaRequest.WRITE));
    assertThat(burst.load(absent, 4)).isEqualTo(0xFFFF_FFFFL);
    assertThat(burst.lastStatus()).isEqualTo(MemoryStatus.ABSENT);
    assertThat(burst.store(absent, 8, 1)).isEqualTo(MemoryStatus.ABSENT);
    assertThat(burst.swap(absent, 1)).isEqualTo(-1);
    assertThat(burst.lastStatus()).isEqualTo(MemoryStatus.ABSENT);
    assertThat(burst.read(absent, ByteBuffer.allocate(4))).isEqualTo(MemoryStatus.ABSENT);
    burst.end();
    assertThat(m.counter("busErrors")).isEqualTo(5);
  }

  @Test
  void whatIsNotRamIsABusErrorOutsideTheInterruptWindow() {
    m.unit.answer = iova -> Translation.ofNotRam(iova, 12);
    burst.begin();
    long registers = burst.translate(m.request(0xFED9_0000L, DmaRequest.READ | DmaRequest.WRITE));
    assertThat(burst.load(registers, 2)).isEqualTo(0xFFFF);
    assertThat(burst.store(registers, 4, 1)).isEqualTo(MemoryStatus.ABSENT);
    assertThat(burst.fetchAndAdd(registers, 1)).isEqualTo(-1);
    long window = burst.translate(m.write(0xFEE0_0000L));
    assertThat(burst.store(window, 8, 1)).as("not a message").isEqualTo(MemoryStatus.ABSENT);
    burst.end();
    assertThat(m.interrupts.unclaimed()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"false, false, UNSUPPORTED", "true, false, ''", "false, true, ''"})
  void translatedRequestsNeedTrustOrACheck(boolean trusted, boolean checked, String refusal) {
    m.unit.checksTranslated = checked;
    var spec = new org.ioasis.api.machine.EndpointSpec("gpu", 0x20, trusted, true, false, false, 0);
    DmaBurst gpu = m.fabric.join(spec, new org.ioasis.api.machine.Endpoint() {}).burst();
    DmaRequest request =
        new DmaRequest()
            .set(0x20, -1, 0x7000, 8, DmaRequest.WRITE)
            .addressType(DmaRequest.AT_TRANSLATED);
    gpu.begin();
    assertThat(Translation.refusal(gpu.translate(request)))
        .as("blocked whatever the label")
        .isEqualTo(Translation.Refusal.BLOCKED);
    m.fabric.port(0x20).orElseThrow().open("u0");
    long answer = gpu.translate(request);
    assertThat(m.unit.asked).isEqualTo(checked ? 1 : 0);
    if (refusal.isEmpty()) {
      assertThat(gpu.store(answer, 8, 5)).isEqualTo(MemoryStatus.OK);
      assertThat(m.memory.load64(0x7000)).isEqualTo(5);
    } else {
      assertThat(Translation.refusal(answer)).isEqualTo(Translation.Refusal.valueOf(refusal));
    }
    gpu.end();
  }

  @Test
  void interruptsAreDeliveredAfterTheEndInOrder() {
    m.unit.answer = iova -> Translation.ofNotRam(iova, 12);
    m.unit.addToData = 0x100;
    List<String> log = new ArrayList<>();
    m.interrupts.addSink(
        (address, data) ->
            log.add("%x=%x inside=%s".formatted(address, data, m.graces.isCallerInside())));
    burst.begin();
    long window = burst.translate(m.write(0xFEE0_1000L));
    assertThat(burst.store(window, 4, 0x41)).isEqualTo(MemoryStatus.OK);
    assertThat(
            burst.write(
                window + 4, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 0x42)))
        .isEqualTo(MemoryStatus.OK);
    assertThat(log).isEmpty();
    burst.end();
    assertThat(log).containsExactly("fee01000=141 inside=false", "fee01004=142 inside=false");
  }

  @Test
  void aHandlerMayUseTheSameBurstAgain() {
    m.unit.answer = iova -> Translation.ofNotRam(iova, 12);
    List<Integer> log = new ArrayList<>();
    m.interrupts.addSink(
        (address, data) -> {
          log.add(data);
          if (data < 3) {
            burst.begin();
            long window = burst.translate(m.write(0xFEE0_0000L));
            burst.store(window, 4, data + 1L);
            burst.end();
          }
        });
    burst.begin();
    long window = burst.translate(m.write(0xFEE0_0000L));
    burst.store(window, 4, 1);
    burst.store(window, 4, 9);
    burst.end();
    assertThat(log).containsExactly(1, 2, 3, 9);
  }

  @Test
  void anInterruptOfABurstThatWasOpenWhenThePortClosedStillArrives() {
    FabricFixture m = new FabricFixture();
    List<Integer> log = new ArrayList<>();
    m.interrupts.addSink((address, data) -> log.add(data));
    m.burst.begin();
    long at = m.burst.translate(m.write(0xFEE0_0000L));
    m.fabric.port(FabricFixture.SOURCE).orElseThrow().block();
    assertThat(m.burst.store(at, 4, 42)).isEqualTo(MemoryStatus.OK);
    assertThat(m.burst.translate(m.write(0xFEE0_0000L)))
        .isEqualTo(Translation.none(Translation.Refusal.BLOCKED));
    m.burst.end();
    assertThat(log).containsExactly(42);
  }

  @Test
  void anInterruptTheUnitBlocksGoesNowhere() {
    m.unit.answer = iova -> Translation.ofNotRam(iova, 12);
    m.unit.blocksInterrupts = true;
    burst.begin();
    long window = burst.translate(m.write(0xFEE0_0000L));
    assertThat(burst.store(window, 4, 0x41)).as("posted").isEqualTo(MemoryStatus.OK);
    burst.end();
    assertThat(m.interrupts.unclaimed()).isZero();
    assertThat(m.counter("interruptsBlocked")).isEqualTo(1);
  }

  @Test
  void aUnitsOwnInterruptWaitsForTheBurstOfItsThread() {
    List<Integer> log = new ArrayList<>();
    m.interrupts.addSink((address, data) -> log.add(data));
    m.unit.answer =
        iova -> {
          for (int i = 0; i < 40; i++) {
            m.fabric.raise(0xFEE0_0000L, i);
          }
          m.fabric.raise(0x9000, 77); // to RAM, for a driver that polls
          return Translation.none(Translation.Refusal.FAULT);
        };
    burst.begin();
    burst.translate(m.read(0));
    assertThat(log).isEmpty();
    assertThat(m.memory.load32(0x9000)).isEqualTo(77);
    burst.end();
    assertThat(log).hasSize(40).isSorted();
    m.fabric.raise(0xFEE0_0000L, 99);
    assertThat(log).as("outside a burst at once").hasSize(41);
    assertThat(m.fabric.raise(1L << 40, 1)).isFalse();
    assertThat(m.counter("interruptsLost")).isEqualTo(1);
  }
}
