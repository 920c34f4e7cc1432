package org.ioasis.amdvi.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.amdvi.format.Efr2;
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
import org.ioasis.kit.driver.EnableBits;

/**
 * A device and what is attached where.
 *
 * <p><b>A change</b> goes in this order: the arriving domain notes the place; bits that the new
 * entry forbids are switched off in the device; an arriving v2 root is put into the GCR3 table; the
 * entry is replaced; a leaving root is taken out; translations of what left are invalidated; bits
 * that the new entry allows are switched on; the leaving domain forgets the place.
 *
 * <p><b>Threading:</b> any thread; {@code lock} guards everything and is held until invalidations
 * have completed. {@code tlbs} is read by batches without it: it is set before the unit may answer
 * a translation request, and cleared after no such answer can be used.
 */
final class AmdDevice implements DriverDevice {
  private static final int[] NO_TLBS = {};
  private static final List<PasidReservation> GCR3_0 =
      List.of(new PasidReservation(0, PasidReservation.Cause.GCR3_0));

  private final AmdViDriver driver;
  private final DriverCore core;
  private final DeviceFacts facts;
  private final List<Integer> ids;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, AmdDomain> attached = new TreeMap<>();
  private final EnableBits bits;
  private Gcr3Table gcr3;
  private int tag;
  private long interrupts;
  private boolean closed;
  private volatile int[] tlbs = NO_TLBS;

  AmdDevice(AmdViDriver driver, DeviceFacts facts) {
    this.driver = driver;
    this.core = driver.core();
    this.facts = facts;
    this.ids = sourceIds(facts);
    this.bits = new EnableBits(core.environment().devices(), facts.sourceId());
  }

  /** Every source id of a device. */
  static List<Integer> sourceIds(DeviceFacts facts) {
    List<Integer> ids = new ArrayList<>();
    ids.add(facts.sourceId());
    facts.aliases().stream().filter(alias -> !ids.contains(alias)).forEach(ids::add);
    return ids;
  }

  @Override
  public DeviceFacts facts() {
    return facts;
  }

  /** Width of the PASIDs that can be used. */
  int pasidBits() {
    return Math.min(core.claims().pasidBits(), facts.endpoint().pasidBits());
  }

  /** DomainID that v2 translations of the device are tagged by; 0 before it has any. */
  int tag() {
    return tag;
  }

  /** Ids whose device TLBs may hold translations. */
  int[] tlbs() {
    return tlbs;
  }

  /** Its GCR3 table; null before it has one. Nobody changes anything meanwhile. */
  Gcr3Table gcr3() {
    return gcr3;
  }

  @Override
  public List<ReservedRegion> reservedRegions() {
    List<ReservedRegion> regions = new ArrayList<>();
    regions.add(
        new ReservedRegion(
            IovaRange.of(0xFEE0_0000L, 1L << 20), ReservedRegion.Type.INTERRUPTS, 0));
    if (!Efr2.HT_RANGE_IGNORE.isSet(core.claims().efr2())) {
      regions.add(
          new ReservedRegion(
              new IovaRange(0xFD_0000_0000L, 0xFF_FFFF_FFFFL), ReservedRegion.Type.UNUSABLE, 0));
    }
    return regions;
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

  private AmdDomain own(String what, int pasid, DriverDomain domain) {
    if (domain instanceof AmdDomain mine && mine.core() == core) {
      return mine;
    }
    throw refuse(
        Reason.INVALID, what, pasid, "the domain is of another driver; make one of this unit's");
  }

  /** Checks that a domain fits a place, given what else is attached. */
  private void check(String what, int pasid, AmdDomain domain, Map<Integer, AmdDomain> next) {
    if (pasid != DmaRequest.NO_PASID) {
      checkPasid(what, pasid, domain);
    }
    EntryPlan plan = EntryPlan.of(next);
    AmdDomain rid = plan.rid();
    if (plan.pasids() && rid != null && (rid.isHost() || rid.isNested())) {
      throw refuse(
          Reason.UNSUPPORTED,
          what,
          pasid,
          "requests with a PASID would go through the v1 table beside it; use a v2 domain without"
              + " PASID (flag PASID), identity or none");
    }
    if (domain.isFaultCapable() && !isFaultCapable(facts, core.claims())) {
      throw refuse(
          Reason.UNSUPPORTED, what, pasid, "the domain takes page requests, the device sends none");
    }
  }

  /** Whether a device sends page requests that the unit takes. */
  static boolean isFaultCapable(DeviceFacts facts, Claims claims) {
    return facts.endpoint().ats() && facts.endpoint().pri() && claims.pageRequests();
  }

  private void checkPasid(String what, int pasid, AmdDomain domain) {
    if (pasidBits() == 0) {
      throw refuse(
          Reason.UNSUPPORTED, what, pasid, "device or unit (EFR.GTSup, GIoSup) have no PASIDs");
    }
    if (pasid < 0 || pasid >= 1 << pasidBits()) {
      throw refuse(
          Reason.INVALID,
          what,
          pasid,
          "device and unit have %d-bit PASIDs; choose a smaller one".formatted(pasidBits()));
    }
    if (pasid == 0) {
      throw refuse(
          Reason.INVALID,
          what,
          pasid,
          "GCR3 entry 0 serves requests without a PASID; choose another");
    }
    if (domain.isHost() || domain.isIdentity() || domain.isNested()) {
      throw refuse(
          Reason.UNSUPPORTED, what, pasid, "a PASID leads to v2 tables only; give flag PASID");
    }
  }

  @Override
  public AttachOutcome attach(int pasid, DriverDomain domain) {
    enter("attach");
    try {
      AmdDomain own = own("attach", pasid, domain);
      if (attached.containsKey(pasid)) {
        throw refuse(
            Reason.EXISTS,
            "attach",
            pasid,
            "%s is there; replace or detach it".formatted(attached.get(pasid).name()));
      }
      return change("attach", pasid, null, own, ChangeMode.WINDOW_ALLOWED);
    } finally {
      leave();
    }
  }

  private AmdDomain requireThere(String what, int pasid, DriverDomain old) {
    AmdDomain there = attached.get(pasid);
    if (there == null || there != old) {
      throw refuse(
          Reason.NOT_FOUND,
          what,
          pasid,
          "the old domain is not there, %s is".formatted(there == null ? "none" : there.name()));
    }
    return there;
  }

  @Override
  public AttachOutcome replace(int pasid, DriverDomain old, DriverDomain domain, ChangeMode mode) {
    enter("replace");
    try {
      AmdDomain there = requireThere("replace", pasid, old);
      AmdDomain own = own("replace", pasid, domain);
      if (there == own) {
        return new AttachOutcome(true, 0, reservations(), SyncResult.COMPLETE);
      }
      return change("replace", pasid, there, own, mode);
    } finally {
      leave();
    }
  }

  @Override
  public SyncResult detach(int pasid, DriverDomain old) {
    enter("detach");
    try {
      AmdDomain there = requireThere("detach", pasid, old);
      return change("detach", pasid, there, null, ChangeMode.WINDOW_ALLOWED).sync();
    } finally {
      leave();
    }
  }

  private List<PasidReservation> reservations() {
    return pasidBits() > 0 ? GCR3_0 : List.of();
  }

  /** The place of a domain at a PASID, as its translations are tagged. */
  private AmdDomain.Place place(int pasid, AmdDomain domain) {
    boolean entry0 = pasid == DmaRequest.NO_PASID && domain.isGuest();
    return new AmdDomain.Place(this, entry0 ? 0 : pasid);
  }

  private AttachOutcome change(
      String what, int pasid, AmdDomain leaving, AmdDomain arriving, ChangeMode mode) {
    Map<Integer, AmdDomain> next = new TreeMap<>(attached);
    if (arriving == null) {
      next.remove(pasid);
    } else {
      next.put(pasid, arriving);
      check(what, pasid, arriving, next);
    }
    EntryPlan plan = EntryPlan.of(next);
    if (plan.usesGcr3() && gcr3 == null) {
      makeGcr3();
    }
    DeviceTable.Entry entry = entry(plan);
    boolean hitless = ids.stream().allMatch(id -> driver.table().isHitless(id, entry));
    if (!hitless && mode == ChangeMode.HITLESS) {
      throw refuse(
          Reason.UNSUPPORTED, what, pasid, "the upper half of its entry changes: allow a window");
    }
    if (arriving != null) {
      arriving.attached(place(pasid, arriving));
    }
    long begun = core.unit().waiting().nanoTime();
    boolean done = false;
    try {
      SyncResult result = write(pasid, leaving, arriving, plan, entry);
      done = true;
      long window = hitless ? 0 : core.unit().waiting().nanoTime() - begun;
      attached.clear();
      attached.putAll(next);
      return new AttachOutcome(hitless, window, reservations(), result);
    } finally {
      if (done && leaving != null) {
        leaving.detached(place(pasid, leaving));
      } else if (!done && arriving != null) {
        arriving.detached(place(pasid, arriving));
      }
    }
  }

  private void makeGcr3() {
    tag = core.takeDomainId();
    gcr3 = Gcr3Table.empty(core.tables(), Math.max(1, pasidBits()));
  }

  private boolean holdsTlb(EntryPlan plan) {
    return facts.endpoint().ats() && core.claims().deviceTlbs() && plan.grants();
  }

  private boolean sendsPages(EntryPlan plan) {
    return holdsTlb(plan)
        && facts.endpoint().pri()
        && core.claims().pageRequests()
        && plan.faults();
  }

  private boolean sendsPasids(EntryPlan plan) {
    boolean users = plan.rid() != null && plan.rid().isNested();
    return pasidBits() > 0 && (plan.pasids() || users);
  }

  private DeviceTable.Entry entry(EntryPlan plan) {
    return plan.entry(gcr3, tag, holdsTlb(plan), sendsPages(plan), interrupts);
  }

  private SyncResult write(
      int pasid, AmdDomain leaving, AmdDomain arriving, EntryPlan plan, DeviceTable.Entry entry) {
    boolean tlb = holdsTlb(plan);
    if (tlb) {
      tlbs = ids.stream().mapToInt(Integer::intValue).toArray();
    }
    boolean emptied = leaving != null && leaving.isNested(); // of PASIDs that nobody here knows
    bits.restrict(tlb && !emptied, sendsPages(plan), sendsPasids(plan));
    int slot = Math.max(pasid, 0);
    if (gcr3 != null && arriving != null && arriving.isGuest()) {
      gcr3.put(slot, arriving.table().root());
    }
    for (int id : ids) {
      if (!driver.table().read(id).equals(entry)) {
        driver.table().write(id, entry);
      }
    }
    if (gcr3 != null && leaving != null && leaving.isGuest() && !isGuest(arriving)) {
      gcr3.put(slot, 0);
    }
    SyncResult result = core.run(invalidation(pasid, leaving, slot));
    if (!tlb) {
      tlbs = NO_TLBS;
    }
    bits.set(tlb, sendsPages(plan), sendsPasids(plan));
    return result;
  }

  private static boolean isGuest(AmdDomain domain) {
    return domain != null && domain.isGuest();
  }

  /** Commands that drop what was cached of the domain that left a place, or of its absence. */
  private CommandList invalidation(int pasid, AmdDomain leaving, int slot) {
    CommandList list = new CommandList();
    if (leaving != null && leaving.isHost()) {
      list.hostPages(leaving.id(), 0, -1, true);
    } else if (leaving != null && leaving.isNested()) {
      list.everything();
    }
    if (gcr3 != null) {
      list.guestPages(tag, slot, 0, -1, true);
    }
    if (leaving != null) {
      for (int id : tlbs) {
        list.deviceTlb(id, pasid, 0, -1);
      }
    }
    return list;
  }

  /** Writes the entry anew: what it says of an attached domain or of interrupts has changed. */
  void refresh() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      DeviceTable.Entry entry = entry(EntryPlan.of(attached));
      for (int id : ids) {
        if (!driver.table().read(id).equals(entry)) {
          driver.table().write(id, entry);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Says what word 2 of the entry holds for interrupts. */
  void interrupts(long word2) {
    lock.lock();
    try {
      interrupts = word2;
      refresh();
    } finally {
      lock.unlock();
    }
  }

  /** Empties the device&#39;s TLB by switching it off, until {@link #enableAgain}. */
  void emptyTlb() {
    lock.lock();
    try {
      bits.restrict(false, false, true);
    } finally {
      lock.unlock();
    }
  }

  /** Switches on again what the entry allows. */
  void enableAgain() {
    lock.lock();
    try {
      EntryPlan plan = EntryPlan.of(attached);
      bits.set(holdsTlb(plan), sendsPages(plan), sendsPasids(plan));
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    core.gate().enter("close of device");
    boolean was;
    lock.lock();
    try {
      was = closed;
      if (!was) {
        block();
      }
    } finally {
      leave();
    }
    if (!was) {
      driver.forget(this); // without the lock: interrupts are locked before devices
    }
  }

  /** Empties all places and gives back what the device alone uses. */
  SyncResult block() {
    List<Integer> unanswered = new ArrayList<>();
    for (int pasid : List.copyOf(attached.keySet())) {
      AmdDomain there = attached.get(pasid);
      unanswered.addAll(
          change("detach", pasid, there, null, ChangeMode.WINDOW_ALLOWED).sync().unanswered());
    }
    interrupts(0);
    if (gcr3 != null) {
      gcr3.free();
      core.giveBack(tag);
      gcr3 = null;
    }
    closed = true;
    return new SyncResult(unanswered.stream().distinct().toList());
  }

  /** Marks it closed without touching anything: a successor goes on with it. */
  void abandon() {
    closed = true;
  }

  /** Takes over what the tables already say. */
  void adopt(Map<Integer, AmdDomain> places, Gcr3Table table, int domainId, long word2) {
    gcr3 = table;
    tag = domainId;
    interrupts = word2;
    places.forEach(
        (pasid, domain) -> {
          attached.put(pasid, domain);
          domain.attached(place(pasid, domain));
        });
    EntryPlan plan = EntryPlan.of(attached);
    if (holdsTlb(plan)) {
      tlbs = ids.stream().mapToInt(Integer::intValue).toArray();
    }
    bits.adopted(holdsTlb(plan), sendsPages(plan), sendsPasids(plan));
  }
}
