package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.ioasis.iopf.Platform.NO_PASID;
import static org.ioasis.iopf.Platform.RW;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.iopf.Platform.Vendor;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A guest with a PASID table of its own: a fault of any PASID goes to the nested domain of the
 * device, and its user mends his own tables. The tables are literal words. VT-d finds PASID tables
 * by host addresses, so it has none of a user's.
 */
class UserPasidTableTest {
  private static final long GUEST = 0x80_0000, PAGE = 0x1000, IOVA = 0x7F12_3456_7000L;
  private static final long DATA = 0x9000;
  private static final int PASID = 5;

  private Platform on;
  private Device device;
  private FaultQueue queue;

  @AfterEach
  void close() throws Exception {
    on.close();
  }

  private void unit(Vendor vendor) {
    on = new Platform(Scheduler.Mode.STEPS).unit("unit0", vendor);
  }

  private DomainRequest request(Blob entry) {
    AddressSpace guest = on.space("guest");
    MemorySource ram = on.ioas().createSource("ram", new MemorySpec.Region(GUEST, 32 * PAGE));
    guest.map(MapRequest.of(ram.handle(), 0, 32 * PAGE, RW).at(0));
    Domain parent =
        on.domains()
            .create(
                DomainRequest.paging(device.handle(), guest.handle())
                    .with(Set.of(DomainFlag.NEST_PARENT)));
    queue = on.faults.createQueue(8);
    return DomainRequest.nested(device.handle(), parent.handle(), entry)
        .with(Set.of(DomainFlag.USER_PASID_TABLE))
        .faultsTo(queue.handle());
  }

  private void attach(Vendor vendor) {
    Domain nested = on.domains().create(request(entry(vendor)));
    if (vendor != Vendor.AMDVI) { // without a descriptor the SMMU has nobody to ask
      context(vendor, PASID, 0x8000);
      context(vendor, PASID + 1, 0xA000);
    }
    device.attach(new AttachTarget.Table(nested.handle()), NO_PASID);
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, mode = EnumSource.Mode.EXCLUDE, names = "VTD")
  @Requirement({10, 61, 66})
  void aFaultOfAnyPasidReachesTheUserWhoMendsHisOwnTables(Vendor vendor) {
    unit(vendor);
    DmaEngine engine = on.engine(vendor, "gpu", 0x20);
    device = on.bind(engine);
    attach(vendor);
    List<Integer> pasids = new ArrayList<>();
    queue.onReadable(
        () -> {
          FaultGroup group = queue.poll().orElseThrow();
          pasids.add(group.faults().get(0).pasid());
          if (group.faults().get(0).pasid() == PASID) {
            mend(vendor);
            group.complete(FaultResponse.SUCCESS);
          } else {
            group.complete(FaultResponse.INVALID);
          }
        });
    DmaChannel channel = engine.channel();
    assertThat(Platform.store(channel, PASID, IOVA + 8, 0x11)).isEqualTo(TransferStatus.OK);
    assertThat(on.machine.memory().load64(GUEST + DATA + 8)).isEqualTo(0x11);
    assertThat(Platform.store(channel, PASID + 1, IOVA, 1)).isEqualTo(TransferStatus.FAULT);
    assertThat(pasids).containsExactly(PASID, PASID + 1);
    assertThat(on.faults.routes().routes()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(value = Vendor.class, mode = EnumSource.Mode.EXCLUDE, names = "VTD")
  @Requirement({60, 61, 66})
  void aDetachAnswersWhatWaitsAtAnyPasid(Vendor vendor) {
    unit(vendor);
    try (Asker asker = new Asker(on, vendor, "gpu", 0x20)) {
      device = on.devices().bind("gpu", Binding.of("test", 1));
      attach(vendor);
      asker.ask(PASID, IOVA, 1);
      asker.ask(PASID + 1, IOVA, 2);
      List<FaultGroup> held = List.of(queue.poll().orElseThrow(), queue.poll().orElseThrow());
      assertThat(asker.told).isEmpty();
      device.detach(NO_PASID);
      on.settle();
      String answer = vendor == Vendor.SMMUV3_STALL ? "ABORT" : "INVALID_REQUEST";
      assertThat(asker.told.subList(0, 2)).allMatch(word -> word.startsWith(answer));
      assertThat(asker.told).filteredOn(word -> word.startsWith(answer)).hasSize(2);
      assertThat(on.counter("drained")).isEqualTo(2);
      assertThat(on.counter("withdrawn")).isZero();
      assertThat(on.counter("open")).isZero();
      for (FaultGroup group : held) {
        assertThat(reasonOf(() -> group.complete(FaultResponse.SUCCESS))).isEqualTo(Reason.LATE);
      }
    }
  }

  @Test
  @Requirement(61)
  void aUnitThatFindsPasidTablesByHostAddressesRefusesAUsersAndSaysWhy() {
    unit(Vendor.VTD);
    device = on.bind(on.engine(Vendor.VTD, "gpu", 0x20));
    DomainRequest request = request(new Blob("vtd.stage1", ByteBuffer.allocate(16)));
    IoasisException refused =
        catchThrowableOfType(IoasisException.class, () -> on.domains().create(request));
    assertThat(refused.reason()).isEqualTo(Reason.UNSUPPORTED);
    assertThat(refused).hasMessageContaining("USER_PASID_TABLE").hasMessageContaining("host addr");
  }

  private static Reason reasonOf(Runnable call) {
    return catchThrowableOfType(IoasisException.class, call::run).reason();
  }

  /** The guest fills in what leads to its page. */
  private void mend(Vendor vendor) {
    if (vendor == Vendor.AMDVI) { // its GCR3 table and its v2 tables
      store(0x2000 + 8 * 0xFE, 0x3027);
      store(0x3000 + 8 * 0x48, 0x4027);
      store(0x4000 + 8 * 0x1A2, 0x5027);
      store(0x5000 + 8 * 0x167, DATA | 0x67);
      store(0x1000 + 8 * PASID, 0x2001);
    } else { // the four tables below its context descriptor
      store(0x8000 + 8 * 0xFE, 0x3003);
      store(0x3000 + 8 * 0x48, 0x4003);
      store(0x4000 + 8 * 0x1A2, 0x5003);
      store(0x5000 + 8 * 0x167, DATA | 0xF47);
    }
  }

  /** A context descriptor with an empty table; with S where transactions are to stall. */
  private void context(Vendor vendor, int pasid, long table) {
    long stall = vendor == Vendor.SMMUV3_STALL ? 0x1000_0000_0000L : 0;
    long asid = (long) pasid << 48;
    store(0x1000 + 64L * pasid, 0x0000_E205_C000_3510L | asid | stall);
    store(0x1000 + 64L * pasid + 8, table);
    store(0x1000 + 64L * pasid + 24, 0xF404_FF44L);
  }

  private void store(long guestAddress, long value) {
    on.machine.memory().store64(GUEST + guestAddress, value);
  }

  /** The tables' root as the guest wrote it, at its address 0x1000. */
  private static Blob entry(Vendor vendor) {
    ByteBuffer words = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    if (vendor == Vendor.AMDVI) { // V, PPR, GV, GLX 0, GCR3 root 14:12
      words.putLong(0x0490_0000_0000_0001L).putLong(0).putLong(0).putLong(0);
      return new Blob("amdvi.guest-dte", words.flip());
    }
    long eats = vendor == Vendor.SMMUV3_STALL ? 0 : 0x1000_0000L;
    words.putLong(0x2000_0000_0000_100BL).putLong(0xD6 | eats); // 16 descriptors
    return new Blob("smmuv3.guest-ste", words.flip());
  }
}
