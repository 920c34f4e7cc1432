package org.ioasis.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.inject.Inject;
import org.ioasis.api.IoasisException;
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
import org.osgi.framework.ServiceReference;

/**
 * Page faults on the platform: with iopf.bundle memory comes when a device touches it; without,
 * page requests are answered INVALID and nothing else suffers; and back again.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class PageFaultsIT {
  private static final String UNIT = "dmar0";
  private static final String DEVICE = "gpu";
  private static final int PASID = 5;
  private static final long HEAP = 0x7000_0000L, PAGE = 0x1000;

  /** The first fault of a process loads classes; on a busy machine 100 ms are too short for it. */
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  @Inject private BundleContext context;
  private ErrorLog log;

  /** The shipped bundles, VT-d the only vendor. */
  @Configuration
  public Option[] configuration() {
    return new Option[] {
      Distribution.framework(),
      Distribution.bundles(jar -> !jar.contains("ioasis.smmuv3") && !jar.contains("ioasis.amdvi"))
    };
  }

  /** The platform's machine gets one unit and a device that asks for pages. */
  @Before
  public void configure() throws Exception {
    log = new ErrorLog(context);
    PlatformConfiguration platform = new PlatformConfiguration(context);
    platform.unit(UNIT, "vtd");
    platform.engine(DEVICE, 0x20, Map.of("ats", true, "pri", true, "pasid.bits", 16));
  }

  /** Nothing was said to be an error. */
  @After
  public void leave() {
    log.close();
    assertEquals(List.of(), log.errors());
  }

  private <T> T service(Class<T> type) {
    List<T> found = new ArrayList<>();
    assertEquals(
        List.of(),
        Components.await(
            () -> {
              ServiceReference<T> reference = context.getServiceReference(type);
              T service = reference == null ? null : context.getService(reference);
              if (service != null) {
                found.add(service);
              }
              return service == null ? List.of("no " + type.getName()) : List.of();
            }));
    return found.get(0);
  }

  /** A call that is refused as long as something is still coming up. */
  private static <T> T soon(Supplier<T> call) {
    List<T> result = new ArrayList<>();
    assertEquals(
        List.of(),
        Components.await(
            () -> {
              try {
                result.add(call.get());
                return List.of();
              } catch (IoasisException e) {
                return List.of(e.getMessage());
              }
            }));
    return result.get(0);
  }

  private void bePatient() {
    service(FaultRouter.class);
    service(FaultService.class).timeout(DrainScope.ALL, PATIENCE_NANOS);
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

  @Test
  @Requirement({46, 52, 66})
  public void withoutTheRouterPageRequestsAreInvalidAndNothingElseSuffers() throws Exception {
    DmaEngine engine = service(DmaEngine.class);
    DeviceService devices = service(DeviceService.class);
    IoasService ioas = service(IoasService.class);
    bePatient();
    Device device = soon(() -> devices.bind(DEVICE, Binding.of("itest", 0xCAFE)));
    AddressSpace space = ioas.createSpace(AddressSpaceSpec.named("process"));
    MemorySource heap = ioas.createSource("heap", new MemorySpec.Anonymous(8 * PAGE, true));
    int rights = DmaRequest.READ | DmaRequest.WRITE;
    space.map(MapRequest.of(heap.handle(), 0, 8 * PAGE, rights).at(HEAP));
    soon(() -> device.attach(new AttachTarget.Space(space.handle()), PASID));
    DmaChannel channel = engine.channel();
    assertEquals(TransferStatus.OK, store(channel, 0, 7));
    assertEquals(7, load(channel, 0));

    router().stop();
    assertNull(context.getServiceReference(FaultRouter.class));
    long before = System.nanoTime();
    assertEquals(TransferStatus.FAULT, store(channel, 1, 8));
    long waited = System.nanoTime() - before;
    assertTrue("the device met no time-out of its own", waited < TimeUnit.SECONDS.toNanos(1));
    assertEquals("what is there is served", 7, load(channel, 0));
    assertEquals(TransferStatus.OK, store(channel, 0, 9));

    router().start();
    bePatient();
    assertEquals(TransferStatus.OK, store(channel, 1, 8));
    assertEquals(8, load(channel, 1));
    assertEquals(9, load(channel, 0));
    device.destroy();
  }
}
