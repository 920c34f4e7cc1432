package org.ioasis.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import javax.inject.Inject;
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
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Each bundle with nothing of ours beside it but the API, and for vendors the ground floor: it
 * starts, idles without what it lacks, stops, and starts again. Nothing tells an error.
 */
@RunWith(PaxExamParameterized.class)
@ExamReactorStrategy(PerClass.class)
public class AloneIT {
  private static final Set<String> VENDORS = Set.of("vtd", "smmuv3", "amdvi");

  private final String part;
  private final List<Bundle> installed = new ArrayList<>();

  @Inject private BundleContext context;

  /** One run of the test per bundle. */
  public AloneIT(String part) {
    this.part = part;
  }

  /** All bundles of ours; {@link DistributionIT} holds the list to what ships. */
  @Parameters(name = "{0}")
  public static List<Object[]> parts() {
    List<Object[]> parts = new ArrayList<>();
    for (String part :
        List.of(
            "api",
            "kit",
            "machine",
            "vtd",
            "smmuv3",
            "amdvi",
            "allocator",
            "iopf",
            "domain",
            "capture",
            "shell")) {
      parts.add(new Object[] {part});
    }
    return parts;
  }

  /** What a bundle may rely on besides bundles of ours. */
  @Configuration
  public static Option[] configuration() {
    return new Option[] {Distribution.framework(), Distribution.infrastructure()};
  }

  /** Installs the bundle and what it may have beside it. */
  @Before
  public void install() throws BundleException {
    if (!part.equals("api")) {
      install("api").start();
    }
    if (VENDORS.contains(part)) {
      install("kit").start();
      install("machine").start();
    }
  }

  /** Takes everything of ours away again. */
  @After
  public void uninstall() throws BundleException {
    Collections.reverse(installed);
    for (Bundle bundle : installed) {
      bundle.uninstall();
    }
    FrameworkWiring wiring = context.getBundle(0).adapt(FrameworkWiring.class);
    wiring.refreshBundles(installed);
    assertEquals(
        List.of(),
        Components.await(
            () -> wiring.getRemovalPendingBundles().stream().map(Bundle::toString).toList()));
  }

  private Bundle install(String name) throws BundleException {
    Bundle bundle = context.installBundle(Distribution.jar(name).toUri().toString());
    installed.add(bundle);
    return bundle;
  }

  @Test
  @Requirement(67)
  public void startsAndIdlesWithoutWhatItLacks() throws BundleException {
    Components components = new Components(context);
    try (ErrorLog log = new ErrorLog(context)) {
      Bundle bundle = install(part);
      for (int round = 0; round < 2; round++) {
        bundle.start();
        assertEquals(part, Bundle.ACTIVE, bundle.getState());
        assertEquals(List.of(), components.wrong(bundle));
        boolean declares = bundle.getHeaders("").get("Service-Component") != null;
        assertEquals("components of " + part, declares, components.count(bundle) > 0);
        bundle.stop();
        assertEquals(part, Bundle.RESOLVED, bundle.getState());
        assertNull(part, bundle.getRegisteredServices());
      }
      assertTrue(String.join("\n", log.errors()), log.errors().isEmpty());
    }
  }
}
