package org.ioasis.machine.fabric;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Translation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Interleavings of bursts and tickets, made one step at a time, then at random. */
@Timeout(240)
class GraceTest {
  private static final int SPINS = 2_000;
  private static final int MOST_LOOKS = 20_000;

  private final FabricFixture m = new FabricFixture();

  @Test
  void nothingOpenNothingToWaitFor() {
    assertThat(m.fabric.graceElapsed(m.fabric.graceTicket())).isTrue();
  }

  @Test
  void aBurstOpenAtTheTicketHoldsTheGraceUntilItsEnd() {
    m.burst.begin();
    long ticket = m.fabric.graceTicket();
    assertThat(m.fabric.graceElapsed(ticket)).isFalse();
    m.burst.end();
    assertThat(m.fabric.graceElapsed(ticket)).isTrue();
  }

  @Test
  void aBurstThatBeganAgainDoesNotHoldAnOldTicket() {
    m.burst.begin();
    long ticket = m.fabric.graceTicket();
    m.burst.end();
    m.burst.begin();
    assertThat(m.fabric.graceElapsed(ticket)).isTrue();
    long later = m.fabric.graceTicket();
    assertThat(m.fabric.graceElapsed(later)).isFalse();
    assertThat(m.fabric.graceElapsed(ticket)).as("what has elapsed stays so").isTrue();
    m.burst.end();
  }

  @Test
  void everyBurstCounts() {
    List<DmaBurst> bursts = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      DmaBurst burst = m.port.burst();
      burst.begin();
      bursts.add(burst);
    }
    long ticket = m.fabric.graceTicket();
    for (DmaBurst burst : bursts) {
      assertThat(m.fabric.graceElapsed(ticket)).isFalse();
      burst.end();
    }
    assertThat(m.fabric.graceElapsed(ticket)).isTrue();
  }

  @Test
  void aPortsGraceConcernsItsOwnBursts() {
    DmaPort other = m.fabric.join(EndpointSpec.plain("disk", 0x20), new Endpoint() {});
    DmaBurst burst = other.burst();
    burst.begin();
    long ticket = m.fabric.graceTicket();
    assertThat(m.fabric.port(FabricFixture.SOURCE).orElseThrow().graceElapsed(ticket)).isTrue();
    assertThat(m.fabric.port(0x20).orElseThrow().graceElapsed(ticket)).isFalse();
    assertThat(m.fabric.graceElapsed(ticket)).isFalse();
    burst.end();
    assertThat(m.fabric.port(0x20).orElseThrow().graceElapsed(ticket)).isTrue();
  }

  @Test
  void aBurstOfADeviceThatLeftStillCounts() throws InterruptedException {
    DmaPort other = m.fabric.join(EndpointSpec.plain("disk", 0x20), new Endpoint() {});
    DmaBurst burst = other.burst();
    burst.begin();
    Thread closer = new Thread(other::close);
    closer.start();
    closer.join(30);
    assertThat(closer.isAlive()).isTrue();
    burst.end();
    closer.join(20_000);
    assertThat(closer.isAlive()).isFalse();
  }

  @Test
  void aForgottenBurstThatIsGarbageHoldsNothing() {
    WeakReference<DmaBurst> forgotten = new WeakReference<>(m.port.burst());
    beginIfAlive(forgotten);
    long ticket = m.fabric.graceTicket();
    for (int i = 0; i < 200 && forgotten.get() != null; i++) {
      System.gc();
    }
    assertThat(forgotten.get()).isNull();
    assertThat(m.fabric.graceElapsed(ticket)).isTrue();
  }

  private static void beginIfAlive(WeakReference<DmaBurst> reference) {
    DmaBurst burst = reference.get();
    if (burst != null) {
      burst.begin();
    }
  }

  @Test
  void theListOfBurstsForgetsGarbage() {
    for (int i = 0; i < 100_000; i++) {
      m.port.burst();
      if (i % 20_000 == 0) {
        System.gc();
      }
    }
    m.burst.begin();
    long ticket = m.fabric.graceTicket();
    assertThat(m.fabric.graceElapsed(ticket)).as("the oldest is still known").isFalse();
    m.burst.end();
    assertThat(m.fabric.graceElapsed(ticket)).isTrue();
  }

  @Test
  void blockingThenTheGraceEndsEveryAccess() throws InterruptedException {
    blockAndCheck(300);
  }

  @Test
  @Tag("stress")
  void blockingThenTheGraceEndsEveryAccessStress() throws InterruptedException {
    blockAndCheck(5_000);
  }

  @Test
  void aBurstThatTheGraceDidNotSeeSeesTheBlock() throws InterruptedException {
    dekker(5_000);
  }

  @Test
  @Tag("stress")
  void aBurstThatTheGraceDidNotSeeSeesTheBlockStress() throws InterruptedException {
    dekker(300_000);
  }

  /**
   * One thread begins a burst and asks; the other blocks the port and looks for open bursts. Not
   * both may miss the other: an answer while the grace is over.
   */
  private void dekker(int rounds) throws InterruptedException {
    var valve = m.fabric.port(FabricFixture.SOURCE).orElseThrow();
    AtomicInteger phase = new AtomicInteger();
    AtomicBoolean[] results = {new AtomicBoolean(), new AtomicBoolean()};
    AtomicInteger bothMissed = new AtomicInteger();
    Thread device =
        new Thread(
            () -> {
              DmaRequest request = m.read(0x1000);
              for (int round = 0; round < rounds; round++) {
                meet(phase, 4 * round + 2);
                m.burst.begin();
                results[0].setPlain(Translation.isPresent(m.burst.translate(request)));
                meet(phase, 4 * round + 4);
                m.burst.end();
              }
            });
    device.start();
    for (int round = 0; round < rounds; round++) {
      valve.open("u0");
      meet(phase, 4 * round + 2);
      valve.block();
      results[1].setPlain(m.fabric.graceElapsed(m.fabric.graceTicket()));
      meet(phase, 4 * round + 4);
      if (results[0].getPlain() && results[1].getPlain()) {
        bothMissed.incrementAndGet();
      }
    }
    device.join(20_000);
    assertThat(device.isAlive()).isFalse();
    assertThat(bothMissed).hasValue(0);
  }

  private static void meet(AtomicInteger phase, int both) {
    phase.incrementAndGet();
    for (int spins = 0; phase.get() < both; spins++) {
      if (spins > SPINS) {
        Thread.yield();
      }
    }
  }

  /**
   * Two devices write a word as fast as they can. After block and grace the word must stand still,
   * in each of many rounds.
   */
  private void blockAndCheck(int rounds) throws InterruptedException {
    DmaPort second = m.fabric.join(EndpointSpec.plain("disk", 0x20), new Endpoint() {});
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong passed = new AtomicLong();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Thread> devices =
        List.of(
            device(m.port, FabricFixture.SOURCE, stop, passed, failure),
            device(second, 0x20, stop, passed, failure));
    devices.forEach(Thread::start);
    var valves = m.fabric.ports();
    AtomicInteger moved = new AtomicInteger();
    for (int round = 0; round < rounds; round++) {
      long before = passed.get();
      valves.forEach(valve -> valve.open("u0"));
      for (int look = 0; look < MOST_LOOKS && passed.get() < before + 4; look++) {
        if (look < SPINS) {
          Thread.onSpinWait();
        } else {
          Thread.yield(); // the devices may have no processor
        }
      }
      valves.forEach(valve -> valve.block());
      m.fabric.awaitGrace(m.fabric.graceTicket());
      long first = m.memory.load64(0x1000);
      Thread.yield();
      if (m.memory.load64(0x1000) != first) {
        moved.incrementAndGet();
      }
    }
    stop.set(true);
    for (Thread device : devices) {
      device.join(20_000);
    }
    assertThat(failure.get()).isNull();
    assertThat(moved).as("accesses after the grace").hasValue(0);
    assertThat(passed.get()).as("the devices did work").isPositive();
  }

  private static Thread device(
      DmaPort port,
      int source,
      AtomicBoolean stop,
      AtomicLong passed,
      AtomicReference<Throwable> failure) {
    return new Thread(
        () -> {
          try {
            DmaBurst burst = port.burst();
            DmaRequest request =
                new DmaRequest().set(source, -1, 0x1000, 8, DmaRequest.READ | DmaRequest.WRITE);
            while (!stop.get()) {
              burst.begin();
              long answer = burst.translate(request);
              if (Translation.isPresent(answer)) {
                for (int i = 0; i < 8; i++) {
                  burst.fetchAndAdd(answer, 1);
                }
                passed.incrementAndGet();
              }
              burst.end();
            }
          } catch (RuntimeException | Error e) {
            failure.set(e);
          }
        });
  }
}
