package org.ioasis.smmuv3.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ioasis.smmuv3.driver.DriverRig.NONE;
import static org.ioasis.smmuv3.driver.DriverRig.RW;
import static org.ioasis.smmuv3.driver.DriverRig.SID;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.DriverVirtualIommu;
import org.ioasis.api.driver.DriverVirtualIommu.VirtualDeviceLease;
import org.ioasis.api.driver.VirtualIommuSupport;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.Scheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A guest&#39;s SMMU over a driver: his StreamID 7 is the platform&#39;s device, his CD (one, for
 * requests without a PASID) and his tables lie in memory that the parent maps from 0 on.
 */
class VirtualSmmuTest {
  private static final long GUEST = 0x80_0000, PAGE = 0x1000, IOVA = 0x1234_5678_9000L;
  private static final long DATA = 0x9000, TABLES = 0x4000, LEAF = TABLES + 0x3000 + 8 * 0x189;
  private static final long VIRTUAL = 7;

  private final DriverRig rig = new DriverRig(Scheduler.Mode.INLINE).started();
  private final DriverDomain parent =
      rig.driver.createDomain(DomainSpec.paging(Set.of(DomainFlag.NEST_PARENT)));
  private final DriverDevice device = rig.driver.addDevice(rig.facts());
  private final VirtualIommuSupport support =
      rig.driver.capability(VirtualIommuSupport.class).orElseThrow();
  private final DriverVirtualIommu guest = support.create(parent, DriverRig.blob("smmuv3.viommu"));
  private DriverDomain nested;

  @BeforeEach
  void build() {
    DomainBatch batch = parent.batch();
    batch.map(0, GUEST, 16 * PAGE, RW);
    batch.sync();
    store(0x1000, 0x002A_E205_C000_3510L);
    store(0x1008, TABLES);
    store(0x1018, 0xF404_FF44L);
    store(TABLES + 8 * 0x024, TABLES + 0x1003);
    store(TABLES + 0x1000 + 8 * 0x0D1, TABLES + 0x2003);
    store(TABLES + 0x2000 + 8 * 0x0B3, TABLES + 0x3003);
    store(LEAF, DATA | 0xF47);
    nested = guest.createNested(DriverRig.blob("smmuv3.guest-ste", 0x100B, 0xD4), Set.of());
    device.attach(NONE, nested);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private void store(long guestAddress, long value) {
    rig.machine.memory().store64(GUEST + guestAddress, value);
  }

  private BatchResult tell(long... words) {
    return guest.invalidations().invalidate(DriverRig.blob("smmuv3.commands", words), 16);
  }

  private static void refused(Runnable call, Reason reason, String why) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            IoasisException.class,
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(reason);
              assertThat(refusal).hasMessageContaining(why);
            });
  }

  @Test
  void commandsNameDevicesByTheGuestsStreamIds() {
    VirtualDeviceLease lease = guest.addDevice(device, VIRTUAL);
    assertThat(lease.virtualId()).isEqualTo(VIRTUAL);
    assertThat(rig.write(NONE, IOVA, 1)).isEqualTo(TransferStatus.OK);
    store(0x1000, 0); // his CD is gone, and the unit does not know
    assertThat(rig.write(NONE, IOVA, 2)).isEqualTo(TransferStatus.OK);
    long cfgiCd = (VIRTUAL << 32) | 0x05;
    assertThat(tell(cfgiCd, 1, 0x46, 0)).isEqualTo(BatchResult.all(2));
    assertThat(rig.write(NONE, IOVA, 3)).isEqualTo(TransferStatus.FAULT);
    BatchResult stranger = tell(0x46, 0, ((VIRTUAL + 1) << 32) | 0x05, 1);
    assertThat(stranger.done()).isOne();
    assertThat(stranger.reason()).isEqualTo(Reason.INVALID);
    lease.close();
    assertThat(tell(cfgiCd, 1).done()).isZero();
  }

  @Test
  void tablesAreInvalidatedUnderTheParentsVmid() {
    guest.addDevice(device, VIRTUAL);
    assertThat(rig.write(NONE, IOVA, 1)).isEqualTo(TransferStatus.OK);
    store(LEAF, 0);
    assertThat(tell((0x2AL << 48) | (0x99L << 32) | 0x12, IOVA)).isEqualTo(BatchResult.all(1));
    assertThat(rig.write(NONE, IOVA, 2)).isEqualTo(TransferStatus.FAULT);
    assertThat(rig.at(GUEST + DATA)).isOne();
  }

  @Test
  void eventsOfTheGuestsStageReachHimWithHisStreamId() throws Exception {
    guest.addDevice(device, VIRTUAL);
    List<Blob> events = new ArrayList<>();
    AutoCloseable reports = guest.events("smmuv3.events", events::add);
    refused(() -> guest.events("smmuv3.events", events::add), Reason.EXISTS, "reported already");
    refused(() -> guest.events("smmuv3.pages", events::add), Reason.UNSUPPORTED, "smmuv3.events");
    // A translation request that finds nothing is answered, not logged: switch ATS off.
    rig.machine.fabric().endpoint(SID).orElseThrow().enable(false, false, false);
    assertThat(rig.write(NONE, IOVA + PAGE, 1)).isEqualTo(TransferStatus.FAULT);
    rig.settle();
    assertThat(rig.faults.seen).isEmpty();
    assertThat(events).hasSize(1);
    ByteBuffer record = events.get(0).bytes().order(ByteOrder.LITTLE_ENDIAN);
    assertThat(record.getLong()).isEqualTo((VIRTUAL << 32) | 0x10); // F_TRANSLATION
    assertThat(record.getLong()).isEqualTo(0x200_0000_0000L); // CLASS=IN, S2=0, a write
    assertThat(record.getLong()).isEqualTo(IOVA + PAGE);
    // What the parent refuses is the platform's business.
    store(LEAF, 0x4_0000 | 0xF47);
    tell(0x10, 0);
    assertThat(rig.write(NONE, IOVA, 1)).isEqualTo(TransferStatus.FAULT);
    rig.settle();
    assertThat(events).hasSize(1);
    assertThat(rig.faults.seen).hasSize(1);
    reports.close();
    store(LEAF, 0);
    tell(0x10, 0);
    assertThat(rig.write(NONE, IOVA, 1)).isEqualTo(TransferStatus.FAULT);
    rig.settle();
    assertThat(events).hasSize(1);
    assertThat(rig.faults.seen).hasSize(2);
  }

  @Test
  void refusals() {
    assertThat(support.types()).containsExactly("smmuv3.viommu");
    refused(
        () -> support.create(parent, DriverRig.blob("vtd.viommu")),
        Reason.UNSUPPORTED,
        "smmuv3.viommu");
    DriverDomain plain = rig.driver.createDomain(DomainSpec.identity());
    refused(
        () -> support.create(plain, DriverRig.blob("smmuv3.viommu")),
        Reason.INVALID,
        "NEST_PARENT");
    guest.addDevice(device, VIRTUAL);
    refused(() -> guest.addDevice(device, VIRTUAL + 1), Reason.EXISTS, "already");
    refused(() -> guest.addDevice(device, VIRTUAL), Reason.EXISTS, "taken");
    refused(() -> guest.addDevice(device, 1L << 32), Reason.INVALID, "32 bits");
    refused(
        () -> guest.hardwareQueue("tegra241.vcmdq", 0, 0, PAGE), Reason.UNSUPPORTED, "serves none");
    assertThat(guest.window()).isEmpty();
    assertThat(guest.data().type()).isEqualTo("smmuv3.viommu");
  }

  @Test
  void itEndsAfterWhatStandsOnIt() {
    guest.addDevice(device, VIRTUAL);
    refused(guest::close, Reason.BUSY, "end these first");
    device.detach(NONE, nested);
    device.close(); // takes the device out of the guest's
    refused(guest::close, Reason.BUSY, "1 nested domains");
    nested.close();
    guest.close();
    parent.close();
  }
}
