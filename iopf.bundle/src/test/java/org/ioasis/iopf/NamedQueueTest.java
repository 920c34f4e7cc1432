package org.ioasis.iopf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.ioasis.iopf.Platform.RW;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.iopf.Platform.Vendor;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Who names a queue owns the faults of his page table. What he maps there is wired, memory on
 * demand too, so that no fault is left for the platform to serve; the same space may be attached
 * elsewhere without a queue, and is filled there by the platform.
 */
class NamedQueueTest {
  private static final int PROCESS = 5;
  private static final long HEAP = 0x7000_0000L;

  private final Platform on = new Platform(Scheduler.Mode.STEPS);
  private final List<FaultGroup> read = new ArrayList<>();
  private AddressSpace space;
  private DmaEngine engine;

  @AfterEach
  void close() throws Exception {
    on.close();
  }

  /** A device at a page table whose faults are refused by the reader of a queue. */
  private DmaChannel queued(Vendor vendor) {
    on.unit("unit0", vendor);
    engine = on.engine(vendor, "gpu", 0x20);
    Device device = on.bind(engine);
    space = on.space("process");
    FaultQueue queue = on.faults.createQueue(8);
    queue.onReadable(
        () -> {
          FaultGroup group = queue.poll().orElseThrow();
          read.add(group);
          group.complete(FaultResponse.INVALID);
        });
    Domain domain =
        on.domains()
            .create(
                DomainRequest.paging(device.handle(), space.handle())
                    .with(Set.of(DomainFlag.PASID))
                    .faultsTo(queue.handle()));
    device.attach(new AttachTarget.Table(domain.handle()), PROCESS);
    return engine.channel();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({45, 53, 66})
  void memoryOnDemandIsWiredAndEveryFaultIsTheUsers(Vendor vendor) {
    DmaChannel channel = queued(vendor);
    Platform.map(space, on.onDemand("heap", 4), HEAP, RW);
    Platform.map(space, on.onDemand("text", 4), 2 * HEAP, DmaRequest.READ);
    for (int page = 0; page < 4; page++) {
      long at = page * Platform.PAGE;
      assertThat(Platform.store(channel, PROCESS, HEAP + at, 7)).isEqualTo(TransferStatus.OK);
      assertThat(Platform.load(channel, PROCESS, 2 * HEAP + at)).isZero();
    }
    assertThat(on.counter("received")).as("it is there before it is touched").isZero();

    assertThat(Platform.store(channel, PROCESS, 2 * HEAP, 7)).isEqualTo(TransferStatus.FAULT);
    assertThat(Platform.store(channel, PROCESS, HEAP - 8, 7)).isEqualTo(TransferStatus.FAULT);
    assertThat(read).hasSize(2);
    assertThat(read.get(0).faults().get(0).address() & -Platform.PAGE).isEqualTo(2 * HEAP);
    assertThat(on.counter("delivered")).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({45, 53, 66})
  void aForkCopiesWiredPagesAtOnce(Vendor vendor) {
    DmaChannel channel = queued(vendor);
    MemorySource heap = on.onDemand("heap", 2);
    Platform.map(space, heap, HEAP, RW);
    assertThat(Platform.store(channel, PROCESS, HEAP, 7)).isEqualTo(TransferStatus.OK);
    MemorySource copy = on.ioas().createSource("fork", new MemorySpec.CopyOf(heap.handle()));
    space.map(MapRequest.of(copy.handle(), 0, copy.length(), RW).at(2 * HEAP));
    assertThat(Platform.store(channel, PROCESS, HEAP, 8)).isEqualTo(TransferStatus.OK);
    assertThat(Platform.load(channel, PROCESS, 2 * HEAP)).isEqualTo(7);
    assertThat(Platform.store(channel, PROCESS, 2 * HEAP, 9)).isEqualTo(TransferStatus.OK);
    assertThat(Platform.load(channel, PROCESS, HEAP)).isEqualTo(8);
    assertThat(on.counter("received")).isZero();
  }

  @ParameterizedTest
  @EnumSource(Vendor.class)
  @Requirement({45, 47, 66})
  void theSameSpaceWithoutAQueueIsServedByThePlatform(Vendor vendor) {
    queued(vendor);
    DmaEngine other = on.engine(vendor, "nic", 0x28);
    Device beside = on.bind(other);
    Platform.attach(beside, space, PROCESS);
    assertThat(space.domains()).hasSize(2);
    Platform.map(space, on.onDemand("heap", 4), HEAP, RW);
    DmaChannel channel = other.channel();
    assertThat(Platform.store(channel, PROCESS, HEAP, 7)).isEqualTo(TransferStatus.OK);
    assertThat(Platform.store(channel, PROCESS, HEAP - 8, 7)).isEqualTo(TransferStatus.FAULT);
    assertThat(read).as("not the queue's").isEmpty();
    assertThat(on.counter("answered.invalid")).isOne();
    assertThat(Platform.load(engine.channel(), PROCESS, HEAP)).isEqualTo(7);
  }
}
