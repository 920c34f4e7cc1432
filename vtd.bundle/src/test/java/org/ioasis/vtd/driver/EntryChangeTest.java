package org.ioasis.vtd.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.testing.WatchedMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What a walk of the tables meets after every single store of an attach, a replace and a detach:
 * the old translation or the new one, nothing else; for all source ids of the device, and for a
 * neighbour nothing changes at all.
 */
class EntryChangeTest {
  private static final int NO_PASID = DmaRequest.NO_PASID;
  private static final int ALIAS = 0x32A;
  private static final long IOVA = 0x12_3456_7000L;
  private static final long OLD = 0x10_0000;
  private static final long NEW = 0x20_0000;
  private static final long NEIGHBOUR = 0x30_0000;

  private FullRig rig;
  private WatchedMemory<PhysicalMemory> memory;
  private final Set<Long> seen = new HashSet<>();
  private int stores;

  private DriverDomain paging(int stage, long output) {
    DriverDomain domain = rig.paging(stage);
    DomainBatch batch = domain.batch();
    assertThat(batch.map(IOVA, output, 0x1000, 3)).isEqualTo(0x1000);
    batch.sync();
    return domain;
  }

  private long walk(int sourceId, int pasid) {
    return new LiteralWalker(rig.machine.memory(), rig.unit.mmio().read64(0x20))
        .walk(sourceId, pasid, IOVA);
  }

  private void watch(int tag, long... allowed) {
    seen.clear();
    stores = 0;
    List<Long> choice = Arrays.stream(allowed).boxed().toList();
    memory.watch(
        () -> {
          stores++;
          for (int sourceId : new int[] {0x329, ALIAS}) {
            long now = walk(sourceId, tag);
            assertThat(now).as("after store %d", stores).isIn(choice);
            seen.add(now);
          }
          assertThat(walk(0x340, 0)).as("the neighbour").isEqualTo(NEIGHBOUR | 3);
        });
  }

  private void ended(int tag, long expected) {
    memory.watch(() -> {});
    assertThat(stores).isPositive();
    assertThat(walk(0x329, tag)).isEqualTo(expected);
    assertThat(walk(ALIAS, tag)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"1, 2, -1", "0, 2, -1", "0, 1, -1", "0, 1, 4660", "0, 2, 4660"})
  void everyStoreLeavesOldOrNew(int legacy, int stage, int pasid) {
    try (FullRig made = new FullRig(Scheduler.Mode.INLINE)) {
      rig = made;
      memory = new WatchedMemory<>(PhysicalMemory.class, rig.machine.memory());
      DriverEnvironment plain = rig.environment;
      rig.driver =
          new VtdDriverFactory()
              .create(
                  new DriverEnvironment(
                      plain.unitId(),
                      plain.mmio(),
                      memory.watched(),
                      plain.frames(),
                      plain.interrupts(),
                      plain.time(),
                      plain.devices()),
                  Map.of("legacy", (long) legacy));
      rig.started();
      int tag = pasid == NO_PASID ? 0 : pasid;
      DriverDomain old = paging(stage, OLD);
      DriverDomain next = paging(stage, NEW);
      DriverDevice neighbour = rig.driver.addDevice(rig.b.facts());
      neighbour.attach(NO_PASID, paging(stage, NEIGHBOUR));
      DriverDevice device =
          rig.driver.addDevice(new DeviceFacts(rig.a.spec(), List.of(ALIAS), false));

      watch(tag, 0, OLD | 3);
      device.attach(pasid, old);
      ended(tag, OLD | 3);
      watch(tag, OLD | 3, NEW | 3);
      assertThat(device.replace(pasid, old, next, ChangeMode.HITLESS).hitless()).isTrue();
      ended(tag, NEW | 3);
      assertThat(seen).containsExactlyInAnyOrder(OLD | 3, NEW | 3);
      watch(tag, NEW | 3, 0);
      device.detach(pasid, next);
      ended(tag, 0);
      // An entry that is emptied holds nothing of the old domain.
      if (legacy == 0) {
        assertThat(
                new LiteralWalker(rig.machine.memory(), rig.unit.mmio().read64(0x20))
                    .pasidEntry(0x329, tag))
            .containsOnly(0);
      }
    }
  }
}
