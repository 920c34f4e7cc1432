package org.ioasis.vtd.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.AttachOutcome;
import org.ioasis.api.driver.ChangeMode;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DriverAttachment;
import org.ioasis.api.driver.DriverDevice;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.IommuDriver;
import org.ioasis.api.driver.PasidReservation;
import org.ioasis.api.driver.ReservedRegion;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.driver.EnableBits;
import org.ioasis.vtd.format.AddressBits;
import org.ioasis.vtd.format.DeviceTlbRange;

/**
 * A device and what is attached where. Every replace is hitless: requests meet the old entry or the
 * new one.
 *
 * <p><b>Threading:</b> any thread; {@code lock} guards the attachments and serialises changes, and
 * is held until their invalidations have completed.
 */
final class VtdDevice implements DriverDevice {
  private static final IovaRange INTERRUPTS =
      IovaRange.of(AddressBits.INTERRUPT_FIRST, 1L << AddressBits.INTERRUPT_LG2);

  private final VtdDriver driver;
  private final DriverCore core;
  private final DeviceFacts facts;
  private final DevicePlaces places;
  private final DeviceUse use;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, VtdDomain> attached = new TreeMap<>();
  private boolean closed;

  /** ATS, page requests and PASIDs in the device itself. */
  private final EnableBits bits;

  VtdDevice(VtdDriver driver, DeviceFacts facts, DevicePlaces places) {
    this.driver = driver;
    this.core = driver.core();
    this.facts = facts;
    this.places = places;
    this.use = DeviceUse.of(core.claims(), facts);
    this.bits = new EnableBits(core.environment().devices(), facts.sourceId());
  }

  DriverCore core() {
    return core;
  }

  /** What the device may use. */
  DeviceUse use() {
    return use;
  }

  /**
   * Adds what makes the device forget a naturally aligned range under a tag. It is told by its own
   * id; at its aliases nobody would answer.
   */
  void forgetTranslations(DescriptorList list, int tag, long base, int sizeLg2) {
    int sourceId = facts.sourceId();
    int pfsid = core.claims().throttlesInvalidations() ? sourceId : 0;
    list.deviceTlb(sourceId, pfsid, tag, base, sizeLg2);
  }

  private Place place(int pasid) {
    return new Place(this, DevicePlaces.tag(pasid));
  }

  /** Every source id of a device. */
  static List<Integer> sourceIds(DeviceFacts facts) {
    List<Integer> ids = new ArrayList<>();
    ids.add(facts.sourceId());
    facts.aliases().stream().filter(alias -> !ids.contains(alias)).forEach(ids::add);
    return ids;
  }

  DevicePlaces places() {
    return places;
  }

  @Override
  public DeviceFacts facts() {
    return facts;
  }

  @Override
  public List<ReservedRegion> reservedRegions() {
    return List.of(new ReservedRegion(INTERRUPTS, ReservedRegion.Type.INTERRUPTS, 0));
  }

  @Override
  public List<DriverAttachment> attachments() {
    lock.lock();
    try {
      List<DriverAttachment> list = new ArrayList<>();
      attached.forEach((pasid, domain) -> list.add(new DriverAttachment(pasid, domain)));
      return list;
    } finally {
      lock.unlock();
    }
  }

  private IoasisException refuse(Reason reason, String what, int pasid, String why) {
    String place = pasid == DmaRequest.NO_PASID ? "without PASID" : "PASID 0x%x".formatted(pasid);
    return new IoasisException(
        reason,
        "%s refused: device 0x%04x %s of unit %s: %s"
            .formatted(what, facts.sourceId(), place, core.unitId(), why));
  }

  private void enter(String what) {
    core.gate().enter(what);
    lock.lock();
    if (closed) {
      leave();
      throw new IoasisException(
          Reason.GONE,
          "%s refused: device 0x%04x of unit %s is closed; add it again"
              .formatted(what, facts.sourceId(), core.unitId()));
    }
  }

  private void leave() {
    lock.unlock();
    core.gate().leave();
  }

  private void checkPlace(String what, int pasid) {
    if (pasid == DmaRequest.NO_PASID) {
      return;
    }
    if (core.claims().pasidBits() == 0) {
      throw refuse(
          Reason.UNSUPPORTED, what, pasid, "the unit does not offer ECAP.PASID with ECAP.SMTS");
    }
    if (pasid < 0 || pasid >= 1 << use.pasidBits()) {
      throw refuse(
          Reason.INVALID,
          what,
          pasid,
          "device and unit have %d-bit PASIDs; choose a smaller one".formatted(use.pasidBits()));
    }
    if (pasid == DevicePlaces.RID_PASID) {
      throw refuse(
          Reason.INVALID,
          what,
          pasid,
          "RID_PASID, requests without a PASID use it; choose another");
    }
  }

  private VtdDomain own(String what, int pasid, DriverDomain domain) {
    if (domain instanceof VtdDomain mine && mine.core() == core) {
      if (mine.isFaultCapable() && !use.pageRequests()) {
        throw refuse(
            Reason.UNSUPPORTED,
            what,
            pasid,
            "the domain is FAULT_CAPABLE and the device cannot ask for pages (PRI %s, ATS %s,"
                    .formatted(facts.endpoint().pri(), facts.endpoint().ats())
                + " trusted %s)".formatted(facts.endpoint().trusted()));
      }
      return mine;
    }
    throw refuse(
        Reason.INVALID, what, pasid, "the domain is of another driver; make one of this unit's");
  }

  private AttachOutcome outcome(SyncResult sync) {
    List<PasidReservation> reservations =
        core.claims().scalable()
            ? List.of(
                new PasidReservation(DevicePlaces.RID_PASID, PasidReservation.Cause.RID_PASID))
            : List.of();
    return new AttachOutcome(true, 0, reservations, sync);
  }

  @Override
  public AttachOutcome attach(int pasid, DriverDomain domain) {
    enter("attach");
    try {
      checkPlace("attach", pasid);
      VtdDomain own = own("attach", pasid, domain);
      if (attached.containsKey(pasid)) {
        throw refuse(
            Reason.EXISTS,
            "attach",
            pasid,
            "domain 0x%x is there; replace or detach it".formatted(attached.get(pasid).did()));
      }
      own.attached(place(pasid));
      core.structures().barrier(); // it is known who uses the tables before the unit does
      boolean filled = false;
      try {
        places.fill(pasid, own);
        filled = true;
      } finally {
        if (!filled) {
          own.detached(place(pasid));
        }
      }
      attached.put(pasid, own);
      adjustSwitches();
      return outcome(SyncResult.COMPLETE);
    } finally {
      leave();
    }
  }

  /** Whether any attachment needs PASIDs in the device. */
  private boolean needsPasids() {
    return attached.keySet().stream().anyMatch(at -> at != DmaRequest.NO_PASID);
  }

  /** Whether any attachment lets the device hold translations. */
  private boolean needsAts() {
    return use.ats()
        && attached.values().stream()
            .anyMatch(at -> core.claims().scalable() ? !at.isBlocked() : at.table() != null);
  }

  /** Whether any attachment takes page requests. */
  private boolean needsPages() {
    return needsAts() && attached.values().stream().anyMatch(VtdDomain::isFaultCapable);
  }

  /** Switches on in the device what its attachments need, and the rest off. */
  private void adjustSwitches() {
    bits.set(needsAts(), needsPages(), needsPasids());
  }

  private VtdDomain requireThere(String what, int pasid, DriverDomain old) {
    VtdDomain there = attached.get(pasid);
    if (there == null || there != old) {
      throw refuse(
          Reason.NOT_FOUND,
          what,
          pasid,
          "the old domain is not there, %s is"
              .formatted(there == null ? "none" : "domain 0x%x".formatted(there.did())));
    }
    return there;
  }

  @Override
  public AttachOutcome replace(int pasid, DriverDomain old, DriverDomain domain, ChangeMode mode) {
    enter("replace");
    try {
      VtdDomain there = requireThere("replace", pasid, old);
      VtdDomain own = own("replace", pasid, domain);
      if (there == own) {
        return outcome(SyncResult.COMPLETE);
      }
      Place place = place(pasid);
      own.attached(place);
      core.structures().barrier();
      SyncResult sync = null;
      try {
        sync = places.exchange(pasid, there, own);
      } finally {
        if (sync == null) {
          own.detached(place);
        }
      }
      attached.put(pasid, own);
      there.detached(place);
      adjustSwitches();
      return outcome(sync);
    } finally {
      leave();
    }
  }

  @Override
  public SyncResult detach(int pasid, DriverDomain old) {
    enter("detach");
    try {
      requireThere("detach", pasid, old);
      return empty(pasid);
    } finally {
      leave();
    }
  }

  /** Empties a place that is taken; the lock is held. */
  private SyncResult empty(int pasid) {
    VtdDomain there = attached.get(pasid);
    SyncResult result = places.empty(pasid, there);
    attached.remove(pasid);
    there.detached(place(pasid));
    adjustSwitches();
    if (use.pageRequests()) {
      core.gate().runOutside(); // what it asked for before has reached the queue
    }
    return result;
  }

  /** Returns when requests under way have reached the queues; the caller is inside. */
  SyncResult drain(int pasid) {
    lock.lock();
    try {
      DescriptorList list = new DescriptorList();
      for (var at : attached.entrySet()) {
        boolean asked = pasid == IommuDriver.ALL_PASIDS || pasid == at.getKey();
        if (asked && !at.getValue().isBlocked()) {
          int tag = DevicePlaces.tag(at.getKey());
          TableInvalidation.addAll(list, at.getValue(), tag);
        }
      }
      for (int at : attached.keySet()) {
        if (use.ats() && (pasid == IommuDriver.ALL_PASIDS || pasid == at)) {
          forgetTranslations(list, DevicePlaces.tag(at), 0, DeviceTlbRange.ALL_LG2);
        }
      }
      if (use.pageRequests()) {
        list.drainPages();
      }
      return core.run(list);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    core.gate().enter("close of device");
    lock.lock();
    try {
      if (!closed) {
        block();
        driver.forget(this);
      }
    } finally {
      leave();
    }
  }

  /** Empties all places and gives back what the device alone uses; nobody else is inside. */
  SyncResult block() {
    SyncResult result = SyncResult.COMPLETE;
    for (int pasid : List.copyOf(attached.keySet())) {
      result = DriverCore.both(result, empty(pasid));
    }
    places.close();
    closed = true;
    return result;
  }

  /** Marks it closed without touching anything: a successor goes on with it. */
  void abandon() {
    closed = true;
  }

  /** Takes over an attachment that the tables already say. */
  void adopted(int pasid, VtdDomain domain) {
    attached.put(pasid, domain);
    domain.attached(place(pasid));
  }

  /** Takes over what a predecessor has switched on in the device; all attachments are known. */
  void adoptedSwitches() {
    bits.adopted(needsAts(), needsPages(), needsPasids());
  }
}
