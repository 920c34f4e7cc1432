package org.ioasis.machine.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PortControl;
import org.ioasis.api.machine.Translation;
import org.ioasis.api.memory.MemoryStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Nothing passes untranslated: every way in which a port is closed. */
@Timeout(30)
class FabricWallsTest {
  private final FabricFixture m = new FabricFixture();
  private final PortControl valve = m.fabric.port(FabricFixture.SOURCE).orElseThrow();

  private static void refused(Reason reason, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            IoasisException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private Translation.Refusal ask() {
    m.burst.begin();
    try {
      return Translation.refusal(m.burst.translate(m.read(0x1000)));
    } finally {
      m.burst.end();
    }
  }

  @Test
  void aPortIsBornBlocked() {
    DmaPort port = m.fabric.join(EndpointSpec.plain("disk", 0x20), new Endpoint() {});
    DmaBurst burst = port.burst();
    assertThat(port.isOpen()).isFalse();
    burst.begin();
    long answer = burst.translate(new DmaRequest().set(0x20, -1, 0, 8, DmaRequest.READ));
    burst.end();
    assertThat(Translation.refusal(answer)).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(m.fabric.port(0x20).orElseThrow().blockedCount()).isEqualTo(1);
    assertThat(m.unit.asked).isZero();
  }

  @Test
  void registersAreReachedByTheUnitsName() {
    Mmio registers =
        new Mmio() {
          @Override
          public long size() {
            return 8;
          }

          @Override
          public int read32(long offset) {
            return 7;
          }

          @Override
          public long read64(long offset) {
            return 7;
          }

          @Override
          public void write32(long offset, int value) {}

          @Override
          public void write64(long offset, long value) {}
        };
    m.fabric.install("u1", new FakeUnit(), registers);
    assertThat(m.fabric.mmio("u1")).containsSame(registers);
    assertThat(m.fabric.mmio("u0")).isEmpty();
    m.fabric.remove("u1");
    assertThat(m.fabric.mmio("u1")).isEmpty();
  }

  @Test
  void aBlockedPortAsksNobody() {
    assertThat(ask()).isNull();
    valve.block();
    assertThat(valve.unitId()).isNull();
    assertThat(ask()).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(m.unit.asked).isEqualTo(1);
    valve.open("u0");
    assertThat(ask()).isNull();
  }

  @Test
  void blockingCutsTheRestOfAnOpenBurst() {
    m.burst.begin();
    long before = m.burst.translate(m.read(0x1000));
    valve.block();
    assertThat(Translation.refusal(m.burst.translate(m.read(0x2000))))
        .isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(m.burst.load(before, 8)).as("valid until the end").isZero();
    m.burst.end();
  }

  @Test
  void aPortOpensForOneInstalledUnitOnly() {
    m.fabric.install("u1", new FakeUnit());
    refused(Reason.BUSY, () -> valve.open("u1"));
    refused(Reason.NOT_FOUND, () -> valve.open("u2"));
    refused(Reason.EXISTS, () -> m.fabric.install("u1", new FakeUnit()));
    valve.open("u0");
    valve.block();
    valve.open("u1");
    assertThat(valve.unitId()).isEqualTo("u1");
    assertThat(m.fabric.units()).containsExactly("u0", "u1");
  }

  @Test
  void aThrowingUnitLosesAllItsPorts() {
    DmaPort other = m.fabric.join(EndpointSpec.plain("disk", 0x20), new Endpoint() {});
    m.fabric.port(0x20).orElseThrow().open("u0");
    m.fabric.join(EndpointSpec.plain("gpu", 0x30), new Endpoint() {});
    m.fabric.install("u1", new FakeUnit());
    m.fabric.port(0x30).orElseThrow().open("u1");
    m.unit.thrown = new IllegalStateException("a bug, wanted by the test");
    assertThat(ask()).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(valve.unitId()).isNull();
    assertThat(other.isOpen()).isFalse();
    assertThat(m.fabric.port(0x30).orElseThrow().unitId()).isEqualTo("u1");
    assertThat(m.counter("unitFailures")).isEqualTo(1);
    assertThat(ask()).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(m.unit.asked).isEqualTo(1);
  }

  @Test
  void throwingOutOfRemappingOrAPageRequestBlocksToo() {
    m.unit.answer = iova -> Translation.ofNotRam(iova, 12);
    m.burst.begin();
    long window = m.burst.translate(m.write(0xFEE0_0000L));
    m.unit.thrown = new IllegalStateException("wanted by the test");
    assertThat(m.burst.store(window, 4, 1)).isEqualTo(MemoryStatus.OK);
    m.burst.end();
    assertThat(valve.unitId()).isNull();
    assertThat(m.interrupts.unclaimed()).isZero();

    valve.open("u0");
    PageRequest request = new PageRequest(FabricFixture.SOURCE, -1, 0x1000, 1, false, 0, true);
    assertThat(m.port.requestPage(request)).isFalse();
    assertThat(valve.unitId()).isNull();
    m.unit.thrown = null;
    valve.open("u0");
    assertThat(m.port.requestPage(request)).isTrue();
    assertThat(m.port.requestPage(new PageRequest(0x99, -1, 0x1000, 1, false, 0, true))).isFalse();
    valve.block();
    assertThat(m.port.requestPage(request)).isFalse();
  }

  @Test
  void removingAUnitBlocksItsPortsAndForgetsIt() {
    m.fabric.remove("u0");
    assertThat(m.removed).containsExactly("u0");
    assertThat(m.fabric.units()).isEmpty();
    assertThat(ask()).isEqualTo(Translation.Refusal.BLOCKED);
    refused(Reason.NOT_FOUND, () -> valve.open("u0"));
    m.fabric.install("u0", m.unit);
    assertThat(ask())
        .as("a new unit of the old id gets no port by itself")
        .isEqualTo(Translation.Refusal.BLOCKED);
  }

  @Test
  void waitsInsideTheOwnBurstThrowAndChangeNothing() {
    m.burst.begin();
    List<ThrowingCallable> waits =
        List.of(
            () -> m.fabric.awaitGrace(m.fabric.graceTicket()),
            () -> m.fabric.remove("u0"),
            m.port::close,
            m.fabric::close,
            () -> m.graces.await());
    for (ThrowingCallable wait : waits) {
      assertThatThrownBy(wait)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("nic");
    }
    assertThat(m.fabric.units()).containsExactly("u0");
    assertThat(valve.unitId()).isEqualTo("u0");
    m.burst.end();
    m.fabric.awaitGrace(m.fabric.graceTicket());
  }

  @Test
  void removalWaitsForAnOpenBurstOfAnotherThread() throws InterruptedException {
    m.burst.begin();
    long answer = m.burst.translate(m.write(0x1000));
    Thread remover = new Thread(() -> m.fabric.remove("u0"));
    remover.start();
    while (valve.unitId() != null) {
      Thread.onSpinWait();
    }
    remover.join(30);
    assertThat(remover.isAlive()).isTrue();
    assertThat(m.removed).isEmpty();
    refused(Reason.NOT_FOUND, () -> valve.open("u0"));
    assertThat(m.burst.store(answer, 8, 1)).isEqualTo(MemoryStatus.OK);
    m.burst.end();
    remover.join(20_000);
    assertThat(m.removed).containsExactly("u0");
  }

  @Test
  void aUnitThatThrowsWhileItIsRemovedDeadlocksNobody() throws InterruptedException {
    m.burst.begin();
    Thread remover = new Thread(() -> m.fabric.remove("u0"));
    m.unit.answer =
        iova -> {
          remover.start();
          while (valve.unitId() != null) {
            Thread.onSpinWait();
          }
          throw new IllegalStateException("wanted by the test");
        };
    assertThat(Translation.refusal(m.burst.translate(m.read(0))))
        .isEqualTo(Translation.Refusal.BLOCKED);
    m.burst.end();
    remover.join(20_000);
    assertThat(m.removed).containsExactly("u0");
  }

  @Test
  void namesAndSourceIdsAreUniqueUntilTheDeviceLeaves() {
    refused(Reason.EXISTS, () -> m.fabric.join(EndpointSpec.plain("nic", 0x55), new Endpoint() {}));
    refused(
        Reason.EXISTS,
        () -> m.fabric.join(EndpointSpec.plain("disk", FabricFixture.SOURCE), new Endpoint() {}));
    m.port.close();
    assertThat(m.fabric.port(FabricFixture.SOURCE)).isEmpty();
    refused(Reason.NOT_FOUND, () -> valve.open("u0"));
    assertThat(ask()).as("a burst of a device that left").isEqualTo(Translation.Refusal.BLOCKED);
    m.fabric.join(EndpointSpec.plain("nic", FabricFixture.SOURCE), new Endpoint() {});
  }

  @Test
  void portsAreInUnsignedOrderOfTheirSourceId() {
    m.fabric.join(EndpointSpec.plain("stream", 0x8000_0001), new Endpoint() {});
    m.fabric.join(EndpointSpec.plain("low", 1), new Endpoint() {});
    assertThat(m.fabric.ports())
        .extracting(port -> port.spec().name())
        .containsExactly("low", "nic", "stream");
  }
}
