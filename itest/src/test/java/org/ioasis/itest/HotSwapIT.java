package org.ioasis.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
import org.ioasis.api.domain.SwapReport;
import org.ioasis.api.domain.SwapRequest;
import org.ioasis.api.domain.SwapService;
import org.ioasis.api.engine.DmaEngine;
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
import org.osgi.framework.Version;

/**
 * The bundle below devices stops, is updated, is uninstalled, throws in its activation, and units
 * are exchanged, on the distribution that ships, while two devices do DMA and verify every byte. A
 * device whose bundle is gone waits; nothing of it passes before another unit serves it.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class HotSwapIT {
  private static final String OLD = "dmar0", NEW = "iommu0";
  private static final Map<String, Integer> DEVICES = Map.of("nic0", 0x20, "gpu0", 0x28);
  private static final long BASE = 0x10_0000L, PART = 0x4_0000L;
  private static final long ACCESSES = 100;

  @Inject private BundleContext context;
  private final List<Device> devices = new ArrayList<>();
  private final List<DmaEngine> engines = new ArrayList<>();
  private PlatformServices platform;
  private AddressSpace space;
  private Bundle vendor;
  private ErrorLog log;

  /** The shipped bundles, two vendors. */
  @Configuration
  public Option[] configuration() {
    return new Option[] {
      Distribution.framework(), Distribution.bundles(jar -> !jar.contains("ioasis.smmuv3"))
    };
  }

  /** Two units; two devices behind the first one, in one space. */
  @Before
  public void configure() throws Exception {
    log = new ErrorLog(context);
    PlatformConfiguration configuration = new PlatformConfiguration(context);
    configuration.unit(OLD, "vtd");
    configuration.unit(NEW, "amdvi");
    configuration.routes("0x20-0x2f=" + OLD);
    for (Map.Entry<String, Integer> device : DEVICES.entrySet()) {
      configuration.device(
          device.getKey(), device.getValue(), Map.of("blocked.wait.millis", 20_000L));
    }
    platform = new PlatformServices(context);
    vendor = bundle("org.ioasis.vtd").orElseThrow();
    platform.serves(DEVICES.keySet(), OLD);
    attach();
  }

  private void attach() {
    IoasService ioas = platform.find(IoasService.class);
    space = ioas.createSpace(AddressSpaceSpec.named("shared"));
    MemorySource memory =
        ioas.createSource("m", new MemorySpec.Anonymous(DEVICES.size() * PART, false));
    int rights = DmaRequest.READ | DmaRequest.WRITE;
    space.map(MapRequest.of(memory.handle(), 0, DEVICES.size() * PART, rights).at(BASE));
    for (String name : DEVICES.keySet()) {
      engines.add(platform.engine(name));
      Device device =
          PlatformServices.soon(
              () -> platform.find(DeviceService.class).bind(name, Binding.of("itest", 1)));
      devices.add(device);
      PlatformServices.soon(
          () -> device.attach(new AttachTarget.Space(space.handle()), DmaRequest.NO_PASID));
    }
  }

  /** Everything is let go; nothing was said to be an error. */
  @After
  public void leave() {
    log.close();
    devices.forEach(Device::destroy);
    space.unmapAll();
    space.destroy();
    assertEquals(List.of(), log.errors());
  }

  private Optional<Bundle> bundle(String name) {
    for (Bundle bundle : context.getBundles()) {
      if (name.equals(bundle.getSymbolicName())) {
        return Optional.of(bundle);
      }
    }
    return Optional.empty();
  }

  private void swap(String from, String to, SwapRequest.Order order) {
    SwapReport report =
        platform
            .find(SwapService.class)
            .swap(new SwapRequest(from, to, order, SwapRequest.Formats.REFUSE));
    assertEquals(List.of(), report.objections());
    assertTrue(report.performed());
    assertEquals(1, report.mappings());
    assertEquals(DEVICES.size(), report.devices().size());
    assertTrue(report.devices().stream().noneMatch(SwapReport.DeviceSwap::quarantined));
    platform.serves(DEVICES.keySet(), to);
  }

  private Traffic traffic() {
    Traffic traffic = new Traffic();
    for (int i = 0; i < engines.size(); i++) {
      traffic.start(engines.get(i), BASE + i * PART, PART);
    }
    traffic.flows(ACCESSES);
    return traffic;
  }

  /** Nobody serves the devices now; another unit takes them, and it goes back when all is well. */
  private void replaceWhatIsGone(Traffic traffic, Task comesBack) throws Exception {
    platform.serves(DEVICES.keySet(), null);
    traffic.stands();
    assertEquals(DEVICES.size(), platform.find(SwapService.class).quarantined().size());
    swap(OLD, NEW, SwapRequest.Order.BREAK_BEFORE_MAKE);
    assertEquals(List.of(), platform.find(SwapService.class).quarantined());
    traffic.flows(ACCESSES);
    comesBack.run();
    PlatformServices.soon(
        () ->
            platform
                .find(SwapService.class)
                .dryRun(SwapRequest.of(NEW, OLD))
                .objections()
                .isEmpty());
    swap(NEW, OLD, SwapRequest.Order.MAKE_BEFORE_BREAK);
    traffic.flows(ACCESSES);
  }

  /** Something that a framework may refuse. */
  private interface Task {
    void run() throws Exception;
  }

  @Test
  @Requirement(43)
  public void unitsAreExchangedThereAndBackInBothOrders() throws Exception {
    try (Traffic traffic = traffic()) {
      for (SwapRequest.Order order : SwapRequest.Order.values()) {
        swap(OLD, NEW, order);
        traffic.flows(ACCESSES);
        swap(NEW, OLD, order);
        traffic.flows(ACCESSES);
      }
    }
  }

  @Test
  @Requirement({43, 67})
  public void aVendorThatIsStoppedIsReplaced() throws Exception {
    try (Traffic traffic = traffic()) {
      vendor.stop();
      replaceWhatIsGone(traffic, vendor::start);
    }
  }

  @Test
  @Requirement({43, 67})
  public void aVendorThatIsStoppedAndStartedServesItsDevicesAgain() throws Exception {
    try (Traffic traffic = traffic()) {
      vendor.stop();
      platform.serves(DEVICES.keySet(), null);
      traffic.stands();
      vendor.start();
      platform.serves(DEVICES.keySet(), OLD);
      traffic.flows(ACCESSES);
    }
  }

  @Test
  @Requirement({43, 67})
  public void aVendorIsUpdatedByANewJar() throws Exception {
    try (Traffic traffic = traffic()) {
      Version version = new Version(0, 1, 7, "swapped");
      vendor.update(new PatchedJar("vtd").version(version).open());
      assertEquals(version, vendor.getVersion());
      platform.serves(DEVICES.keySet(), OLD);
      traffic.flows(ACCESSES);
      vendor.update(shipped());
      platform.serves(DEVICES.keySet(), OLD);
      traffic.flows(ACCESSES);
    }
  }

  private static InputStream shipped() throws Exception {
    return Files.newInputStream(Distribution.jar("vtd"));
  }

  @Test
  @Requirement({43, 67})
  public void aVendorThatIsUninstalledIsReplaced() throws Exception {
    try (Traffic traffic = traffic()) {
      String location = vendor.getLocation();
      vendor.uninstall();
      replaceWhatIsGone(
          traffic,
          () -> {
            try (InputStream jar = shipped()) {
              vendor = context.installBundle(location, jar);
            }
            vendor.start();
          });
    }
  }

  @Test
  @Requirement({43, 67})
  public void aVendorWhoseDriverThrowsInItsActivationIsReplaced() throws Exception {
    throwing("OSGI-INF/.*Driver.*[.]xml");
  }

  @Test
  @Requirement({43, 67})
  public void aVendorOfWhichEverythingThrowsInItsActivationIsReplaced() throws Exception {
    throwing("OSGI-INF/.*[.]xml");
  }

  private void throwing(String components) throws Exception {
    try (Traffic traffic = traffic()) {
      vendor.update(
          new PatchedJar("vtd")
              .version(new Version(0, 1, 8, "throws"))
              .with(ThrowingComponent.class)
              .text(
                  name -> name.matches(components),
                  text ->
                      text.replaceAll(
                          "implementation class=\"[^\"]*\"",
                          "implementation class=\"" + ThrowingComponent.class.getName() + "\""))
              .open());
      replaceWhatIsGone(
          traffic,
          () -> {
            try (InputStream jar = shipped()) {
              vendor.update(jar);
            }
          });
    }
    assertTrue("the component runtime tells of it", log.errors().size() > 0);
    log.close();
    log = new ErrorLog(context);
  }
}
