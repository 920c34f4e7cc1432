package org.ioasis.itest;

import static org.ioasis.itest.PlatformServices.soon;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
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
import org.ioasis.api.engine.DmaChannel;
import org.ioasis.api.engine.DmaEngine;
import org.ioasis.api.engine.TransferStatus;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.api.fault.FaultService;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.testing.Requirement;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * Page faults on the platform, behind each vendor's unit, page requests and stalled transactions:
 * with iopf.bundle memory comes when a device touches it; without, requests are answered INVALID
 * and nothing else suffers; and back again.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class PageFaultsIT {
  private static final int PASID = 5;
  private static final int RIGHTS = DmaRequest.READ | DmaRequest.WRITE;
  private static final long HEAP = 0x7000_0000L, PAGE = 0x1000;

  /** The first fault of a process loads classes; on a busy machine 100 ms are too short for it. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  /** A device with the unit it is behind and that unit's kind. */
  private record Place(String device, int sourceId, String unit, String kind, boolean stalls) {}

  private static final List<Place> PLACES =
      List.of(
          new Place("nic", 0x20, "dmar0", "vtd", false),
          new Place("dsp", 0x28, "smmu0", "smmuv3", false),
          new Place("npu", 0x29, "smmu0", "smmuv3", true),
          new Place("gpu", 0x30, "iommu0", "amdvi", false));

  @Inject private BundleContext context;
  private PlatformServices services;
  private ErrorLog log;

  /** The shipped bundles. */
  @Configuration
  public Option[] configuration() {
    return new Option[] {Distribution.framework(), Distribution.bundles(jar -> true)};
  }

  /** The platform's machine gets a unit of each vendor and devices that ask or stall. */
  @Before
  public void configure() throws Exception {
    log = new ErrorLog(context);
    services = new PlatformServices(context);
    PlatformConfiguration platform = new PlatformConfiguration(context);
    platform.routes(
        PLACES.stream()
            .map(place -> "0x%x=%s".formatted(place.sourceId(), place.unit()))
            .toArray(String[]::new));
    for (Place place : PLACES) {
      platform.unit(place.unit(), place.kind());
      platform.device(
          place.device(),
          place.sourceId(),
          Map.of(
              "trusted",
              true,
              "ats",
              !place.stalls(),
              "pri",
              !place.stalls(),
              "stall",
              place.stalls(),
              "pasid.bits",
              8,
              "answer.wait.millis",
              TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS)));
    }
    for (Place place : PLACES) {
      services.serves(List.of(place.device()), place.unit());
    }
  }

  /** Nothing was said to be an error. */
  @After
  public void leave() {
    log.close();
    assertEquals(List.of(), log.errors());
  }

  private void bePatient() {
    services.find(FaultRouter.class);
    services.find(FaultService.class).timeout(DrainScope.ALL, PATIENCE_NANOS);
  }

  private Bundle router() {
    for (Bundle bundle : context.getBundles()) {
      if ("org.ioasis.iopf".equals(bundle.getSymbolicName())) {
        return bundle;
      }
    }
    throw new AssertionError("no router in the distribution");
  }

  private static TransferStatus store(DmaChannel channel, int page, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    return channel.write(PASID, HEAP + page * PAGE, bytes.putLong(value).flip());
  }

  private static long load(DmaChannel channel, int page) {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(TransferStatus.OK, channel.read(PASID, HEAP + page * PAGE, bytes));
    return bytes.flip().getLong();
  }

  /** One device at work: its memory is filled page by page, as far as somebody answers. */
  private final class Worker {
    private final Place place;
    private final Device device;
    private final DmaChannel channel;

    Worker(Place place) {
      this.place = place;
      DmaEngine engine = services.engine(place.device());
      DeviceService devices = services.find(DeviceService.class);
      IoasService ioas = services.find(IoasService.class);
      device = soon(() -> devices.bind(place.device(), Binding.of("itest", 0xCAFE)));
      AddressSpace space = ioas.createSpace(AddressSpaceSpec.named("of " + place.device()));
      MemorySource heap = ioas.createSource("heap", new MemorySpec.Anonymous(8 * PAGE, true));
      space.map(MapRequest.of(heap.handle(), 0, 8 * PAGE, RIGHTS).at(HEAP));
      soon(() -> device.attach(new AttachTarget.Space(space.handle()), PASID));
      channel = engine.channel();
    }

    void stores(int page, long value) {
      assertEquals(place.toString(), TransferStatus.OK, store(channel, page, value));
      assertEquals(place.toString(), value, load(channel, page));
    }

    void isRefused(int page) {
      long before = System.nanoTime();
      assertEquals(place.toString(), TransferStatus.FAULT, store(channel, page, 8));
      long waited = System.nanoTime() - before;
      assertTrue(place + " met no time-out of its own", waited < PATIENCE_NANOS / 2);
    }
  }

  @Test
  @Requirement({46, 52, 66})
  public void withoutTheRouterPageRequestsAreInvalidAndNothingElseSuffers() throws Exception {
    bePatient();
    List<Worker> workers = new ArrayList<>();
    for (Place place : PLACES) {
      Worker worker = new Worker(place);
      worker.stores(0, 7);
      workers.add(worker);
    }

    router().stop();
    assertNull(context.getServiceReference(FaultRouter.class));
    for (Worker worker : workers) {
      worker.isRefused(1);
      assertEquals("what is there is served", 7, load(worker.channel, 0));
      worker.stores(0, 9);
    }

    router().start();
    bePatient();
    for (Worker worker : workers) {
      worker.stores(1, 8);
      assertEquals(9, load(worker.channel, 0));
      worker.device.destroy();
    }
  }
}
