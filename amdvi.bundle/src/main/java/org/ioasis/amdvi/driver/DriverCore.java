package org.ioasis.amdvi.driver;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DriverEnvironment;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.kit.driver.Gate;
import org.ioasis.kit.driver.NumberPool;
import org.ioasis.kit.driver.TablePages;

/**
 * What the parts of one driver share.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards the list of domains.
 */
final class DriverCore {
  private static final int COMMANDS_AT_ONCE = 240;

  private final DriverEnvironment environment;
  private final Claims claims;
  private final Gate gate;
  private final UnitAccess unit;
  private final CommandRing ring;
  private final LogDrain logs;
  private final LogRing events;
  private final LogRing pages;
  private final TablePages tables;
  private final NumberPool domainIds = new NumberPool(Claims.FIRST_DOMAIN, Claims.DOMAINS);
  private final Set<AmdDomain> domains = new LinkedHashSet<>();

  DriverCore(DriverEnvironment environment, Claims claims, long timeoutNanos) {
    this.environment = environment;
    this.claims = claims;
    this.gate = new Gate(environment.unitId());
    this.unit =
        new UnitAccess(environment.unitId(), environment.mmio(), environment.time(), timeoutNanos);
    this.ring = new CommandRing(unit, environment.memory(), environment.frames());
    this.tables = new TablePages(environment.memory(), environment.frames(), true);
    this.events = LogRing.events(this);
    this.pages = claims.pageRequests() ? LogRing.pageRequests(this) : null;
    this.logs = new LogDrain(events, pages, new Records(unit.waiting()));
  }

  DriverEnvironment environment() {
    return environment;
  }

  String unitId() {
    return environment.unitId();
  }

  Claims claims() {
    return claims;
  }

  Gate gate() {
    return gate;
  }

  UnitAccess unit() {
    return unit;
  }

  CommandRing ring() {
    return ring;
  }

  LogDrain logs() {
    return logs;
  }

  LogRing events() {
    return events;
  }

  /** The PPR log, null without page requests. */
  LogRing pages() {
    return pages;
  }

  /** Memory of tables and structures; AMD-Vi walks snoop. */
  TablePages tables() {
    return tables;
  }

  /**
   * Executes commands and waits. Devices whose TLBs did not answer in time are isolated.
   *
   * @throws IoasisException HARDWARE if the unit refuses one or does not complete
   */
  SyncResult run(CommandList list) {
    ring.run(list);
    int[] asked = list.devices();
    if (asked.length == 0) {
      return SyncResult.COMPLETE;
    }
    logs.read();
    Set<Integer> silent = logs.takeSilent();
    List<Integer> isolated = new ArrayList<>();
    for (int device : asked) {
      if (silent.contains(device)) {
        environment.devices().isolate(device);
        isolated.add(device);
      }
    }
    gate.runOutside(); // what was read is handed over when this thread is outside
    return isolated.isEmpty() ? SyncResult.COMPLETE : new SyncResult(isolated);
  }

  /**
   * Empties every cache of the unit and waits: by one command, or without EFR.IASup by one for each
   * device and each domain there can be. Translations of PASIDs need the one command.
   */
  void emptyCaches() {
    CommandList list = new CommandList();
    if (claims.invalidatesAll()) {
      ring.run(list.everything());
      return;
    }
    for (int id = 0; id < Claims.DOMAINS; id++) {
      list.deviceEntry(id).interruptTable(id).hostPages(id, 0, -1, true);
      if (list.count() >= COMMANDS_AT_ONCE) {
        ring.run(list);
        list.clear();
      }
    }
    ring.run(list);
  }

  /** A free DomainID. */
  int takeDomainId() {
    int id = domainIds.take();
    if (id < 0) {
      throw new IoasisException(
          Reason.EXHAUSTED,
          "domain refused: unit %s has 16-bit DomainIDs and all are taken; close a domain"
              .formatted(unitId()));
    }
    return id;
  }

  /** Takes a DomainID that a predecessor gave; false if it is taken. */
  boolean takeDomainId(int id) {
    return domainIds.take(id);
  }

  /** Gives a DomainID back; nothing is cached under it any more. */
  void giveBack(int id) {
    domainIds.giveBack(id);
  }

  synchronized void add(AmdDomain domain) {
    domains.add(domain);
  }

  /** Forgets a domain: its id is free. */
  synchronized void forget(AmdDomain domain) {
    if (domains.remove(domain)) {
      giveBack(domain.id());
    }
  }

  /** The domains; a copy. */
  synchronized List<AmdDomain> domains() {
    return List.copyOf(domains);
  }
}
