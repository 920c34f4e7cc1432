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
import org.ioasis.api.driver.PasidReservation;
import org.ioasis.api.driver.ReservedRegion;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.vtd.format.AddressBits;

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
  private final int pasidBits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, VtdDomain> attached = new TreeMap<>();
  private boolean closed;

  VtdDevice(VtdDriver driver, DeviceFacts facts, DevicePlaces places) {
    this.driver = driver;
    this.core = driver.core();
    this.facts = facts;
    this.places = places;
    this.pasidBits = pasidBits(core.claims(), facts);
  }

  /** Width of the PASIDs that a device can use behind a unit. */
  static int pasidBits(Claims claims, DeviceFacts facts) {
    return Math.min(claims.pasidBits(), facts.endpoint().pasidBits());
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
    if (pasid < 0 || pasid >= 1 << pasidBits) {
      throw refuse(
          Reason.INVALID,
          what,
          pasid,
          "device and unit have %d-bit PASIDs; choose a smaller one".formatted(pasidBits));
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
      return mine;
    }
    throw refuse(
        Reason.INVALID, what, pasid, "the domain is of another driver; make one of this unit's");
  }

  private AttachOutcome outcome() {
    List<PasidReservation> reservations =
        core.claims().scalable()
            ? List.of(
                new PasidReservation(DevicePlaces.RID_PASID, PasidReservation.Cause.RID_PASID))
            : List.of();
    return new AttachOutcome(true, 0, reservations, SyncResult.COMPLETE);
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
      own.attached(DevicePlaces.tag(pasid));
      core.structures().barrier(); // it is known who uses the tables before the unit does
      boolean filled = false;
      try {
        places.fill(pasid, own);
        filled = true;
      } finally {
        if (!filled) {
          own.detached(DevicePlaces.tag(pasid));
        }
      }
      attached.put(pasid, own);
      if (pasid != DmaRequest.NO_PASID && pasids() == 1) {
        core.environment().devices().enable(facts.sourceId(), false, false, true);
      }
      return outcome();
    } finally {
      leave();
    }
  }

  private long pasids() {
    return attached.keySet().stream().filter(pasid -> pasid != DmaRequest.NO_PASID).count();
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
        return outcome();
      }
      int tag = DevicePlaces.tag(pasid);
      own.attached(tag);
      core.structures().barrier();
      boolean exchanged = false;
      try {
        places.exchange(pasid, there, own);
        exchanged = true;
      } finally {
        if (!exchanged) {
          own.detached(tag);
        }
      }
      attached.put(pasid, own);
      there.detached(tag);
      return outcome();
    } finally {
      leave();
    }
  }

  @Override
  public SyncResult detach(int pasid, DriverDomain old) {
    enter("detach");
    try {
      requireThere("detach", pasid, old);
      empty(pasid);
      return SyncResult.COMPLETE;
    } finally {
      leave();
    }
  }

  /** Empties a place that is taken; the lock is held. */
  private void empty(int pasid) {
    VtdDomain there = attached.get(pasid);
    if (pasid != DmaRequest.NO_PASID && pasids() == 1) {
      disablePasids();
    }
    places.empty(pasid, there);
    attached.remove(pasid);
    there.detached(DevicePlaces.tag(pasid));
  }

  private void disablePasids() {
    if (core.environment().devices().device(facts.sourceId()).isPresent()) {
      core.environment().devices().enable(facts.sourceId(), false, false, false);
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
  void block() {
    for (int pasid : List.copyOf(attached.keySet())) {
      empty(pasid);
    }
    places.close();
    closed = true;
  }

  /** Marks it closed without touching anything: a successor goes on with it. */
  void abandon() {
    closed = true;
  }

  /** Takes over an attachment that the tables already say. */
  void adopted(int pasid, VtdDomain domain) {
    attached.put(pasid, domain);
    domain.attached(DevicePlaces.tag(pasid));
  }
}
