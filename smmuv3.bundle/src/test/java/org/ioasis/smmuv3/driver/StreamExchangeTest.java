package org.ioasis.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.smmuv3.driver.DriverRig.NONE;
import static org.ioasis.smmuv3.driver.DriverRig.RW;
import static org.ioasis.smmuv3.driver.DriverRig.SID;

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
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.testing.WatchedMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Changes of an entry in more words than one, in a copy of its table: what the stream table says
 * for a stream after every single store of the driver, read by literal positions. Old or new, never
 * a mixture, never abort; and the neighbour in the same table stays as it was.
 */
class StreamExchangeTest {
  private static final long IOVA = 0x3456_0000L, OLD = 0x40_0000, NEW = 0x50_0000, PAGE = 0x1000;
  private static final int NEIGHBOUR = SID + 1, ALIAS = 0x777;

  private final DriverRig rig = new DriverRig(Scheduler.Mode.INLINE);
  private final WatchedMemory<PhysicalMemory> memory =
      new WatchedMemory<>(PhysicalMemory.class, rig.machine.memory());
  private final List<long[]> states = new ArrayList<>();
  private DriverDevice device;

  @BeforeEach
  void start() {
    DriverEnvironment plain = rig.environment;
    rig.driver =
        new SmmuDriverFactory()
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
    device = rig.driver.addDevice(new DeviceFacts(rig.facts().endpoint(), List.of(ALIAS), false));
    EndpointSpec other = new EndpointSpec("other", NEIGHBOUR, false, false, false, false, 0);
    rig.driver
        .addDevice(new DeviceFacts(other, List.of(), false))
        .attach(NONE, rig.driver.createDomain(DomainSpec.identity()));
  }

  @AfterEach
  void close() {
    memory.watch(() -> {});
    rig.close();
  }

  /** The entry of a stream: two levels of 256 entries below, 64 bytes each. */
  private long[] entry(int sid) {
    long base = rig.unit.mmio().read64(0x80) & 0xF_FFFF_FFFF_FFC0L;
    long table = rig.at(base + 8L * (sid >> 8)) & 0xFF_FFFF_FFFF_FFC0L;
    long[] words = new long[8];
    for (int word = 0; word < 8; word++) {
      words[word] = rig.at(table + 64L * (sid & 0xFF) + 8L * word);
    }
    return words;
  }

  private void replace(DriverDomain old, DriverDomain next) {
    long[] before = entry(SID);
    long[] neighbour = entry(NEIGHBOUR);
    long[] alias = entry(ALIAS);
    states.clear();
    states.add(before);
    List<String> faults = new ArrayList<>();
    memory.watch(
        () -> {
          long[] now = entry(SID);
          if (!Arrays.equals(states.get(states.size() - 1), now)) {
            states.add(now);
          }
          if (!Arrays.equals(neighbour, entry(NEIGHBOUR))) {
            faults.add("the neighbour's entry changed");
          }
          long[] other = entry(ALIAS);
          if (!Arrays.equals(other, alias) && !Arrays.equals(other, now)) {
            faults.add("the alias has an entry of its own");
          }
        });
    AttachOutcome outcome = device.replace(NONE, old, next, ChangeMode.HITLESS);
    memory.watch(() -> {});
    assertThat(outcome.hitless()).isTrue();
    assertThat(outcome.windowNanos()).isZero();
    assertThat(faults).isEmpty();
    assertThat(states).as("old, then new, in one step").hasSize(2);
    assertThat(entry(SID)).isEqualTo(states.get(1)).isNotEqualTo(before);
    assertThat(entry(ALIAS)).isEqualTo(entry(SID));
  }

  private DriverDomain second(Set<DomainFlag> flags, long output) {
    DriverDomain domain =
        rig.driver.createDomain(new DomainSpec(DomainSpec.Type.PAGING, flags, 0, 2, null, null));
    DomainBatch batch = domain.batch();
    assertThat(batch.map(IOVA, output, PAGE, RW)).isEqualTo(PAGE);
    batch.sync();
    return domain;
  }

  private DriverDomain nested(DriverDomain parent, long pointer) {
    ByteBuffer words = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    words.putLong(0x2000_0000_0000_000BL | pointer).putLong(0xD6);
    Blob data = new Blob("smmuv3.guest-ste", words.flip());
    return rig.driver.createDomain(DomainSpec.nested(parent, data, Set.of()));
  }

  @Test
  void stageTwoForStageTwo() {
    DriverDomain one = second(Set.of(), OLD);
    DriverDomain two = second(Set.of(), NEW);
    device.attach(NONE, one);
    assertThat(rig.write(NONE, IOVA, 1)).isEqualTo(TransferStatus.OK);
    long held = rig.held();
    replace(one, two);
    assertThat(rig.held()).as("the copy took the place of the table").isEqualTo(held);
    assertThat(rig.write(NONE, IOVA, 2)).isEqualTo(TransferStatus.OK);
    assertThat(List.of(rig.at(OLD), rig.at(NEW))).containsExactly(1L, 2L);
    replace(two, one);
    assertThat(rig.write(NONE, IOVA, 3)).isEqualTo(TransferStatus.OK);
    assertThat(rig.at(OLD)).isEqualTo(3);
  }

  @Test
  void stageOneForStageTwoAndBack() {
    DriverDomain one = rig.driver.createDomain(DomainSpec.paging(Set.of()));
    DriverDomain two = second(Set.of(), NEW);
    device.attach(NONE, one);
    replace(one, two);
    assertThat(rig.write(NONE, IOVA, 2)).isEqualTo(TransferStatus.OK);
    replace(two, one);
    assertThat(rig.write(NONE, IOVA, 2)).isEqualTo(TransferStatus.FAULT);
  }

  @Test
  void nestedOverAnotherParent() {
    DriverDomain here = second(Set.of(DomainFlag.NEST_PARENT), OLD);
    DriverDomain there = second(Set.of(DomainFlag.NEST_PARENT), NEW);
    DriverDomain one = nested(here, 0x1000);
    DriverDomain two = nested(there, 0x2000);
    device.attach(NONE, one);
    replace(one, two);
    replace(two, here);
    assertThat(rig.write(NONE, IOVA, 7)).isEqualTo(TransferStatus.OK);
    assertThat(rig.at(OLD)).isEqualTo(7);
  }
}
