package org.ioasis.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.Set;
import java.util.TreeSet;
import javax.inject.Inject;
import org.ioasis.testing.Requirement;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** The shipped bundles in a framework: all resolve, and all that no vendor owns become active. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class DistributionIT {
  private static final Set<String> OURS =
      Set.of(
          "org.ioasis.api",
          "org.ioasis.kit",
          "org.ioasis.machine",
          "org.ioasis.allocator",
          "org.ioasis.iopf",
          "org.ioasis.domain",
          "org.ioasis.capture",
          "org.ioasis.shell");
  private static final Set<String> VENDORS = Set.of("vtd", "smmuv3", "amdvi");

  @Inject private BundleContext context;

  /** The shipped bundles; those of vendors are installed only. */
  @Configuration
  public Option[] configuration() {
    return new Option[] {
      Distribution.framework(),
      Distribution.bundles(jar -> VENDORS.stream().noneMatch(v -> jar.contains("ioasis." + v)))
    };
  }

  @Test
  @Requirement(68)
  public void everyBundleThatNoVendorOwnsIsActive() {
    Set<String> active = new TreeSet<>();
    for (Bundle bundle : context.getBundles()) {
      String name = bundle.getSymbolicName();
      if (bundle.getHeaders("").get("Ioasis-Vendor") == null) {
        assertEquals(name, Bundle.ACTIVE, bundle.getState());
        active.add(name);
      }
    }
    assertTrue("only " + active, active.containsAll(OURS));
  }

  @Test
  public void everyVendorBundleIsMarkedAndStarts() throws Exception {
    Set<String> vendors = new TreeSet<>();
    for (Bundle bundle : context.getBundles()) {
      String vendor = bundle.getHeaders("").get("Ioasis-Vendor");
      if (vendor != null) {
        bundle.start();
        assertEquals(vendor, Bundle.ACTIVE, bundle.getState());
        vendors.add(vendor);
      }
    }
    assertEquals(new TreeSet<>(VENDORS), vendors);
  }
}
