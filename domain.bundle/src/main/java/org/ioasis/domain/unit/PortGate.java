package org.ioasis.domain.unit;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.machine.Machine;
import org.ioasis.api.machine.PortControl;

/**
 * The valve of one device's port with the reasons why it is closed. The port is open exactly while
 * there is no reason left and a unit serves; whoever adds a reason closes it first.
 *
 * <p><b>Threading:</b> any thread, outside bursts. {@code this} guards the reasons and is a leaf:
 * beneath it only the fabric's own lock is taken. A grace is awaited without it.
 */
public final class PortGate {
  /** Why a port is closed. */
  public enum Closed {
    /** Nothing is attached. */
    UNATTACHED,
    /** No unit serves the device, or its driver failed. */
    UNIT,
    /** Its tables are behind its space: the driver was away when the space changed. */
    BEHIND,
    /** It is on its way to another unit, or an entry changes by a window. */
    MOVING,
    /** Observers of its tenant have not answered yet. */
    TENANT,
    /** It did not answer an invalidation. */
    ISOLATED
  }

  private static final long GRACE_PATIENCE_NANOS = 1_000_000_000L;

  private final Machine machine;
  private final int sourceId;
  private final Set<Closed> reasons = EnumSet.of(Closed.UNATTACHED);
  private UnitHost unit;
  private boolean open;
  private long closedAt;
  private long blockedAtClose;
  private long lastWindowNanos;
  private long lastWindowBlocked;

  /** A closed gate in front of a port that need not be there yet. */
  public PortGate(Machine machine, int sourceId) {
    this.machine = machine;
    this.sourceId = sourceId;
    this.closedAt = machine.time().nanoTime();
  }

  private Optional<PortControl> port() {
    return machine.fabric().port(sourceId);
  }

  /** Requests that met the closed port so far. */
  public long blockedCount() {
    return port().map(PortControl::blockedCount).orElse(0L);
  }

  /** The reasons now. */
  public synchronized Set<Closed> reasons() {
    return EnumSet.copyOf(reasons.isEmpty() ? EnumSet.noneOf(Closed.class) : reasons);
  }

  /** Whether it is open. */
  public synchronized boolean isOpen() {
    return open;
  }

  /** How long the port was closed before it opened last, on the machine's clock. */
  public synchronized long lastWindowNanos() {
    return lastWindowNanos;
  }

  /** How many requests met it meanwhile. */
  public synchronized long lastWindowBlocked() {
    return lastWindowBlocked;
  }

  /** Adds a reason; when it returns no burst of the device that could pass is open. */
  public void close(Closed reason) {
    boolean wait = shut(reason);
    if (wait) {
      awaitGrace();
    }
  }

  /** Only the bursts of this device count; a burst is short by contract, so the wait ends. */
  private void awaitGrace() {
    long ticket = machine.fabric().graceTicket();
    boolean over =
        port()
            .map(
                port -> machine.time().await(() -> port.graceElapsed(ticket), GRACE_PATIENCE_NANOS))
            .orElse(false);
    if (!over) {
      machine.fabric().awaitGrace(ticket);
    }
  }

  /** Adds a reason without waiting for the grace; for whoever waits once for many gates. */
  public synchronized boolean shut(Closed reason) {
    boolean was = open;
    reasons.add(reason);
    if (was) {
      blockedAtClose = blockedCount();
      closedAt = machine.time().nanoTime();
      open = false;
    }
    port().ifPresent(PortControl::block);
    return was;
  }

  /** Names the unit it will be open for; the gate is closed. */
  public synchronized void lead(UnitHost host) {
    unit = host;
  }

  /**
   * Takes a reason away; opens the port if none is left.
   *
   * @return whether it is open now
   */
  public synchronized boolean open(Closed reason) {
    reasons.remove(reason);
    if (!reasons.isEmpty() || unit == null || open) {
      return open;
    }
    Optional<PortControl> port = port();
    if (port.isEmpty()) {
      return false;
    }
    try {
      port.get().open(unit.unitId());
    } catch (IoasisException e) {
      reasons.add(Closed.UNIT);
      return false;
    }
    if (!unit
        .isTranslating()) { // it failed meanwhile, and blocked its ports before this one opened
      port.get().block();
      reasons.add(Closed.UNIT);
      return false;
    }
    open = true;
    lastWindowNanos = machine.time().nanoTime() - closedAt;
    lastWindowBlocked = blockedCount() - blockedAtClose;
    return true;
  }
}
