package org.ioasis.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import javax.inject.Inject;
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
import org.slf4j.LoggerFactory;

/** The checks that the other tests rest on notice what is wrong. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class HarnessIT {
  @Inject private BundleContext context;

  /** Nothing of ours. */
  @Configuration
  public Option[] configuration() {
    return new Option[] {Distribution.framework(), Distribution.infrastructure()};
  }

  @Test
  public void aComponentThatCannotBeMadeIsNoticed() throws Exception {
    Bundle bundle = install("immediate=\"true\"");
    try (ErrorLog log = new ErrorLog(context)) {
      bundle.start();
      List<String> wrong = new Components(context).wrong(bundle, 0);
      assertEquals(wrong.toString(), 1, wrong.size());
      assertTrue(wrong.get(0), wrong.get(0).startsWith("planted"));
      List<String> errors = log.errors();
      assertTrue(errors.toString(), errors.stream().anyMatch(e -> e.contains("planted")));
    } finally {
      bundle.uninstall();
    }
  }

  @Test
  public void aComponentThatIsNotEnabledIsNoticed() throws Exception {
    Bundle bundle = install("enabled=\"false\"");
    try {
      bundle.start();
      assertEquals(List.of("planted is not enabled"), new Components(context).wrong(bundle, 0));
    } finally {
      bundle.uninstall();
    }
  }

  @Test
  public void anErrorInTheLogIsNoticed() throws Exception {
    try (ErrorLog log = new ErrorLog(context)) {
      LoggerFactory.getLogger("planted").error("on purpose");
      assertEquals(List.of("slf4j planted: on purpose"), log.errors());
    }
  }

  /** A bundle whose one component names a class that does not exist. */
  private Bundle install(String attributes) throws BundleException, IOException {
    String manifest =
        """
        Manifest-Version: 1.0
        Bundle-ManifestVersion: 2
        Bundle-SymbolicName: planted
        Service-Component: component.xml
        Require-Capability: osgi.extender;filter:="(osgi.extender=osgi.component)"

        """;
    String component =
        """
        <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="planted" %s>
          <implementation class="planted.Missing"/>
        </scr:component>
        """
            .formatted(attributes);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarOutputStream jar =
        new JarOutputStream(
            bytes,
            new Manifest(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8))))) {
      jar.putNextEntry(new ZipEntry("component.xml"));
      jar.write(component.getBytes(StandardCharsets.UTF_8));
    }
    return context.installBundle("planted", new ByteArrayInputStream(bytes.toByteArray()));
  }
}
