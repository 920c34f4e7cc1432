package org.ioasis.shell.command;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.ioasis.api.hardware.UnitService;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The units that are registered as services.
 *
 * <p><b>Threading:</b> services come and go on any thread, in a concurrent set.
 */
@Component(service = Units.class)
public final class UnitBoard implements Units {
  private final Set<UnitService> units = ConcurrentHashMap.newKeySet();

  /** Begins empty. */
  @Activate
  public UnitBoard() {}

  /** A unit came. */
  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bind(UnitService unit) {
    units.add(unit);
  }

  /** A unit went. */
  void unbind(UnitService unit) {
    units.remove(unit);
  }

  @Override
  public List<UnitService> all() {
    return units.stream().sorted(Comparator.comparing(UnitService::unitId)).toList();
  }
}
