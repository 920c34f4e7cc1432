package org.ioasis.shell.demo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultService;
import org.ioasis.api.machine.DmaRequest;

/**
 * I/O page faults on every unit: memory that comes when a device touches it, and a request that is
 * refused.
 *
 * <p><b>Threading:</b> one thread.
 */
final class PageFaultAct {
  private static final String NAME = "page faults";
  private static final int RW = DmaRequest.READ | DmaRequest.WRITE;
  private static final int FILLS = 5;
  private static final long HEAP = 0x7000_0000L, PAGES = 16, PAGE = 0x1000;

  /** The first fault of a process loads classes: more than the usual time-out on a slow machine. */
  private static final long FIRST_FAULT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Services services;
  private final Stage stage;
  private final IoasService ioas;
  private final FaultService faults;

  PageFaultAct(Services services, Stage stage, FaultService faults) {
    this.services = services;
    this.stage = stage;
    this.faults = faults;
    this.ioas = services.find(IoasService.class).orElseThrow();
  }

  private boolean check(boolean holds, String place, String ours) {
    return stage.tally().check(NAME, holds, place, ours);
  }

  /** Plays on every engine. */
  void play(List<DmaEngine> engines) {
    stage.heading(
        "Page faults, from the device to the handler and back",
        "A process's memory is shared with a device by a PASID; pages come when they are touched.");
    DeviceService devices = services.find(DeviceService.class).orElseThrow();
    faults.timeout(DrainScope.ALL, FIRST_FAULT_NANOS);
    for (DmaEngine engine : engines) {
      String name = engine.spec().endpoint().name();
      Device device = devices.bind(name, Binding.of("demo", 7));
      AddressSpace process = ioas.createSpace(AddressSpaceSpec.named("process of " + name));
      try {
        String unit = services.unit(engine).orElse("nothing");
        fills(engine, device, process, unit);
      } finally {
        device.destroy();
        process.unmapAll();
        process.destroy();
      }
    }
    stage.flush();
  }

  private static TransferStatus store(DmaEngine engine, int pasid, long iova, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return engine.channel().write(pasid, iova, bytes.flip());
  }

  private void fills(DmaEngine engine, Device device, AddressSpace process, String unit) {
    MemorySource heap = ioas.createSource("heap", new MemorySpec.Anonymous(PAGES * PAGE, true));
    process.map(MapRequest.of(heap.handle(), 0, heap.length(), RW).at(HEAP));
    device.attach(new AttachTarget.Space(process.handle()), FILLS);
    TransferStatus filled = store(engine, FILLS, HEAP + PAGE, 0x11);
    TransferStatus refused = store(engine, FILLS, HEAP - PAGE, 0x22);
    check(filled == TransferStatus.OK, unit, "a page that should come: " + filled);
    check(refused == TransferStatus.FAULT, unit, "a page that is nobody's: " + refused);
    stage
        .out()
        .printf(
            "  %s behind %s: untouched page %s, address of nobody %s%n",
            engine.spec().endpoint().name(),
            unit,
            filled == TransferStatus.OK ? "filled, the write went through" : filled,
            refused == TransferStatus.FAULT ? "refused" : refused);
    heap.destroy();
  }
}
