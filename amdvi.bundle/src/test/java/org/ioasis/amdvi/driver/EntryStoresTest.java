package org.ioasis.amdvi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.amdvi.driver.DriverRig.NONE;
import static org.ioasis.amdvi.driver.DriverRig.RW;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.driver.AttachOutcome;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.testing.WatchedMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What stands in a device table entry after each single store of the driver. Memory stores 128 of
 * its 256 bits at once, so whoever reads it meets the old entry, the new one, or one that lets
 * nothing pass: never a lower half with the upper half of another entry.
 */
class EntryStoresTest {
  private static final long IOVA = 0x1234_0000L, OLD = 0x10_0000, NEW = 0x20_0000, PAGE = 0x1000;

  /** V and TV; no Mode, no rights. */
  private static final long BLOCKED = 3;

  private final DriverRig rig = new DriverRig(Scheduler.Mode.INLINE);
  private final WatchedMemory<PhysicalMemory> memory =
      new WatchedMemory<>(PhysicalMemory.class, rig.machine.memory());
  private final List<long[]> states = new ArrayList<>();
  private DriverDevice device;

  @BeforeEach
  void start() {
    DriverEnvironment plain = rig.environment;
    rig.driver =
        new AmdViDriverFactory()
            .create(
                new DriverEnvironment(
                    plain.unitId(),
                    plain.mmio(),
                    memory.watched(),
                    plain.frames(),
                    plain.interrupts(),
                    plain.time(),
                    plain.devices()),
                Map.of());
    rig.started();
    device = rig.driver.addDevice(DriverRig.facts());
  }

  @AfterEach
  void close() {
    memory.watch(() -> {});
    rig.close();
  }

  private long[] entry() {
    long at = (rig.unit.mmio().read64(0) & 0xF_FFFF_FFFF_F000L) + 32L * DriverRig.SID;
    return new long[] {rig.at(at), rig.at(at + 8), rig.at(at + 16), rig.at(at + 24)};
  }

  /** Notes every entry that a change passes through; the last one is where it ends. */
  private void change(Runnable change) {
    long[] before = entry();
    states.clear();
    memory.watch(
        () -> {
          long[] last = states.isEmpty() ? before : states.get(states.size() - 1);
          if (!Arrays.equals(last, entry())) {
            states.add(entry());
          }
        });
    change.run();
    memory.watch(() -> {});
    long[] after = entry();
    for (long[] now : states) {
      boolean blocked = now[0] == BLOCKED && now[1] == 0;
      assertThat(blocked || Arrays.equals(now, before) || Arrays.equals(now, after))
          .as("%x %x %x %x", now[0], now[1], now[2], now[3])
          .isTrue();
    }
  }

  private DriverDomain mapped(Set<DomainFlag> flags, long output) {
    DriverDomain domain = rig.driver.createDomain(DomainSpec.paging(flags));
    DomainBatch batch = domain.batch();
    assertThat(batch.map(IOVA, output, PAGE, RW)).isEqualTo(PAGE);
    batch.sync();
    return domain;
  }

  /** A guest's entry: V, GV, GIoV, one level of GCR3 at 0x1000, and a paging mode. */
  private DriverDomain nested(DriverDomain parent, long guestPagingMode) {
    ByteBuffer words = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    words.putLong(0x04C0_0000_0000_0001L).putLong(0);
    words.putLong(guestPagingMode << 54).putLong(0);
    Blob data = new Blob("amdvi.guest-dte", words.flip());
    return rig.driver.createDomain(DomainSpec.nested(parent, data, Set.of()));
  }

  @Test
  void oneStoreAttachesReplacesAndDetaches() {
    DriverDomain old = mapped(Set.of(), OLD);
    DriverDomain next = mapped(Set.of(), NEW);
    DriverDomain identity = rig.driver.createDomain(DomainSpec.identity());
    change(() -> device.attach(NONE, old));
    assertThat(states).hasSize(1);
    change(
        () -> {
          AttachOutcome outcome = device.replace(NONE, old, next, ChangeMode.HITLESS);
          assertThat(outcome.hitless()).isTrue();
        });
    assertThat(states).hasSize(1);
    change(() -> device.replace(NONE, next, identity, ChangeMode.HITLESS));
    assertThat(states).hasSize(1);
    change(() -> device.detach(NONE, identity));
    assertThat(states).hasSize(1);
    assertThat(entry()).containsExactly(BLOCKED, 0, entry()[2], 0);
  }

  @Test
  void aGuestOfFourLevelsTakesOneStoreAndOneOfFiveThreeThroughBlocked() {
    DriverDomain parent = mapped(Set.of(DomainFlag.NEST_PARENT), OLD);
    DriverDomain four = nested(parent, 0);
    DriverDomain five = nested(parent, 1);
    device.attach(NONE, parent);
    change(
        () ->
            assertThat(device.replace(NONE, parent, four, ChangeMode.HITLESS).hitless()).isTrue());
    assertThat(states).hasSize(1);
    change(
        () ->
            assertThat(device.replace(NONE, four, five, ChangeMode.WINDOW_ALLOWED).hitless())
                .isFalse());
    // Blocked under the old upper half, blocked under the new one, the new entry.
    assertThat(states).hasSize(3);
    assertThat(states.get(0)[0]).isEqualTo(BLOCKED);
    assertThat(states.get(1)[0]).isEqualTo(BLOCKED);
    assertThat(states.get(1)[2]).isEqualTo(entry()[2]);
    device.detach(NONE, five);
    five.close();
    four.close();
  }
}
