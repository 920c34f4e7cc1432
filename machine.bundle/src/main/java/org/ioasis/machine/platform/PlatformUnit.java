package org.ioasis.machine.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.hardware.HardwareFactory;
import org.ioasis.api.hardware.HardwareUnit;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.Profile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One configured unit of the platform's machine. While a factory of its kind is there, it lives:
 * made, installed in the fabric, registered. When the factory goes it ends in this order: its ports
 * are blocked, their bursts end, its work ends, the service is unregistered, the model is closed.
 *
 * <p><b>Threading:</b> any thread; all methods hold {@code this}, so that coming and going of
 * factories are one after the other. No translation takes it.
 */
final class PlatformUnit implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PlatformUnit.class);

  /** Registers a service with its properties; the result takes it back. */
  interface Registrar extends BiFunction<UnitService, Map<String, Object>, Runnable> {}

  private final Machine machine;
  private final String unitId;
  private final String kind;
  private final String profileName;
  private final Registrar registrar;
  private final List<HardwareFactory> factories = new ArrayList<>();
  private HardwareFactory maker;
  private HardwareUnit unit;
  private Runnable registration;

  /**
   * Makes a place for a unit; nothing is created yet.
   *
   * @param profileName name of a profile of the factory, or empty for its default
   */
  PlatformUnit(
      Machine machine, String unitId, String kind, String profileName, Registrar registrar) {
    this.machine = machine;
    this.unitId = unitId;
    this.kind = kind;
    this.profileName = profileName;
    this.registrar = registrar;
  }

  /** A factory came. */
  synchronized void add(HardwareFactory factory) {
    if (kind.equals(factory.kind())) {
      factories.add(factory);
      start();
    }
  }

  /** A factory goes; it still works. */
  synchronized void remove(HardwareFactory factory) {
    factories.remove(factory);
    if (maker == factory) {
      stop();
      start();
    }
  }

  /** Whether the unit lives. */
  synchronized boolean isAlive() {
    return unit != null;
  }

  private void start() {
    if (maker != null || factories.isEmpty()) {
      return;
    }
    HardwareFactory factory = factories.get(0);
    try {
      create(factory);
      LOG.info(
          "machine {}: unit {} of kind {} lives, profile {}",
          machine.name(),
          unitId,
          kind,
          unit.profile().name());
    } catch (RuntimeException e) {
      LOG.error("machine {}: unit {} of kind {} was not made", machine.name(), unitId, kind, e);
      if (maker != null) {
        stop();
      }
    }
  }

  private void create(HardwareFactory factory) {
    if (machine.fabric().units().contains(unitId)) {
      throw new IoasisException(
          Reason.EXISTS,
          "unit %s: machine %s has one of this id; give each configuration an id of its own"
              .formatted(unitId, machine.name()));
    }
    maker = factory;
    unit = factory.create(machine.environment(unitId), profileOf(factory));
    machine.fabric().install(unitId, unit, unit.mmio());
    registration =
        registrar.apply(
            new UnitView(unit), Map.of(HardwareFactory.KIND, kind, UnitService.UNIT_ID, unitId));
  }

  private Profile profileOf(HardwareFactory factory) {
    List<Profile> profiles = factory.profiles();
    return profiles.stream()
        .filter(profile -> profileName.isEmpty() || profile.name().equals(profileName))
        .findFirst()
        .orElseThrow(
            () ->
                new IoasisException(
                    Reason.NOT_FOUND,
                    "unit %s: kind %s has no profile %s; it has %s"
                        .formatted(
                            unitId,
                            kind,
                            profileName,
                            profiles.stream().map(Profile::name).toList())));
  }

  private void stop() {
    HardwareUnit ending = unit;
    Runnable registered = registration;
    maker = null;
    unit = null;
    registration = null;
    machine.fabric().remove(unitId);
    if (registered != null) {
      registered.run();
    }
    if (ending != null) {
      ending.close();
      LOG.info("machine {}: unit {} of kind {} has ended", machine.name(), unitId, kind);
    }
  }

  @Override
  public synchronized void close() {
    factories.clear();
    if (maker != null) {
      stop();
    }
  }
}
