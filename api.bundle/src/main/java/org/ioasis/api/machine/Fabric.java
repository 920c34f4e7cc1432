package org.ioasis.api.machine;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The interconnect: one port per device, routed to one unit each.
 *
 * <p><b>Grace.</b> {@link #graceTicket()} names all bursts open now; {@link #graceElapsed} tells
 * when they have ended. A burst is short by contract, so the grace always ends.
 *
 * <p><b>Threading:</b> any thread. Structural changes take a lock; no translation does.
 */
@ProviderType
public interface Fabric {
  /**
   * Joins a device; its port is blocked.
   *
   * @throws org.ioasis.api.IoasisException EXISTS if the name or source id is taken
   */
  DmaPort join(EndpointSpec spec, Endpoint endpoint);

  /** The valve of the port with this source id. */
  Optional<PortControl> port(int sourceId);

  /** All valves in order of source id. */
  List<PortControl> ports();

  /**
   * Tells which ports come and go: for every port that is there before this call returns, later
   * after each join and leave. Watchers ask {@link #port} what is there now, since two changes of
   * one id may be told in either order.
   *
   * @return closing it ends the telling
   */
  default AutoCloseable watch(PortWatcher watcher) {
    ports().forEach(port -> watcher.changed(port.spec().sourceId()));
    return () -> {};
  }

  /** Told of ports. */
  @FunctionalInterface
  @ConsumerType
  interface PortWatcher {
    /** A device with this source id joined or left; without a lock held, must not throw. */
    void changed(int sourceId);
  }

  /** The device with this source id, for the reverse direction. */
  Optional<Endpoint> endpoint(int sourceId);

  /**
   * Makes a unit available to ports.
   *
   * @throws org.ioasis.api.IoasisException EXISTS if the id is taken
   */
  default void install(String unitId, FabricUnit unit) {
    install(unitId, unit, null);
  }

  /**
   * Makes a unit available to ports, and its registers to whoever drives it.
   *
   * @param registers the unit's register block, or null if it has none
   * @throws org.ioasis.api.IoasisException EXISTS if the id is taken
   */
  void install(String unitId, FabricUnit unit, Mmio registers);

  /**
   * The register block of an installed unit: what a driver gets instead of the unit. Empty if there
   * is no such unit or it has none.
   */
  Optional<Mmio> mmio(String unitId);

  /** Blocks every port open for the unit, waits for the grace, and forgets the unit. */
  void remove(String unitId);

  /** Ids of the installed units, in order of installation. */
  List<String> units();

  /** A ticket for all bursts open now. */
  long graceTicket();

  /** Whether every burst open at the time of the ticket has ended. */
  boolean graceElapsed(long ticket);

  /**
   * Waits for the grace of a ticket.
   *
   * @throws IllegalStateException inside the caller's own burst
   */
  void awaitGrace(long ticket);
}
