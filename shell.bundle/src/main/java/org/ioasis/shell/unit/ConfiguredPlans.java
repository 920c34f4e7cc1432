package org.ioasis.shell.unit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Plans as Config Admin has them: one factory configuration {@value #PID} each.
 *
 * <p><b>Threading:</b> Config Admin's; removed plans are kept in a concurrent map.
 */
@Component(service = UnitPlans.class)
public final class ConfiguredPlans implements UnitPlans {
  /** Factory configuration of a unit, as the machine reads it. */
  static final String PID = "org.ioasis.machine.unit";

  private static final String UNIT_ID = "unit.id";
  private static final String KIND = "kind";
  private static final String PROFILE = "profile";

  private final ConfigurationAdmin admin;
  private final Map<String, UnitPlan> removed = new ConcurrentHashMap<>();

  /** Reads and writes configurations. */
  @Activate
  public ConfiguredPlans(@Reference ConfigurationAdmin admin) {
    this.admin = admin;
  }

  @Override
  public List<UnitPlan> all() {
    List<UnitPlan> plans = new ArrayList<>();
    for (Configuration configuration : list("")) {
      plans.add(plan(configuration));
    }
    plans.sort(Comparator.comparing(UnitPlan::unitId));
    return plans;
  }

  @Override
  public Optional<UnitPlan> removed(String unitId) {
    return Optional.ofNullable(removed.get(unitId));
  }

  @Override
  public void put(UnitPlan plan) {
    try {
      List<Configuration> present = list(filter(plan.unitId()));
      Configuration configuration =
          present.isEmpty()
              ? admin.getFactoryConfiguration(PID, plan.unitId(), "?")
              : present.get(0);
      configuration.update(
          FrameworkUtil.asDictionary(
              Map.of(UNIT_ID, plan.unitId(), KIND, plan.kind(), PROFILE, plan.profile())));
    } catch (IOException e) {
      throw unwritable(plan.unitId(), e);
    }
  }

  @Override
  public void remove(String unitId) {
    for (Configuration configuration : list(filter(unitId))) {
      removed.put(unitId, plan(configuration));
      try {
        configuration.delete();
      } catch (IOException e) {
        throw unwritable(unitId, e);
      }
    }
  }

  private List<Configuration> list(String more) {
    try {
      Configuration[] found =
          admin.listConfigurations(
              "(&(%s=%s)%s)".formatted(ConfigurationAdmin.SERVICE_FACTORYPID, PID, more));
      return found == null ? List.of() : List.of(found);
    } catch (IOException e) {
      throw new IoasisException(
          Reason.HARDWARE, "the configurations of units cannot be read: " + e.getMessage(), e);
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException("a filter of our own making", e);
    }
  }

  /** Only for identities that {@link UnitControl} has checked. */
  private static String filter(String unitId) {
    return "(%s=%s)".formatted(UNIT_ID, unitId);
  }

  private static UnitPlan plan(Configuration configuration) {
    Dictionary<String, Object> properties = configuration.getProperties();
    return new UnitPlan(
        text(properties, UNIT_ID), text(properties, KIND), text(properties, PROFILE));
  }

  private static String text(Dictionary<String, Object> properties, String key) {
    Object value = properties.get(key);
    return value == null ? "" : value.toString();
  }

  private static IoasisException unwritable(String unitId, IOException cause) {
    return new IoasisException(
        Reason.HARDWARE,
        "the configuration of unit %s cannot be written: %s".formatted(unitId, cause.getMessage()),
        cause);
  }
}
