package org.ioasis.domain.hwpt;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverCapabilities;
import org.ioasis.api.driver.DriverFeature;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.api.hardware.UnitService;
import org.ioasis.api.machine.Machine;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.space.Objection;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.unit.HostedDomain;
import org.ioasis.domain.unit.UnitHost;

/**
 * Makes domains and finds automatic ones.
 *
 * <p><b>Threading:</b> any thread, outside bursts. {@code structure} is the one lock of everything
 * that ties devices, domains and units; it is held while a table is made and filled, except by a
 * swap, which fills outside and installs inside. {@code all} is read without it.
 */
public final class Domains {
  private final Machine machine;
  private final Objects objects;
  private final ReentrantLock structure;
  private final Function<String, Optional<UnitService>> looks;
  private final List<DomainCore> all = new CopyOnWriteArrayList<>();

  /**
   * @param looks the looking glasses of a unit by its identity
   */
  public Domains(
      Machine machine,
      Objects objects,
      ReentrantLock structure,
      Function<String, Optional<UnitService>> looks) {
    this.machine = machine;
    this.objects = objects;
    this.structure = structure;
    this.looks = looks;
  }

  ReentrantLock structure() {
    return structure;
  }

  Objects objects() {
    return objects;
  }

  Function<String, Optional<UnitService>> looks() {
    return looks;
  }

  /** All living domains. */
  public List<DomainCore> all() {
    return List.copyOf(all);
  }

  /** Whether a domain sends its faults to a queue. */
  public boolean uses(Handle<FaultQueue> queue) {
    return all.stream().anyMatch(domain -> queue.equals(domain.plan().faultQueue()));
  }

  void forget(DomainCore domain) {
    all.remove(domain);
  }

  /**
   * A domain of a space on a unit that was made for an attach, found or made; the lock is held.
   *
   * @param wanted what it must be able to do
   */
  public DomainCore automatic(Client owner, UnitHost host, Space space, Set<DomainFlag> wanted) {
    for (DomainCore domain : all) {
      if (domain.automatic()
          && domain.plan().space() == space
          && domain.unitId().equals(host.unitId())
          && fits(domain.flags(), wanted)) {
        return domain;
      }
    }
    return create(owner, host, DomainPlan.automatic(space, wanted));
  }

  /** A device that cannot wait is refused by a table that takes its faults. */
  private static boolean fits(Set<DomainFlag> flags, Set<DomainFlag> wanted) {
    return flags.containsAll(wanted)
        && (wanted.contains(DomainFlag.FAULT_CAPABLE) || !flags.contains(DomainFlag.FAULT_CAPABLE));
  }

  /** The identity domain of a unit, found or made; the lock is held. */
  public DomainCore identity(Client owner, UnitHost host) {
    for (DomainCore domain : all) {
      if (domain.type() == DomainSpec.Type.IDENTITY && domain.unitId().equals(host.unitId())) {
        return domain;
      }
    }
    return create(owner, host, DomainPlan.identity());
  }

  /** A domain as an earlier instance of the bundle left it; its tables are made by its unit. */
  public DomainCore revive(Handle<Domain> handle, Client owner, Object state) {
    DomainCore made = DomainCore.revive(this, handle, owner, state);
    all.add(made);
    return made;
  }

  /** Makes a domain and its table; the lock is held. */
  public DomainCore create(Client owner, UnitHost host, DomainPlan plan) {
    DomainCore made =
        objects.enter(
            Domain.class,
            owner,
            handle -> new DomainCore(this, handle, owner, plan, host.unitId(), host.kind()));
    boolean complete = false;
    try {
      if (plan.space() != null) {
        objects.use(made.handle(), plan.space().handle());
      }
      if (plan.parent() != null) {
        objects.use(made.handle(), plan.parent().handle());
      }
      if (plan.viommu() != null) {
        objects.use(made.handle(), plan.viommu().handle());
      }
      made.require(host);
      all.add(made);
      complete = true;
      return made;
    } finally {
      if (!complete) {
        objects.destroy(made.handle());
      }
    }
  }

  /** Ends an automatic domain that is attached nowhere; the lock is held. */
  public void release(DomainCore domain) {
    if (domain.automatic() && domain.attachments().isEmpty()) {
      try {
        objects.destroy(domain.handle());
      } catch (IoasisException stillUsed) {
        // BUSY: its last user ends it
      }
    }
  }

  /**
   * Makes the table of a domain on a unit and fills it. The lock of the structure need not be held.
   *
   * @throws IoasisException why it cannot be made there; nothing is left of it
   */
  public Table build(DomainCore domain, UnitHost host) {
    DomainPlan plan = domain.plan();
    return switch (plan.type()) {
      case PAGING -> paging(domain, host);
      case NESTED -> nested(domain, host);
      case IDENTITY -> new Table(host.createDomain(DomainSpec.identity()), null, null);
      case BLOCKED -> new Table(host.createDomain(DomainSpec.blocked()), null, null);
    };
  }

  private Table nested(DomainCore domain, UnitHost host) {
    DomainPlan plan = domain.plan();
    if (!domain.kind().equals(host.kind())) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "%s refused: its first stage is in the format of %s, unit %s is %s"
              .formatted(domain, domain.kind(), host.unitId(), host.kind()));
    }
    if (plan.viommu() != null) {
      return new Table(plan.viommu().createNested(host, plan.data(), plan.flags()), null, null);
    }
    Table parent = plan.parent().require(host);
    return new Table(host.createNested(parent.hosted(), plan.data(), plan.flags()), null, null);
  }

  /**
   * Why a domain could not be made on a unit; makes a table without content and ends it at once.
   *
   * @throws IoasisException the driver's refusal
   */
  public List<Objection> probe(DomainCore domain, UnitHost host) {
    DomainPlan plan = domain.plan();
    if (plan.type() != DomainSpec.Type.PAGING) {
      host.createDomain(new DomainSpec(plan.type(), Set.of(), 0, 0, null, null)).close();
      return List.of();
    }
    IoasisException refused = null;
    List<Objection> first = List.of();
    for (DomainSpec spec : candidates(domain, host)) {
      try {
        HostedDomain hosted = host.createDomain(spec);
        List<Objection> against =
            plan.space()
                .objections(
                    domain + " on " + host.unitId(), hosted.limits(), toHandler(plan, hosted));
        hosted.close();
        if (against.isEmpty()) {
          return against;
        }
        first = first.isEmpty() ? against : first;
      } catch (IoasisException e) {
        refused = refused == null ? e : refused;
      }
    }
    if (first.isEmpty() && refused != null) {
      throw refused;
    }
    return first;
  }

  private Table paging(DomainCore domain, UnitHost host) {
    DomainPlan plan = domain.plan();
    String name = "%s (unit %s)".formatted(domain, host.unitId());
    IoasisException first = null;
    for (DomainSpec spec : candidates(domain, host)) {
      HostedDomain hosted;
      try {
        hosted = host.createDomain(spec);
      } catch (IoasisException e) {
        first = first == null ? e : first;
        if (e.reason() != Reason.UNSUPPORTED) {
          break;
        }
        continue;
      }
      List<Objection> objections =
          plan.space().objections(name, hosted.limits(), toHandler(plan, hosted));
      if (objections.isEmpty()) {
        return follow(domain, hosted, name);
      }
      hosted.close();
      first = first == null ? objections.get(0).exception() : first;
    }
    throw first;
  }

  /** Whether faults of its devices can reach the handler of the space. */
  private static boolean toHandler(DomainPlan plan, HostedDomain hosted) {
    return hosted.spec().flags().contains(DomainFlag.FAULT_CAPABLE) && plan.faultQueue() == null;
  }

  private Table follow(DomainCore domain, HostedDomain hosted, String name) {
    DomainPlan plan = domain.plan();
    boolean follows = false;
    try {
      Mirror mirror = new Mirror(machine, name, domain.handle(), hosted, toHandler(plan, hosted));
      plan.space().addFollower(mirror);
      follows = true;
      return new Table(hosted, plan.space(), mirror);
    } finally {
      if (!follows) {
        hosted.close();
      }
    }
  }

  /** Formats to try, the driver's choice first; a space may need a wider one or another stage. */
  private static List<DomainSpec> candidates(DomainCore domain, UnitHost host) {
    DriverCapabilities can = host.capabilities();
    Set<DomainFlag> flags = domain.automatic() ? possible(domain, host) : domain.plan().flags();
    List<DomainSpec> specs = new ArrayList<>();
    specs.add(spec(flags, 0, 0));
    specs.add(spec(flags, can.inputBits(), 0));
    if (can.has(DriverFeature.FIRST_STAGE) && can.has(DriverFeature.SECOND_STAGE)) {
      specs.add(spec(flags, 0, 1));
      specs.add(spec(flags, 0, 2));
    }
    return specs;
  }

  private static DomainSpec spec(Set<DomainFlag> flags, int inputBits, int stage) {
    return new DomainSpec(DomainSpec.Type.PAGING, flags, inputBits, stage, null, null);
  }

  /** Of what an attach would like, what a unit has; the coherence of a device is no wish. */
  private static Set<DomainFlag> possible(DomainCore domain, UnitHost host) {
    Set<DomainFlag> possible = EnumSet.noneOf(DomainFlag.class);
    possible.addAll(domain.plan().flags());
    possible.remove(DomainFlag.FAULT_CAPABLE);
    if (host.capabilities().pasidBits() == 0) {
      possible.remove(DomainFlag.PASID);
    }
    if (faultsWait(domain, host)) {
      possible.add(DomainFlag.FAULT_CAPABLE);
    }
    return possible;
  }

  /**
   * Whether faults of a domain wait for an answer on a unit: if all its devices can. For one that
   * is attached nowhere the attach that it was made for has asked; the unit may be another by now.
   */
  private static boolean faultsWait(DomainCore domain, UnitHost host) {
    List<DeviceFacts> devices = domain.devices();
    if (!devices.isEmpty()) {
      return devices.stream().allMatch(host::isFaultCapable);
    }
    DriverCapabilities can = host.capabilities();
    return domain.plan().flags().contains(DomainFlag.FAULT_CAPABLE)
        && (can.has(DriverFeature.PAGE_REQUESTS) || can.has(DriverFeature.STALLS));
  }
}
