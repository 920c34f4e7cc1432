package org.ioasis.vtd.driver;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
  private final DriverEnvironment environment;
  private final Claims claims;
  private final UnitAccess unit;
  private final Gate gate;
  private final InvalidationRing ring;
  private final TablePages tables;
  private final TablePages structures;
  private final NumberPool dids;
  private final Map<Integer, VtdDomain> domains = new LinkedHashMap<>();

  DriverCore(DriverEnvironment environment, Claims claims, boolean wide, long timeoutNanos) {
    this.environment = environment;
    this.claims = claims;
    this.dids = new NumberPool(Claims.FIRST_DID, 1 << claims.didBits());
    this.gate = new Gate(environment.unitId());
    this.unit =
        new UnitAccess(environment.unitId(), environment.mmio(), environment.time(), timeoutNanos);
    this.ring =
        new InvalidationRing(
            unit, environment.memory(), environment.frames(), wide, claims.coherentStructures());
    this.tables =
        new TablePages(environment.memory(), environment.frames(), claims.coherentTables());
    this.structures =
        new TablePages(environment.memory(), environment.frames(), claims.coherentStructures());
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

  UnitAccess unit() {
    return unit;
  }

  Gate gate() {
    return gate;
  }

  InvalidationRing ring() {
    return ring;
  }

  /** Memory of page tables. */
  TablePages tables() {
    return tables;
  }

  /** Memory of root, context and PASID structures. */
  TablePages structures() {
    return structures;
  }

  /**
   * Executes descriptors, waits, and isolates the devices that did not complete theirs.
   *
   * @return complete, or who was isolated
   */
  SyncResult run(DescriptorList list) {
    Set<Integer> silent = ring.run(list);
    if (silent.isEmpty()) {
      return SyncResult.COMPLETE;
    }
    silent.forEach(environment.devices()::isolate);
    return new SyncResult(List.copyOf(silent));
  }

  /** What two waits met. */
  static SyncResult both(SyncResult one, SyncResult other) {
    if (one.complete()) {
      return other;
    }
    Set<Integer> all = new LinkedHashSet<>(one.unanswered());
    all.addAll(other.unanswered());
    return new SyncResult(List.copyOf(all));
  }

  /** A free domain-id, 2 or more. */
  int takeDid() {
    int did = dids.take();
    if (did < 0) {
      throw new IoasisException(
          Reason.EXHAUSTED,
          "domain refused: unit %s has %d-bit domain-ids and all are taken; close a domain"
              .formatted(unitId(), claims.didBits()));
    }
    return did;
  }

  /** Takes a domain-id that a predecessor gave. */
  void takeDid(int did) {
    dids.take(did);
  }

  /** Gives a domain-id back that no domain has come to use. */
  void giveBack(int did) {
    dids.giveBack(did);
  }

  synchronized void add(VtdDomain domain) {
    domains.put(domain.did(), domain);
  }

  /** Forgets a domain: its id is free. */
  synchronized void forget(VtdDomain domain) {
    domains.remove(domain.did());
    dids.giveBack(domain.did());
  }

  /** The domains by id; a copy. */
  synchronized Map<Integer, VtdDomain> domains() {
    return new LinkedHashMap<>(domains);
  }
}
