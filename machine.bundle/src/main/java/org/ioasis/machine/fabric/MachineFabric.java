package org.ioasis.machine.fabric;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.machine.DmaPort;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Endpoint;
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.api.machine.Fabric;
import org.ioasis.api.machine.FabricUnit;
import org.ioasis.api.machine.Interrupts;
import org.ioasis.api.machine.Mmio;
import org.ioasis.api.machine.MsiMessage;
import org.ioasis.api.machine.PageRequest;
import org.ioasis.api.machine.PortControl;
import org.ioasis.api.machine.Translation;
import org.ioasis.machine.memory.SparseMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The interconnect of one machine.
 *
 * <p><b>Threading:</b> any thread. {@code lock} guards the units and every change of a port's
 * route; it is never held while a grace is awaited or a unit, a device or a handler is called.
 * {@code ports} is read without it.
 */
public final class MachineFabric implements Fabric {
  private static final Logger LOG = LoggerFactory.getLogger(MachineFabric.class);
  private static final int TRUSTED_SPAN_LG2 = 12;

  private final String machine;
  private final SparseMemory memory;
  private final Interrupts interrupts;
  private final BurstRegistry registry;
  private final Consumer<String> unitRemoved;
  private final Object lock = new Object();
  private final Map<String, UnitRoute> units = new LinkedHashMap<>();
  private final NavigableMap<Integer, Port> ports =
      new ConcurrentSkipListMap<>(Integer::compareUnsigned);
  private final List<PortWatcher> watchers = new CopyOnWriteArrayList<>();
  private final AtomicLong busErrors = new AtomicLong();
  private final AtomicLong unitFailures = new AtomicLong();
  private final AtomicLong forged = new AtomicLong();
  private final AtomicLong interruptsBlocked = new AtomicLong();
  private final AtomicLong interruptsLost = new AtomicLong();
  private boolean closed;

  /**
   * Makes a fabric without ports and units.
   *
   * @param graces the bursts of the machine
   * @param unitRemoved told the id of a unit after it has been removed
   */
  public MachineFabric(
      String machine,
      SparseMemory memory,
      Interrupts interrupts,
      Graces graces,
      Consumer<String> unitRemoved) {
    this.machine = machine;
    this.memory = memory;
    this.interrupts = interrupts;
    this.registry = graces.registry();
    this.unitRemoved = unitRemoved;
  }

  BurstRegistry registry() {
    return registry;
  }

  SparseMemory memory() {
    return memory;
  }

  @Override
  public DmaPort join(EndpointSpec spec, Endpoint endpoint) {
    Port port = new Port(this, spec, endpoint);
    synchronized (lock) {
      if (closed) {
        throw new IoasisException(
            Reason.GONE,
            "join of %s refused: machine %s is closed".formatted(spec.name(), machine));
      }
      for (Port other : ports.values()) {
        if (other.spec.name().equals(spec.name()) || other.spec.sourceId() == spec.sourceId()) {
          throw new IoasisException(
              Reason.EXISTS,
              "join of %s refused: %s has the source id 0x%x; names and source ids are unique"
                  .formatted(spec.name(), other.spec.name(), other.spec.sourceId()));
        }
      }
      ports.put(spec.sourceId(), port);
    }
    tell(spec.sourceId());
    return new DevicePort(this, port);
  }

  /** A device leaves: its port is blocked, its bursts end, then the source id is free. */
  void leave(Port port) {
    registry.checkCallerOutside("close of the port of " + port.spec.name());
    block(port);
    registry.await(registry.ticket());
    if (ports.remove(port.spec.sourceId(), port)) {
      tell(port.spec.sourceId());
    }
  }

  @Override
  public AutoCloseable watch(PortWatcher watcher) {
    watchers.add(watcher);
    ports.keySet().forEach(watcher::changed);
    return () -> watchers.remove(watcher);
  }

  private void tell(int sourceId) {
    watchers.forEach(watcher -> watcher.changed(sourceId));
  }

  @Override
  public Optional<PortControl> port(int sourceId) {
    return Optional.ofNullable(ports.get(sourceId));
  }

  @Override
  public List<PortControl> ports() {
    return List.copyOf(ports.values());
  }

  @Override
  public Optional<Endpoint> endpoint(int sourceId) {
    return Optional.ofNullable(ports.get(sourceId)).map(port -> port.endpoint);
  }

  @Override
  public void install(String unitId, FabricUnit unit, Mmio registers) {
    synchronized (lock) {
      if (closed) {
        throw new IoasisException(
            Reason.GONE, "unit %s refused: machine %s is closed".formatted(unitId, machine));
      }
      if (units.putIfAbsent(unitId, new UnitRoute(unitId, unit, registers)) != null) {
        throw new IoasisException(
            Reason.EXISTS,
            "unit %s refused: machine %s has one of this id; remove it first"
                .formatted(unitId, machine));
      }
    }
    LOG.debug("machine {}: unit {} is in the fabric", machine, unitId);
  }

  @Override
  public void remove(String unitId) {
    registry.checkCallerOutside("removal of unit " + unitId);
    UnitRoute route;
    synchronized (lock) {
      route = units.get(unitId);
      if (route != null) {
        route.leaving = true;
        blockAll(route);
      }
    }
    if (route != null) {
      registry.await(registry.ticket());
      synchronized (lock) {
        if (!units.remove(unitId, route)) {
          return; // another caller was faster
        }
      }
    }
    unitRemoved.accept(unitId);
    LOG.debug("machine {}: unit {} has left the fabric", machine, unitId);
  }

  /** Blocks every port that leads to a unit; the lock is held. Says how many. */
  private int blockAll(UnitRoute route) {
    int blocked = 0;
    for (Port port : ports.values()) {
      if (port.route() == route) {
        port.route(null);
        blocked++;
      }
    }
    return blocked;
  }

  @Override
  public Optional<Mmio> mmio(String unitId) {
    synchronized (lock) {
      UnitRoute route = units.get(unitId);
      return route == null ? Optional.empty() : Optional.ofNullable(route.registers);
    }
  }

  @Override
  public List<String> units() {
    synchronized (lock) {
      return List.copyOf(units.keySet());
    }
  }

  void open(Port port, String unitId) {
    synchronized (lock) {
      UnitRoute route = units.get(unitId);
      if (route == null || route.leaving || ports.get(port.spec.sourceId()) != port) {
        throw new IoasisException(
            Reason.NOT_FOUND,
            "port of %s refused to open: machine %s has no unit %s or the device has left; it has "
                    .formatted(port.spec.name(), machine, unitId)
                + units.keySet());
      }
      UnitRoute now = port.route();
      if (now != null && now != route) {
        throw new IoasisException(
            Reason.BUSY,
            "port of %s refused to open for %s: it is open for %s; block it and await the grace"
                .formatted(port.spec.name(), unitId, now.id));
      }
      port.route(route);
    }
  }

  void block(Port port) {
    synchronized (lock) {
      port.route(null);
    }
  }

  @Override
  public long graceTicket() {
    return registry.ticket();
  }

  @Override
  public boolean graceElapsed(long ticket) {
    return registry.hasElapsed(ticket);
  }

  @Override
  public void awaitGrace(long ticket) {
    registry.await(ticket);
  }

  /** A request under another device's id: refused, as a bridge with source validation does. */
  long refuseForged(Port port, DmaRequest request) {
    forged.incrementAndGet();
    port.countBlocked();
    request.refused(0);
    return Translation.none(Translation.Refusal.ABORTED);
  }

  /** A translated request that the unit does not check. */
  long translated(Port port, DmaRequest request) {
    long address = request.iova();
    if (!port.spec.trusted() || (address & ~Translation.ADDRESS_MASK) != 0) {
      request.refused(0);
      return Translation.none(Translation.Refusal.UNSUPPORTED);
    }
    request.granted(request.access());
    return interrupts.isInterruptWindow(address)
        ? Translation.ofNotRam(address, TRUSTED_SPAN_LG2)
        : Translation.of(address, TRUSTED_SPAN_LG2);
  }

  /** Something was thrown out of a unit: none of its ports lets anything through any more. */
  long unitFailed(UnitRoute route, Port port, DmaRequest request, Throwable thrown) {
    unitFailed(route, "asked for " + request, thrown);
    port.countBlocked();
    request.refused(0);
    return Translation.none(Translation.Refusal.BLOCKED);
  }

  private void unitFailed(UnitRoute route, String when, Throwable thrown) {
    unitFailures.incrementAndGet();
    int blocked;
    synchronized (lock) {
      blocked = blockAll(route);
    }
    LOG.error(
        "machine {}: unit {} threw when {}; {} ports are blocked",
        machine,
        route.id,
        when,
        blocked,
        thrown);
  }

  boolean isInterruptWindow(long address) {
    return interrupts.isInterruptWindow(address);
  }

  /** Lets the unit remap an interrupt write in place; false if it goes nowhere. */
  boolean remap(UnitRoute route, MsiMessage message) {
    try {
      if (route.unit.remapInterrupt(message)) {
        return true;
      }
    } catch (Throwable thrown) {
      unitFailed(route, "remapping " + message, thrown);
    }
    interruptsBlocked.incrementAndGet();
    return false;
  }

  boolean requestPage(Port port, PageRequest request) {
    UnitRoute route = port.route();
    if (route == null || request.sourceId() != port.spec.sourceId()) {
      port.countBlocked();
      return false;
    }
    try {
      return route.unit.pageRequest(request);
    } catch (Throwable thrown) {
      unitFailed(route, "given " + request, thrown);
      return false;
    }
  }

  /**
   * An interrupt message of a unit's own: to RAM at once, to the interrupt window when the calling
   * thread's burst has ended.
   *
   * @return false if it met nothing
   */
  public boolean raise(long address, int data) {
    PortBurst burst = interrupts.isInterruptWindow(address) ? registry.openByCaller() : null;
    if (burst != null) {
      burst.defer(address, data);
      return true;
    }
    return deliver(address, data);
  }

  /** Carries a message to where its address leads; false if it met nothing. */
  boolean deliver(long address, int data) {
    if (interrupts.isInterruptWindow(address)) {
      interrupts.deliver(address, data);
    } else if (!memory.store32(address & ~3L, data)) {
      interruptsLost.incrementAndGet();
      return false;
    }
    return true;
  }

  void countBusError() {
    busErrors.incrementAndGet();
  }

  /** What was refused, lost or blocked so far, by name; a snapshot. */
  public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    long blocked = 0;
    for (Port port : ports.values()) {
      blocked += port.blockedCount();
    }
    counters.put("blocked", blocked);
    counters.put("busErrors", busErrors.get());
    counters.put("forgedRequests", forged.get());
    counters.put("unitFailures", unitFailures.get());
    counters.put("interruptsBlocked", interruptsBlocked.get());
    counters.put("interruptsLost", interruptsLost.get());
    return counters;
  }

  /** Blocks all ports, waits for the grace, and removes the units. */
  public void close() {
    registry.checkCallerOutside("close of machine " + machine);
    List<String> left;
    synchronized (lock) {
      closed = true;
      for (Port port : ports.values()) {
        port.route(null);
      }
      left = new ArrayList<>(units.keySet());
    }
    registry.await(registry.ticket());
    left.forEach(this::remove);
  }
}
