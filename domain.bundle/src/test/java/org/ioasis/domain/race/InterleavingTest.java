package org.ioasis.domain.race;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.Rig;
import org.ioasis.domain.TestDevice;
import org.ioasis.domain.device.DeviceSettings;
import org.ioasis.domain.unit.Meddler;
import org.ioasis.testing.Requirement;
import org.ioasis.vtd.driver.VtdDriverFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two things at once, the second put into the middle of the first at every call that the first
 * makes to a driver.
 */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class InterleavingTest {
  private final Meddler driver = new Meddler(new VtdDriverFactory());
  private Rig rig;
  private TestDevice nic;
  private Device device;
  private AddressSpace space;

  @BeforeEach
  void start() {
    rig =
        new Rig(new DeviceSettings().route("0x0-0xff=old"))
            .vtd("old", Rig.SECOND)
            .vtd("new", Rig.FIRST)
            .drivers(driver);
    nic = rig.device("nic", 0x20);
    device = rig.bind(nic);
    space = rig.space("s");
    rig.map(space, rig.memory("m", 4), 0x10000);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  /** Runs in a thread of its own; the result waits until it has ended. */
  private static Thread beside(Runnable action, AtomicReference<Throwable> thrown) {
    Thread thread =
        new Thread(
            () -> {
              try {
                action.run();
              } catch (Throwable e) {
                thrown.set(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  @ParameterizedTest
  @ValueSource(strings = {"createDomain", "domain.batch", "addDevice", "device.attach"})
  void anAttachWhileItsUnitGoesEndsAttachedAndBlockedOrRefused(String call) throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread[] going = new Thread[1];
    driver.before(
        call,
        () -> {
          // the hardware leaves the fabric at once; the life cycle follows when it gets its turn
          rig.machine.fabric().remove("old");
          going[0] = beside(() -> rig.core.parts().hosts().unitGone("old"), thrown);
        });
    Reason refused = null;
    try {
      Rig.attach(device, space);
    } catch (IoasisException e) {
      refused = e.reason();
    }
    going[0].join();
    assertThat(thrown.get()).isNull();
    assertThat(refused).isIn(null, Reason.GONE, Reason.HARDWARE, Reason.TIMED_OUT);
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.BLOCKED);
    assertThat(device.attachments()).hasSize(refused == null ? 1 : 0);
    assertThat(rig.core.swapService().quarantined()).hasSize(refused == null ? 1 : 0);
    // whichever it was, it goes on with another unit
    SwapReport report =
        rig.core
            .swapService()
            .swap(
                new SwapRequest(
                    "old", "new", SwapRequest.Order.BREAK_BEFORE_MAKE, SwapRequest.Formats.REFUSE));
    assertThat(report.performed()).isTrue();
    if (refused != null) {
      Rig.attach(device, space);
    }
    assertThat(nic.reads(0x10000)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "createDomain",
        "new batch.map",
        "new batch.sync",
        "new addDevice",
        "old drain",
        "old device.close",
        "new device.attach"
      })
  void mapAndUnmapInTheMiddleOfASwapReachTheDeviceWhereverItIs(String call) throws Exception {
    Rig.attach(device, space);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    List<Thread> changes = new ArrayList<>();
    driver.before(
        call,
        () -> {
          CountDownLatch done = new CountDownLatch(1);
          changes.add(
              beside(
                  () -> {
                    rig.map(space, rig.memory("n", 2), 0x500000);
                    space.unmap(IovaRange.of(0x10000, 4 * Rig.PAGE), UnmapMode.WHOLE);
                    done.countDown();
                  },
                  thrown));
          try {
            // where the change has to wait for the swap's own step it ends after it
            done.await(50, TimeUnit.MILLISECONDS);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    SwapReport report = rig.core.swapService().swap(SwapRequest.of("old", "new"));
    assertThat(changes).as(call + " was met").hasSize(1);
    changes.get(0).join();
    assertThat(thrown.get()).isNull();
    assertThat(report.performed()).isTrue();
    assertThat(device.view().unitId()).contains("new");
    assertThat(nic.reads(0x501000)).isTrue();
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.FAULT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"old device.detach", "old drain", "old domain.close"})
  @Requirement(60)
  void aDetachClosesThePortAndTheRouteBeforeItDrainsAndDrainsOnceMoreInTheEnd(String call) {
    Rig.attach(device, space);
    List<String> seen = new ArrayList<>();
    driver.before(
        call,
        () -> {
          seen.add(
              "%s, routes %d"
                  .formatted(
                      nic.refusal(0x900000), rig.core.parts().origin().routes().routes().size()));
        });
    driver.calls.clear();
    device.detach(Rig.NO_PASID);
    assertThat(seen)
        .as("nothing passes and nothing new is handed on, from the first step on")
        .startsWith("BLOCKED, routes 0")
        .containsOnly("BLOCKED, routes 0");
    assertThat(driver.calls)
        .filteredOn(done -> done.endsWith("drain") || done.endsWith("detach"))
        .containsExactly("old drain", "old device.detach", "old drain");
    assertThat(rig.core.parts().origin().routes().routes()).isEmpty();
  }

  @Test
  void aSwapInsideASwapIsBusyAndASwapFromAnotherThreadToo() {
    Rig.attach(device, space);
    List<Reason> reasons = new ArrayList<>();
    driver.before(
        "new device.attach",
        () -> {
          reasons.add(
              Rig.refusal(() -> rig.core.swapService().swap(SwapRequest.of("old", "new")))
                  .reason());
          AtomicReference<Throwable> thrown = new AtomicReference<>();
          Thread other =
              beside(() -> rig.core.swapService().swap(SwapRequest.of("old", "new")), thrown);
          try {
            other.join();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          reasons.add(((IoasisException) thrown.get()).reason());
        });
    assertThat(rig.core.swapService().swap(SwapRequest.of("old", "new")).performed()).isTrue();
    assertThat(reasons).containsExactly(Reason.BUSY, Reason.BUSY);
  }

  @Test
  void aDriverUpdateInTheMiddleOfAMapWaitsForItsSync() throws Exception {
    Rig.attach(device, space);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread[] update = new Thread[1];
    driver.after(
        "old batch.unmap",
        () ->
            update[0] =
                beside(
                    () -> {
                      rig.core.parts().hosts().factoryGone(driver);
                      rig.vtdDrivers();
                    },
                    thrown));
    space.unmap(IovaRange.of(0x10000, 4 * Rig.PAGE), UnmapMode.WHOLE);
    assertThat(nic.refusal(0x10000)).as("removed means gone").isNotNull();
    update[0].join();
    assertThat(thrown.get()).isNull();
    assertThat(driver.calls.indexOf("old batch.sync"))
        .isLessThan(driver.calls.indexOf("old handOver"));
    rig.map(space, rig.memory("n", 1), 0x30000);
    assertThat(nic.reads(0x30000)).isTrue();
    assertThat(nic.refusal(0x10000)).isEqualTo(Translation.Refusal.FAULT);
  }

  @Test
  void attachesAndDetachesOfTwoDevicesSideBySideLeaveNothing() throws Exception {
    TestDevice disk = rig.device("disk", 0x30);
    Device second = rig.bind(disk);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    List<Thread> threads = new ArrayList<>();
    for (Device each : List.of(device, second)) {
      threads.add(
          beside(
              () -> {
                for (int i = 0; i < 200; i++) {
                  each.attach(new AttachTarget.Space(space.handle()), Rig.NO_PASID);
                  each.detach(Rig.NO_PASID);
                }
              },
              thrown));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(thrown.get()).isNull();
    assertThat(space.domains()).isEmpty();
    assertThat(rig.core.parts().origin().routes().routes()).isEmpty();
  }
}
