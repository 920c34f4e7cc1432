package org.ioasis.shell.demo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Attachment;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.DomainRequest;
import org.ioasis.api.domain.DomainService;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultGroup;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.fault.FaultResponse;
import org.ioasis.api.fault.FaultService;
import org.ioasis.api.machine.DmaRequest;

/**
 * I/O page faults on every unit: memory that comes when a device touches it, a request that is
 * refused, and one that nobody answers in time.
 *
 * <p><b>Threading:</b> one thread.
 */
final class PageFaultAct {
  private static final String NAME = "page faults";
  private static final int RW = DmaRequest.READ | DmaRequest.WRITE;
  private static final int FILLS = 5;
  private static final int FORGETS = 6;
  private static final int GROUPS = 8;
  private static final long HEAP = 0x7000_0000L, PAGES = 16, PAGE = 0x1000;

  /** Long enough for a reader on a slow machine to have the group when its time is over. */
  private static final long FORGOTTEN_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

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
    for (DmaEngine engine : engines) {
      String name = engine.spec().endpoint().name();
      Device device = devices.bind(name, Binding.of("demo", 7));
      AddressSpace process = ioas.createSpace(AddressSpaceSpec.named("process of " + name));
      try {
        String unit = services.unit(engine).orElse("nothing");
        fills(engine, device, process, unit);
        forgets(engine, device, process, unit);
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
    Attachment at = device.attach(new AttachTarget.Space(process.handle()), FILLS);
    DrainScope place = DrainScope.of(at.key());
    faults.timeout(place, FIRST_FAULT_NANOS);
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
    faults.timeout(place, 0);
    device.detach(FILLS);
    process.unmapAll();
    heap.destroy();
  }

  /** The faults of this page table are a user's, who reads them and does not answer. */
  private void forgets(DmaEngine engine, Device device, AddressSpace process, String unit) {
    FaultQueue queue = faults.createQueue(GROUPS);
    AtomicReference<FaultGroup> held = new AtomicReference<>();
    queue.onReadable(() -> queue.poll().ifPresent(held::set));
    Domain table =
        services
            .find(DomainService.class)
            .orElseThrow()
            .create(
                DomainRequest.paging(device.handle(), process.handle())
                    .with(Set.of(DomainFlag.PASID))
                    .faultsTo(queue.handle()));
    Attachment at = device.attach(new AttachTarget.Table(table.handle()), FORGETS);
    DrainScope place = DrainScope.of(at.key());
    faults.timeout(place, FORGOTTEN_NANOS);
    long before = timedOut();
    TransferStatus status = store(engine, FORGETS, HEAP, 0x33);
    check(status == TransferStatus.FAULT, unit, "a page that nobody answers for: " + status);
    check(timedOut() == before + 1, unit, timedOut() - before + " groups timed out");
    Reason late = late(held.get());
    check(late == Reason.LATE, unit, "an answer after the time-out: " + late);
    stage
        .out()
        .printf(
            "    its reader does not answer: %s after %d ms, an answer afterwards is refused"
                + " (%s)%n",
            status == TransferStatus.FAULT ? "ended INVALID" : status,
            TimeUnit.NANOSECONDS.toMillis(FORGOTTEN_NANOS),
            late);
    faults.timeout(place, 0);
    device.detach(FORGETS);
    table.destroy();
    queue.destroy();
  }

  private long timedOut() {
    return faults.counters().getOrDefault("timedOut", 0L);
  }

  /** Why an answer is refused; null if there was nothing to answer or it was taken. */
  private static Reason late(FaultGroup group) {
    if (group == null) {
      return null;
    }
    try {
      group.complete(FaultResponse.SUCCESS);
      return null;
    } catch (IoasisException e) {
      return e.reason();
    }
  }
}
