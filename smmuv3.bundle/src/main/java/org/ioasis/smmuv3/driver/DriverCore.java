package org.ioasis.smmuv3.driver;

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
import org.ioasis.smmuv3.format.Idr1;

/**
 * What the parts of one driver share.
 *
 * <p><b>Threading:</b> any thread; {@code this} guards the list of domains.
 */
final class DriverCore {
  private final DriverEnvironment environment;
  private final Claims claims;
  private final Gate gate;
  private final UnitAccess unit;
  private final CommandQueue commands;
  private final RecordQueue events;
  private final RecordQueue pages;
  private final QueueDrain drain;
  private final TablePages tables;
  private final NumberPool asids;
  private final NumberPool vmids;
  private final Set<SmmuDomain> domains = new LinkedHashSet<>();

  DriverCore(DriverEnvironment environment, Claims claims, long timeoutNanos) {
    this.environment = environment;
    this.claims = claims;
    this.gate = new Gate(environment.unitId());
    this.unit =
        new UnitAccess(environment.unitId(), environment.mmio(), environment.time(), timeoutNanos);
    this.commands =
        new CommandQueue(
            unit,
            environment.memory(),
            environment.frames(),
            claims.coherent(),
            Idr1.CMDQS.get(claims.idr1()));
    this.events = RecordQueue.events(this, Idr1.EVENTQS.get(claims.idr1()));
    this.pages =
        claims.pageRequests() ? RecordQueue.pages(this, Idr1.PRIQS.get(claims.idr1())) : null;
    this.drain = new QueueDrain(events, pages, new Records(unit.waiting()));
    this.tables = new TablePages(environment.memory(), environment.frames(), claims.coherent());
    this.asids = new NumberPool(Claims.FIRST_TAG, claims.asids());
    this.vmids = new NumberPool(Claims.FIRST_TAG, claims.vmids());
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

  CommandQueue commands() {
    return commands;
  }

  RecordQueue events() {
    return events;
  }

  /** The PRI queue, null without page requests. */
  RecordQueue pages() {
    return pages;
  }

  QueueDrain drain() {
    return drain;
  }

  /** Memory of tables and structures. */
  TablePages tables() {
    return tables;
  }

  /**
   * Executes commands and waits. Devices whose ATCs did not answer in time are isolated: a CMD_SYNC
   * says that one did not, and each is asked again alone to find which.
   *
   * @throws IoasisException HARDWARE if the unit refuses one or does not complete
   */
  SyncResult run(CommandList list) {
    if (commands.run(list) == CommandQueue.Outcome.DONE) {
      return SyncResult.COMPLETE;
    }
    List<Integer> isolated = new ArrayList<>();
    for (int device : list.devices()) {
      CommandList again = new CommandList().wholeAtc(device);
      if (commands.run(again) == CommandQueue.Outcome.ATC_SILENT) {
        environment.devices().isolate(device);
        isolated.add(device);
      }
    }
    return new SyncResult(isolated);
  }

  /** A free ASID or VMID. */
  int takeTag(boolean stage1) {
    int tag = (stage1 ? asids : vmids).take();
    if (tag < 0) {
      throw new IoasisException(
          Reason.EXHAUSTED,
          "domain refused: unit %s has %d %s and all are taken; close a domain"
              .formatted(
                  unitId(), stage1 ? claims.asids() : claims.vmids(), stage1 ? "ASIDs" : "VMIDs"));
    }
    return tag;
  }

  /** Takes a tag that a predecessor gave; false if it is taken. */
  boolean takeTag(boolean stage1, int tag) {
    return (stage1 ? asids : vmids).take(tag);
  }

  /** Gives a tag back; nothing is cached under it any more. */
  void giveBack(boolean stage1, int tag) {
    (stage1 ? asids : vmids).giveBack(tag);
  }

  synchronized void add(SmmuDomain domain) {
    domains.add(domain);
  }

  /** Forgets a domain; says whether it was known. */
  synchronized boolean forget(SmmuDomain domain) {
    return domains.remove(domain);
  }

  /** The domains; a copy. */
  synchronized List<SmmuDomain> domains() {
    return List.copyOf(domains);
  }
}
