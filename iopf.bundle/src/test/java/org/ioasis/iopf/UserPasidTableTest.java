package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.iopf.Platform.NO_PASID;
import static org.ioasis.iopf.Platform.RW;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.ioasis.api.Blob;
import org.ioasis.api.device.AttachTarget;
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
import org.junit.jupiter.api.Test;

/**
 * A guest with a PASID table of its own: a fault of any PASID goes to the nested domain of the
 * device, and its user mends his own tables. The tables are literal words.
 */
class UserPasidTableTest {
  private static final long GUEST = 0x80_0000, PAGE = 0x1000, IOVA = 0x7F12_3456_7000L;
  private static final long DATA = 0x9000;
  private static final int PASID = 5;

  @Test
  @Requirement({10, 61, 66})
  void aFaultOfAnyPasidReachesTheUserWhoMendsHisOwnTables() throws Exception {
    try (Platform on = new Platform(Scheduler.Mode.STEPS).unit("unit0", Vendor.AMDVI)) {
      DmaEngine engine = on.engine(Vendor.AMDVI, "gpu", 0x20);
      Device device = on.bind(engine);
      AddressSpace guest = on.space("guest");
      MemorySource ram = on.ioas().createSource("ram", new MemorySpec.Region(GUEST, 16 * PAGE));
      guest.map(MapRequest.of(ram.handle(), 0, 16 * PAGE, RW).at(0));
      Domain parent =
          on.domains()
              .create(
                  DomainRequest.paging(device.handle(), guest.handle())
                      .with(Set.of(DomainFlag.NEST_PARENT)));
      FaultQueue queue = on.faults.createQueue(8);
      Domain nested =
          on.domains()
              .create(
                  DomainRequest.nested(device.handle(), parent.handle(), entry(0x1000))
                      .with(Set.of(DomainFlag.USER_PASID_TABLE))
                      .faultsTo(queue.handle()));
      device.attach(new AttachTarget.Table(nested.handle()), NO_PASID);
      List<Integer> pasids = new ArrayList<>();
      queue.onReadable(
          () -> {
            FaultGroup group = queue.poll().orElseThrow();
            pasids.add(group.faults().get(0).pasid());
            if (group.faults().get(0).pasid() == PASID) {
              tables(on);
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
  }

  /** The guest fills its GCR3 table and its v2 tables. */
  private static void tables(Platform on) {
    store(on, 0x2000 + 8 * 0xFE, 0x3027);
    store(on, 0x3000 + 8 * 0x48, 0x4027);
    store(on, 0x4000 + 8 * 0x1A2, 0x5027);
    store(on, 0x5000 + 8 * 0x167, DATA | 0x67);
    store(on, 0x1000 + 8 * PASID, 0x2001);
  }

  private static void store(Platform on, long guestAddress, long value) {
    on.machine.memory().store64(GUEST + guestAddress, value);
  }

  /** V, PPR, GV, GLX 0 and the root, as the guest wrote its entry. */
  private static Blob entry(long root) {
    ByteBuffer words = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    words.putLong(0x0090_0000_0000_0001L | (root >>> 12 & 7) << 58);
    words.putLong((root >>> 15 & 0xFFFF) << 16).putLong(0).putLong(0);
    return new Blob("amdvi.guest-dte", words.flip());
  }
}
