package org.ioasis.itest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.UnsatisfiedReferenceDTO;

/** How the components of bundles are doing, inside a framework. */
final class Components {
  private static final long LIMIT_SECONDS = 10;

  private final BundleContext context;
  private final ServiceComponentRuntime runtime;

  Components(BundleContext context) {
    this.context = context;
    this.runtime = context.getService(context.getServiceReference(ServiceComponentRuntime.class));
  }

  /**
   * Takes every service of a bundle once, so that delayed components come to life, and waits until
   * nothing is wrong any more.
   *
   * @return what stays wrong, a line each: a component that failed, one that waits for a service
   *     that is there, one that is enabled and has no configuration, a service that is null
   */
  List<String> wrong(Bundle bundle) {
    return await(
        () -> {
          List<String> wrong = new ArrayList<>();
          takeServices(bundle, wrong);
          for (ComponentDescriptionDTO description : runtime.getComponentDescriptionDTOs(bundle)) {
            var configurations = runtime.getComponentConfigurationDTOs(description);
            if (configurations.isEmpty() && !"require".equals(description.configurationPolicy)) {
              wrong.add(description.name + " is not enabled");
            }
            configurations.forEach(configuration -> check(configuration, wrong));
          }
          return wrong;
        });
  }

  /** The number of components of a bundle. */
  int count(Bundle bundle) {
    return runtime.getComponentDescriptionDTOs(bundle).size();
  }

  /** Repeats a question until the answer is empty, for a bounded time. */
  static List<String> await(Supplier<List<String>> question) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (true) {
      List<String> answer = question.get();
      if (answer.isEmpty() || System.nanoTime() >= end) {
        return answer;
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return answer;
      }
    }
  }

  private void takeServices(Bundle bundle, List<String> wrong) {
    ServiceReference<?>[] references = bundle.getRegisteredServices();
    if (references == null) {
      return;
    }
    for (ServiceReference<?> reference : references) {
      if (context.getService(reference) == null) {
        wrong.add(reference + " is null");
      } else {
        context.ungetService(reference);
      }
    }
  }

  private void check(ComponentConfigurationDTO configuration, List<String> wrong) {
    String name = configuration.description.name;
    switch (configuration.state) {
      case ComponentConfigurationDTO.ACTIVE, ComponentConfigurationDTO.SATISFIED -> {}
      case ComponentConfigurationDTO.UNSATISFIED_CONFIGURATION -> {}
      case ComponentConfigurationDTO.UNSATISFIED_REFERENCE -> {
        for (UnsatisfiedReferenceDTO reference : configuration.unsatisfiedReferences) {
          if (Arrays.stream(configuration.description.references)
              .filter(r -> r.name.equals(reference.name))
              .anyMatch(r -> isThere(r.interfaceName, reference.target))) {
            wrong.add(name + " waits for " + reference.name + ", which is there");
          }
        }
      }
      default -> wrong.add(name + " failed: " + configuration.failure);
    }
  }

  private boolean isThere(String type, String target) {
    try {
      return context.getAllServiceReferences(type, target) != null;
    } catch (InvalidSyntaxException e) {
      throw new IllegalArgumentException(target, e);
    }
  }
}
