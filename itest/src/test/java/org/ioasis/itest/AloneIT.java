package org.ioasis.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;

import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import javax.inject.Inject;
import org.ioasis.testing.Requirement;
import org.junit.After;
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
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Each bundle with nothing of ours beside it but the API, and for vendors the ground floor: it
 * starts, idles without what it lacks, stops, and starts again. Nothing tells an error.
 *
 * <p>A method per bundle: Pax Exam's parameterised runner executes everything twice under failsafe.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
@Requirement(67)
public class AloneIT {
  private static final Set<String> VENDORS = Set.of("vtd", "smmuv3", "amdvi");

  private final List<Bundle> installed = new ArrayList<>();

  @Inject private BundleContext context;

  /** What a bundle may rely on besides bundles of ours. */
  @Configuration
  public Option[] configuration() {
    return new Option[] {Distribution.framework(), Distribution.infrastructure()};
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
  public void everyShippedBundleIsHere() {
    List<String> missing = new ArrayList<>();
    for (Path jar : Distribution.jars()) {
      String name = jar.getFileName().toString();
      if (name.startsWith("org.ioasis.")) {
        missing.add(name.substring("org.ioasis.".length(), name.indexOf('-')));
      }
    }
    for (Method method : AloneIT.class.getMethods()) {
      missing.remove(method.getName());
    }
    assertEquals(List.of(), missing);
  }

  @Test
  public void api() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("api");
  }

  @Test
  public void kit() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("kit");
  }

  @Test
  public void machine() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("machine");
  }

  @Test
  public void vtd() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("vtd");
  }

  @Test
  public void smmuv3() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("smmuv3");
  }

  @Test
  public void amdvi() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("amdvi");
  }

  @Test
  public void allocator() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("allocator");
  }

  @Test
  public void iopf() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("iopf");
  }

  @Test
  public void domain() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("domain");
  }

  @Test
  public void capture() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("capture");
  }

  @Test
  public void shell() throws BundleException {
    startsAndIdlesWithoutWhatItLacks("shell");
  }

  private void startsAndIdlesWithoutWhatItLacks(String part) throws BundleException {
    if (!part.equals("api")) {
      install("api").start();
    }
    if (VENDORS.contains(part)) {
      install("kit").start();
      install("machine").start();
    }
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
      assertEquals(List.of(), log.errors());
    }
  }
}
