package org.ioasis.itest;

import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.inject.Inject;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.UnitService;
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
import org.osgi.framework.BundleException;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * The shipped bundles with each choice of vendors. A unit of every kind is configured; exactly
 * those of the chosen vendors that model hardware live, and everything else is as without vendors.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
@Requirement(67)
public class VendorChoiceIT {
  private static final List<String> VENDORS = List.of("vtd", "smmuv3", "amdvi");

  @Inject private BundleContext context;

  /** The shipped bundles; those of vendors are installed only. */
  @Configuration
  public Option[] configuration() {
    return new Option[] {
      Distribution.framework(),
      Distribution.bundles(jar -> VENDORS.stream().noneMatch(v -> jar.contains("ioasis." + v)))
    };
  }

  /** Configures a unit of each kind. */
  @Before
  public void configure() throws Exception {
    PlatformConfiguration platform = new PlatformConfiguration(context);
    for (String kind : VENDORS) {
      platform.unit("unit-" + kind, kind);
    }
  }

  /** Back to no vendor. */
  @After
  public void reset() throws Exception {
    for (Bundle bundle : context.getBundles()) {
      if (vendor(bundle) != null) {
        bundle.stop();
      }
    }
  }

  @Test
  public void none() throws Exception {
    startsWith(Set.of());
  }

  @Test
  public void vtd() throws Exception {
    startsWith(Set.of("vtd"));
  }

  @Test
  public void smmuv3() throws Exception {
    startsWith(Set.of("smmuv3"));
  }

  @Test
  public void amdvi() throws Exception {
    startsWith(Set.of("amdvi"));
  }

  @Test
  public void vtdAndSmmuv3() throws Exception {
    startsWith(Set.of("vtd", "smmuv3"));
  }

  @Test
  public void vtdAndAmdvi() throws Exception {
    startsWith(Set.of("vtd", "amdvi"));
  }

  @Test
  public void smmuv3AndAmdvi() throws Exception {
    startsWith(Set.of("smmuv3", "amdvi"));
  }

  @Test
  public void all() throws Exception {
    startsWith(Set.of("vtd", "smmuv3", "amdvi"));
  }

  private void startsWith(Set<String> chosen) throws Exception {
    Components components = new Components(context);
    try (ErrorLog log = new ErrorLog(context)) {
      start(chosen);
      List<String> wrong = new ArrayList<>();
      for (Bundle bundle : context.getBundles()) {
        String vendor = vendor(bundle);
        boolean active = bundle.getState() == Bundle.ACTIVE;
        if (active != (vendor == null || chosen.contains(vendor))) {
          wrong.add(bundle + " is " + (active ? "active" : "not active"));
        } else if (active && bundle.getSymbolicName().startsWith("org.ioasis.")) {
          wrong.addAll(components.wrong(bundle));
        }
      }
      assertEquals(List.of(), wrong);
      assertEquals(List.of(), Components.await(() -> difference(chosen)));
      assertEquals(List.of(), log.errors());
    }
  }

  private void start(Set<String> chosen) throws BundleException {
    Set<String> started = new TreeSet<>();
    for (Bundle bundle : context.getBundles()) {
      String vendor = vendor(bundle);
      if (vendor != null && chosen.contains(vendor)) {
        bundle.start();
        started.add(vendor);
      }
    }
    assertEquals(chosen, started);
  }

  /** The units that live are those of the expected kinds; otherwise a line that says what lives. */
  private List<String> difference(Set<String> expected) {
    try {
      TreeMap<String, String> units = new TreeMap<>();
      for (ServiceReference<UnitService> reference :
          context.getServiceReferences(UnitService.class, null)) {
        units.put(
            (String) reference.getProperty(HardwareFactory.KIND),
            (String) reference.getProperty(UnitService.UNIT_ID));
      }
      TreeMap<String, String> right = new TreeMap<>();
      expected.forEach(kind -> right.put(kind, "unit-" + kind));
      return units.equals(right) ? List.of() : List.of("units " + units + ", not " + right);
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String vendor(Bundle bundle) {
    return bundle.getHeaders("").get("Ioasis-Vendor");
  }
}
