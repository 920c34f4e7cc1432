package org.ioasis.machine.fabric;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Scheduler;
import org.ioasis.api.memory.MemoryRegion;
import org.ioasis.machine.interrupt.InterruptController;
import org.ioasis.machine.memory.SparseMemory;
import org.ioasis.machine.work.MachineScheduler;

/** A fabric with its surroundings, one unit {@code u0} and one open port of device 0x10. */
final class FabricFixture {
  static final int SOURCE = 0x10;
  static final long GIB = 1L << 30;

  final Graces graces = new Graces();
  final SparseMemory memory = new SparseMemory(48, List.of(MemoryRegion.ram(0, GIB)));
  final MachineScheduler scheduler =
      new MachineScheduler("m", Scheduler.Mode.INLINE, 0, graces::isCallerInside);
  final InterruptController interrupts =
      new InterruptController(scheduler, 0xFEE0_0000L, 0xFEEF_FFFFL);
  final List<String> removed = new ArrayList<>();
  final MachineFabric fabric = new MachineFabric("m", memory, interrupts, graces, removed::add);
  final FakeUnit unit = new FakeUnit();
  final DmaPort port = fabric.join(EndpointSpec.plain("nic", SOURCE), new Endpoint() {});
  final DmaBurst burst = port.burst();

  FabricFixture() {
    fabric.install("u0", unit);
    fabric.port(SOURCE).orElseThrow().open("u0");
  }

  DmaRequest request(long iova, int access) {
    return new DmaRequest().set(SOURCE, DmaRequest.NO_PASID, iova, 8, access);
  }

  DmaRequest read(long iova) {
    return request(iova, DmaRequest.READ);
  }

  DmaRequest write(long iova) {
    return request(iova, DmaRequest.WRITE);
  }

  long counter(String name) {
    return fabric.counters().get(name);
  }
}
