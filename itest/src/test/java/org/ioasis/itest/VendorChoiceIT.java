package org.ioasis.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
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
import org.junit.runners.Parameterized.Parameters;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExamParameterized;
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
@RunWith(PaxExamParameterized.class)
@ExamReactorStrategy(PerClass.class)
public class VendorChoiceIT {
  private static final List<String> VENDORS = List.of("vtd", "smmuv3", "amdvi");

  /** Vendors whose bundles model hardware; the others follow with their issues. */
  private static final Set<String> WITH_HARDWARE = Set.of("vtd");

  private final Set<String> chosen;
  private PlatformConfiguration platform;

  @Inject private BundleContext context;

  /** One run of the test per choice. */
  public VendorChoiceIT(String choice) {
    chosen = new TreeSet<>(choice.equals("none") ? List.of() : Arrays.asList(choice.split("\\+")));
  }

  /** None, each one, each pair, all. */
  @Parameters(name = "{0}")
  public static List<Object[]> choices() {
    List<Object[]> choices = new ArrayList<>();
    for (int set = 0; set < 1 << VENDORS.size(); set++) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < VENDORS.size(); i++) {
        if ((set >> i & 1) != 0) {
          names.add(VENDORS.get(i));
        }
      }
      choices.add(new Object[] {names.isEmpty() ? "none" : String.join("+", names)});
    }
    return choices;
  }

  /** The shipped bundles; those of vendors are installed only. */
  @Configuration
  public static Option[] configuration() {
    return new Option[] {
      Distribution.framework(),
      Distribution.bundles(jar -> VENDORS.stream().noneMatch(v -> jar.contains("ioasis." + v)))
    };
  }

  /** Configures a unit of each kind. */
  @Before
  public void configure() throws Exception {
    platform = new PlatformConfiguration(context);
    for (String kind : VENDORS) {
      platform.unit("unit-" + kind, kind);
    }
  }

  /** Back to no vendor and no configuration. */
  @After
  public void reset() throws Exception {
    platform.close();
    for (Bundle bundle : context.getBundles()) {
      if (vendor(bundle) != null) {
        bundle.stop();
      }
    }
  }

  @Test
  @Requirement(67)
  public void startsWithThisChoiceOfVendors() throws Exception {
    Components components = new Components(context);
    try (ErrorLog log = new ErrorLog(context)) {
      startChosen();
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
      Set<String> expected = new TreeSet<>(chosen);
      expected.retainAll(WITH_HARDWARE);
      assertEquals(List.of(), Components.await(() -> difference(expected)));
      assertTrue(String.join("\n", log.errors()), log.errors().isEmpty());
    }
  }

  private void startChosen() throws BundleException {
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
