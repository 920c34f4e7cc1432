package org.ioasis.shell.command;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.ioasis.api.hardware.HardwareFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The hardware factories that are registered as services.
 *
 * <p><b>Threading:</b> services come and go on any thread, in a concurrent set.
 */
@Component(service = Factories.class)
public final class FactoryBoard implements Factories {
  private final Set<HardwareFactory> factories = ConcurrentHashMap.newKeySet();

  /** Begins empty. */
  @Activate
  public FactoryBoard() {}

  /** A factory came. */
  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bind(HardwareFactory factory) {
    factories.add(factory);
  }

  /** A factory went. */
  void unbind(HardwareFactory factory) {
    factories.remove(factory);
  }

  @Override
  public List<HardwareFactory> all() {
    return factories.stream().sorted(Comparator.comparing(HardwareFactory::kind)).toList();
  }
}
