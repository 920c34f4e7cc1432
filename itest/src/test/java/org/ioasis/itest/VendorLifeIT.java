package org.ioasis.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotSame;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;
import static org.junit.Assert.fail;

import java.util.Collection;
import java.util.List;
import javax.inject.Inject;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.machine.DmaBurst;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.PlatformMachine;
import org.ioasis.api.machine.PortControl;
import org.ioasis.api.machine.Translation;
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
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.Version;

/** A vendor bundle stops, starts and is updated while devices of the platform's machine do DMA. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class VendorLifeIT {
  private static final String VENDOR = "org.ioasis.vtd";
  private static final String UNIT = "dmar0";
  private static final int SOURCE = 0x28; // 00:05.0
  private static final int ROUNDS = 3;

  @Inject private BundleContext context;
  private PlatformConfiguration platform;
  private Machine machine;
  private Bundle vendor;
  private ErrorLog log;

  /** The shipped bundles, VT-d the only vendor. */
  @Configuration
  public Option[] configuration() {
    return new Option[] {
      Distribution.framework(),
      Distribution.bundles(jar -> !jar.contains("ioasis.smmuv3") && !jar.contains("ioasis.amdvi"))
    };
  }

  /** Trusts this test with the platform's machine, which gets one unit. */
  @Before
  public void trust() throws Exception {
    log = new ErrorLog(context);
    platform = new PlatformConfiguration(context);
    platform.trust(context.getBundle().getSymbolicName());
    platform.unit(UNIT, "vtd");
    assertEquals(List.of(), Components.await(this::unitIsMissing));
    machine = platformMachine().machine();
    for (Bundle bundle : context.getBundles()) {
      if (VENDOR.equals(bundle.getSymbolicName())) {
        vendor = bundle;
      }
    }
  }

  /** Nothing was said to be an error. */
  @After
  public void leave() {
    log.close();
    assertEquals(List.of(), log.errors());
  }

  /** The service as it is now; null while a configuration changes. */
  private PlatformMachine platformMachine() {
    ServiceReference<PlatformMachine> reference =
        context.getServiceReference(PlatformMachine.class);
    return reference == null ? null : context.getService(reference);
  }

  private UnitService unit() {
    try {
      Collection<ServiceReference<UnitService>> units =
          context.getServiceReferences(
              UnitService.class, "(" + UnitService.UNIT_ID + "=" + UNIT + ")");
      return units.isEmpty() ? null : context.getService(units.iterator().next());
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Empty once the machine of the new configuration has its unit and this test may hold it. */
  private List<String> unitIsMissing() {
    try {
      PlatformMachine service = platformMachine();
      if (service == null || unit() == null) {
        return List.of("no machine or no unit");
      }
      return service.machine().fabric().units().contains(UNIT)
          ? List.of()
          : List.of("the unit is not installed");
    } catch (IoasisException e) {
      return List.of(e.getMessage());
    }
  }

  @Test
  public void aBundleThatIsNotTrustedGetsNoMachine() throws Exception {
    platform.trust("org.example.other");
    assertEquals(List.of(), Components.await(this::refusalIsMissing));
  }

  private List<String> refusalIsMissing() {
    try {
      PlatformMachine service = platformMachine();
      if (service == null) {
        return List.of("no machine yet");
      }
      service.machine();
      return List.of("the machine was given away");
    } catch (IoasisException e) {
      return e.reason() == Reason.DENIED ? List.of() : List.of(e.getMessage());
    }
  }

  @Test
  public void aUnitGoesWithItsBundleAndItsPortsCloseFirst() throws Exception {
    UnitService first = unit();
    DmaPort port = machine.fabric().join(EndpointSpec.plain("device", SOURCE), new Endpoint() {});
    try {
      PortControl valve = machine.fabric().port(SOURCE).orElseThrow();
      valve.open(UNIT);
      assertTrue(Translation.isPresent(ask(port)));
      vendor.stop();
      assertNull(unit());
      assertNull(valve.unitId());
      assertEquals(List.of(), machine.fabric().units());
      assertEquals(Translation.Refusal.BLOCKED, Translation.refusal(ask(port)));
      vendor.start();
      assertEquals(List.of(), Components.await(this::unitIsMissing));
      assertNotSame(first, unit());
      // A unit in reset state passes everything; so nobody but its owner opens the port again.
      assertEquals(Translation.Refusal.BLOCKED, Translation.refusal(ask(port)));
      assertNull(valve.unitId());
    } finally {
      port.close();
    }
  }

  private static long ask(DmaPort port) {
    DmaBurst burst = port.burst();
    burst.begin();
    try {
      return burst.translate(
          new DmaRequest().set(SOURCE, DmaRequest.NO_PASID, 0x1000, 4, DmaRequest.READ));
    } finally {
      burst.end();
    }
  }

  @Test
  @Requirement(67)
  public void aConsumerLivesThroughStopStartAndUpdate() throws Exception {
    try (DmaConsumer consumer = new DmaConsumer(context, machine)) {
      consumer.awaitMore(false, 500);
      for (int round = 1; round <= ROUNDS; round++) {
        stopAndStart(consumer);
        update(consumer, new Version(0, 1, round, "swapped"));
      }
      assertEquals("", consumer.complaint());
    }
  }

  private void stopAndStart(DmaConsumer consumer) throws Exception {
    vendor.stop();
    long before = consumer.translated();
    consumer.awaitMore(true, 100);
    assertEquals("translated without hardware", before, consumer.translated());
    assertNull(consumer.maker());
    vendor.start();
    consumer.awaitMore(false, 500);
  }

  private void update(DmaConsumer consumer, Version version) throws Exception {
    ClassLoader old = consumer.maker();
    UnitService oldUnit = unit();
    vendor.update(new PatchedJar("vtd").version(version).open());
    assertEquals(version, vendor.getVersion());
    assertEquals(Bundle.ACTIVE, vendor.getState());
    consumer.awaitMore(false, 500);
    assertEquals(List.of(), Components.await(this::unitIsMissing));
    if (old == consumer.maker()) {
      fail("the provider after the update is the old one");
    }
    assertNotSame(oldUnit, unit());
  }
}
