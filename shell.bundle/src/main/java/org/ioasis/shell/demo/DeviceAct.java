package org.ioasis.shell.demo;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.device.AttachTarget;
import org.ioasis.api.device.Binding;
import org.ioasis.api.device.Device;
import org.ioasis.api.device.DeviceService;
import org.ioasis.api.device.SharePolicy;
import org.ioasis.api.device.ShareReport;
import org.ioasis.api.device.ShareRequest;
import org.ioasis.api.device.UnshareMode;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.IoasService;
import org.ioasis.api.domain.MapRequest;
import org.ioasis.api.domain.MemorySource;
import org.ioasis.api.domain.MemorySpec;
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.domain.SwapService;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.LoadReport;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.shell.text.Table;

/**
 * Devices behind the platform&#39;s units: one space for all of them, one that joins and leaves it,
 * and the exchange of the units beneath while the devices do DMA. Every byte that comes back is
 * compared.
 *
 * <p><b>Threading:</b> one thread.
 */
final class DeviceAct implements AutoCloseable {
  private static final String NAME = "devices";
  private static final int RW = DmaRequest.READ | DmaRequest.WRITE, NONE = DmaRequest.NO_PASID;
  private static final long BASE = 0x1000_0000L, SHARE = 0x10_0000L, PAGE = 0x1000;
  private static final long OWN = 0x4000_0000L;
  private static final long ACCESSES = 500;

  /** A device: the engine, and its owner&#39;s side of it. */
  private record Part(DmaEngine engine, Device device) {
    String name() {
      return engine.spec().endpoint().name();
    }
  }

  private final Services services;
  private final Stage stage;
  private final IoasService ioas;
  private final SwapService swaps;
  private final List<Part> parts = new ArrayList<>();
  private final AddressSpace space;

  /** Binds the engines, which a unit serves each, and attaches them to one space. */
  DeviceAct(Services services, Stage stage, List<DmaEngine> engines) {
    this.services = services;
    this.stage = stage;
    this.ioas = services.find(IoasService.class).orElseThrow();
    this.swaps = services.find(SwapService.class).orElseThrow();
    DeviceService devices = services.find(DeviceService.class).orElseThrow();
    space = ioas.createSpace(AddressSpaceSpec.named("shared"));
    for (DmaEngine engine : engines) {
      String name = engine.spec().endpoint().name();
      parts.add(new Part(engine, devices.bind(name, Binding.of("demo", parts.size() + 1L))));
    }
  }

  private boolean check(boolean holds, String place, String ours) {
    return stage.tally().check(NAME, holds, place, ours);
  }

  private MemorySource memory(String name, long bytes) {
    return ioas.createSource(name, new MemorySpec.Anonymous(bytes, false));
  }

  private static void map(AddressSpace into, MemorySource source, long iova) {
    into.map(MapRequest.of(source.handle(), 0, source.length(), RW).at(iova));
  }

  /** One space, mirrored into the tables of every unit; DMA from all devices at once. */
  void oneSpace() {
    stage.heading(
        "One address space, every unit",
        "A space is mapped once; each unit that serves a device of it has tables of its own"
            + " format.");
    map(space, memory("frames", SHARE * parts.size()), BASE);
    Table table = new Table("  ");
    for (Part part : parts) {
      part.device().attach(new AttachTarget.Space(space.handle()), NONE);
      table.row(
          part.name(),
          "behind " + services.unit(part.engine()).orElse("nothing"),
          "0x%x+0x%x mapped".formatted(BASE, SHARE * parts.size()));
    }
    table.print(stage.out());
    try (Loads loads = new Loads()) {
      startAll(loads);
      check(loads.advance(ACCESSES), "DMA", "a device stands still");
      loads.reports().forEach(this::verified);
      stage.out().println("  " + moved(loads.reports()));
    }
    stage.flush();
  }

  private void startAll(Loads loads) {
    for (int i = 0; i < parts.size(); i++) {
      loads.start(parts.get(i).engine(), BASE + i * SHARE, SHARE);
    }
  }

  private void verified(LoadReport report) {
    check(report.wrongBytes() == 0, "bytes", report.wrongBytes() + " wrong bytes");
    check(report.refused().isEmpty(), "accesses", "refused " + report.refused());
  }

  private static String moved(List<LoadReport> reports) {
    long accesses = reports.stream().mapToLong(LoadReport::accesses).sum();
    long bytes = reports.stream().mapToLong(LoadReport::bytes).sum();
    long wrong = reports.stream().mapToLong(LoadReport::wrongBytes).sum();
    return "%,d accesses moved %,d bytes, %d wrong".formatted(accesses, bytes, wrong);
  }

  /** A device leaves for a space of its own, joins again, and leaves with a copy. */
  void share() {
    stage.heading(
        "Sharing and leaving",
        "A device joins another one's space: whose mappings go is asked first, then said.");
    Part guest = parts.get(parts.size() - 1);
    Part host = parts.get(0);
    guest.device().detach(NONE);
    AddressSpace own = ioas.createSpace(AddressSpaceSpec.named("own"));
    map(own, memory("own frames", 4 * PAGE), OWN);
    guest.device().attach(new AttachTarget.Space(own.handle()), NONE);
    DeviceService devices = services.find(DeviceService.class).orElseThrow();
    ShareRequest join =
        ShareRequest.move(guest.device().handle())
            .into(host.device().handle(), SharePolicy.DISCARD);
    ShareReport dry = devices.shareDryRun(join);
    check(dry.lost().size() == 1 && !dry.performed(), "dry run", dry.toString());
    stage
        .out()
        .printf(
            "  dry run: %s would lose %d mapping of its own%n", guest.name(), dry.lost().size());
    check(devices.share(join).performed(), "share", "not performed");
    check(store(host, BASE, 0x5EED) == TransferStatus.OK, host.name(), "cannot write");
    check(load(guest, BASE) == 0x5EED, guest.name(), "does not see what the other wrote");
    stage.out().printf("  %s reads what %s wrote%n", guest.name(), host.name());
    guest.device().unshare(UnshareMode.COPY);
    check(load(guest, BASE) == 0x5EED, guest.name(), "lost the copy");
    space.unmap(new IovaRange(BASE, BASE + SHARE * parts.size() - 1), UnmapMode.WHOLE);
    check(store(host, BASE, 1) == TransferStatus.FAULT, host.name(), "reaches what is gone");
    check(load(guest, BASE) == 0x5EED, guest.name(), "its copy went with the other's mapping");
    stage
        .out()
        .printf(
            "  %s leaves with a copy; the other space is emptied, and only %s notices%n",
            guest.name(), host.name());
    guest.device().detach(NONE);
    map(space, memory("frames again", SHARE * parts.size()), BASE);
    guest.device().attach(new AttachTarget.Space(space.handle()), NONE);
    stage.flush();
  }

  private static TransferStatus store(Part part, long iova, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    return part.engine().channel().write(NONE, iova, bytes.flip());
  }

  /** What a device reads, -1 if it is refused. */
  private static long load(Part part, long iova) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    TransferStatus status = part.engine().channel().read(NONE, iova, bytes);
    return status == TransferStatus.OK ? bytes.flip().getLong() : -1;
  }

  /** Every unit is exchanged for the next one, once around, under load. */
  void swaps() {
    List<String> units =
        parts.stream().map(part -> services.unit(part.engine()).orElseThrow()).distinct().toList();
    Optional<String> home = Optional.of(units.get(0)); // where a round of swaps ends for all
    stage.heading(
        "Units exchanged under load",
        "Tables are built beside the old ones; then device by device is moved, DMA going on.");
    try (Loads loads = new Loads()) {
      startAll(loads);
      loads.advance(ACCESSES);
      for (int i = 0; i < units.size(); i++) {
        swap(units.get(i), units.get((i + 1) % units.size()));
        check(loads.advance(ACCESSES), "DMA after a swap", "a device stands still");
      }
      loads.reports().forEach(this::verified);
      stage.out().println("  " + moved(loads.reports()));
      check(
          parts.stream().allMatch(part -> services.unit(part.engine()).equals(home)),
          "units",
          "the devices are not all back");
    }
    stage.flush();
  }

  private void swap(String from, String to) {
    SwapReport report = swaps.swap(SwapRequest.of(from, to));
    check(report.performed(), from + " to " + to, report.objections().toString());
    stage
        .out()
        .printf(
            "  %s to %s: %d mapping%s, %d blocked%n",
            from, to, report.mappings(), report.mappings() == 1 ? "" : "s", report.dmaBlocked());
    for (SwapReport.DeviceSwap device : report.devices()) {
      stage
          .out()
          .printf(
              "    %s: port closed for %,d microseconds%n",
              device.device(), device.blackoutNanos() / 1000);
    }
  }

  /** Lets everything go. */
  @Override
  public void close() {
    for (Part part : parts) {
      try {
        part.device().destroy();
      } catch (IoasisException e) {
        stage.tally().check(NAME, false, part.name(), e.getMessage());
      }
    }
    destroy(space.handle());
  }

  private void destroy(Handle<AddressSpace> handle) {
    AddressSpace living = ioas.space(handle);
    living.unmapAll();
    living.destroy();
  }
}
