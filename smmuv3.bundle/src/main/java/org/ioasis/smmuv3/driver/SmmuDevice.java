package org.ioasis.smmuv3.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.IoasisException;
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
import org.ioasis.api.machine.EndpointSpec;
import org.ioasis.kit.driver.EnableBits;

/**
 * A device and what is attached where.
 *
 * <p><b>A change</b> goes in this order: the arriving domain notes the place; bits that the new
 * entry forbids are switched off in the device; an arriving context descriptor is written, or a
 * copy of the table with it is made; the stream table entry is changed; a leaving descriptor is
 * taken out; translations of what left are invalidated; stalls of a stream that is shut off end;
 * bits that the new entry allows are switched on; the leaving domain forgets the place.
 *
 * <p><b>Threading:</b> any thread; {@code lock} guards everything and is held until invalidations
 * have completed. {@code atcs} is read by batches without it: it is set before the unit may answer
 * a translation request, and cleared after no such answer can be used.
 */
final class SmmuDevice implements DriverDevice {
  private static final int[] NO_ATCS = {};
  private static final List<PasidReservation> SUBSTREAM_0 =
      List.of(new PasidReservation(0, PasidReservation.Cause.SUBSTREAM_0));

  private final SmmuDriver driver;
  private final DriverCore core;
  private final Claims claims;
  private final DeviceFacts facts;
  private final List<Integer> ids;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, SmmuDomain> attached = new TreeMap<>();
  private final EnableBits bits;
  private ContextTable contexts;
  private boolean closed;
  private volatile int[] atcs = NO_ATCS;

  SmmuDevice(SmmuDriver driver, DeviceFacts facts) {
    this.driver = driver;
    this.core = driver.core();
    this.claims = core.claims();
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

  /** The driver it belongs to. */
  DriverCore core() {
    return core;
  }

  /** Its StreamIDs. */
  List<Integer> ids() {
    return ids;
  }

  /** Width of the PASIDs that can be used. */
  int pasidBits() {
    return Math.min(claims.pasidBits(), facts.endpoint().pasidBits());
  }

  /** StreamIDs whose ATCs may hold translations. */
  int[] atcs() {
    return atcs;
  }

  @Override
  public List<ReservedRegion> reservedRegions() {
    return List.of();
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
        "%s refused: device 0x%x %s of unit %s: %s"
            .formatted(what, facts.sourceId(), place, core.unitId(), why));
  }

  private void enter(String what) {
    core.gate().enter(what);
    lock.lock();
    if (closed) {
      leave();
      throw new IoasisException(
          Reason.GONE,
          "%s refused: device 0x%x of unit %s is closed; add it again"
              .formatted(what, facts.sourceId(), core.unitId()));
    }
  }

  private void leave() {
    lock.unlock();
    core.gate().leave();
  }

  private SmmuDomain own(String what, int pasid, DriverDomain domain) {
    if (domain instanceof SmmuDomain mine && mine.core() == core) {
      return mine;
    }
    throw refuse(
        Reason.INVALID, what, pasid, "the domain is of another driver; make one of this unit's");
  }

  /** Checks that a domain fits a place, given what else is attached. */
  private void check(String what, int pasid, SmmuDomain domain, StreamPlan plan) {
    if (pasid != DmaRequest.NO_PASID) {
      checkPasid(what, pasid, domain);
    }
    SmmuDomain rid = plan.rid();
    if (plan.pasids() && rid != null && (rid.isStage2() || rid.isNested())) {
      throw refuse(
          Reason.UNSUPPORTED,
          what,
          pasid,
          "context descriptors are a stage-1 entry's; use a stage-1 domain without PASID (stage 1"
              + " or flag PASID), identity or none");
    }
    if (domain.isFaultCapable() && !isFaultCapable(facts, claims)) {
      throw refuse(
          Reason.UNSUPPORTED,
          what,
          pasid,
          "the domain takes recoverable faults, the device neither stalls nor sends page requests");
    }
  }

  /** Whether a device sends page requests that the unit takes, or the unit holds what it sends. */
  static boolean isFaultCapable(DeviceFacts facts, Claims claims) {
    EndpointSpec endpoint = facts.endpoint();
    return (endpoint.ats() && endpoint.pri() && claims.pageRequests())
        || (endpoint.stall() && claims.stalls());
  }

  private void checkPasid(String what, int pasid, SmmuDomain domain) {
    if (pasidBits() == 0) {
      throw refuse(
          Reason.UNSUPPORTED, what, pasid, "device or unit (IDR1.SSIDSIZE) have no PASIDs");
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
          "context descriptor 0 serves requests without a PASID; choose another");
    }
    if (!domain.isStage1() && !domain.isBlocked()) {
      throw refuse(
          Reason.UNSUPPORTED, what, pasid, "a PASID leads to stage-1 tables only; give flag PASID");
    }
  }

  @Override
  public AttachOutcome attach(int pasid, DriverDomain domain) {
    enter("attach");
    try {
      SmmuDomain own = own("attach", pasid, domain);
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

  private SmmuDomain requireThere(String what, int pasid, DriverDomain old) {
    SmmuDomain there = attached.get(pasid);
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
      SmmuDomain there = requireThere("replace", pasid, old);
      SmmuDomain own = own("replace", pasid, domain);
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
      SmmuDomain there = requireThere("detach", pasid, old);
      return change("detach", pasid, there, null, ChangeMode.WINDOW_ALLOWED).sync();
    } finally {
      leave();
    }
  }

  private List<PasidReservation> reservations() {
    return pasidBits() > 0 ? SUBSTREAM_0 : List.of();
  }

  private AttachOutcome change(
      String what, int pasid, SmmuDomain leaving, SmmuDomain arriving, ChangeMode mode) {
    Map<Integer, SmmuDomain> next = new TreeMap<>(attached);
    if (arriving == null) {
      next.remove(pasid);
    } else {
      next.put(pasid, arriving);
    }
    StreamPlan plan = StreamPlan.of(next);
    if (arriving != null) {
      check(what, pasid, arriving, plan);
    }
    if (plan.usesContexts() && contexts == null) {
      contexts = ContextTable.empty(core.tables(), pasidBits());
    }
    boolean simple = isHitless(plan);
    boolean hitless = simple || driver.streams().exchanges();
    if (!hitless && mode == ChangeMode.HITLESS) {
      throw refuse(
          Reason.UNSUPPORTED,
          what,
          pasid,
          "its stream table entry changes in more than one word: allow a window");
    }
    SmmuDomain.Place place = new SmmuDomain.Place(this, pasid);
    if (arriving != null) {
      arriving.attached(place);
    }
    long begun = core.unit().waiting().nanoTime();
    boolean done = false;
    try {
      SyncResult result = write(pasid, leaving, arriving, plan, hitless && !simple);
      done = true;
      long window = hitless ? 0 : core.unit().waiting().nanoTime() - begun;
      attached.clear();
      attached.putAll(next);
      return new AttachOutcome(hitless, window, reservations(), result);
    } finally {
      if (done && leaving != null) {
        leaving.detached(place);
      } else if (!done && arriving != null) {
        arriving.detached(place);
      }
    }
  }

  private boolean isHitless(StreamPlan plan) {
    long[] target = entry(plan);
    return ids.stream()
        .allMatch(
            id -> {
              EntryUpdate update = streamUpdate(id);
              return update.isHitless(
                  update.read(driver.streams().entry(id), StreamPlan.WORDS), target);
            });
  }

  private EntryUpdate streamUpdate(int id) {
    return new EntryUpdate(
        core.tables(),
        StreamPlan::uses,
        new long[] {StreamTable.ABORT},
        () -> core.commands().run(new CommandList().stream(id)));
  }

  private boolean holdsAtc(StreamPlan plan) {
    boolean allowed = plan.rid() == null || !plan.rid().isNested() || plan.rid().guest().ats();
    boolean bypass = plan.rid() != null && plan.rid().isIdentity() && !plan.pasids();
    return facts.endpoint().ats() && claims.ats() && plan.grants() && allowed && !bypass;
  }

  private boolean sendsPages(StreamPlan plan) {
    return holdsAtc(plan) && facts.endpoint().pri() && claims.pageRequests() && plan.faults();
  }

  private boolean sendsPasids(StreamPlan plan) {
    boolean users = plan.rid() != null && plan.rid().isNested();
    return pasidBits() > 0 && (plan.pasids() || users);
  }

  private boolean stalls(boolean faults) {
    return faults && facts.endpoint().stall() && claims.stalls();
  }

  private long[] entry(StreamPlan plan) {
    boolean second = plan.rid() != null && plan.rid().isFaultCapable();
    return plan.entry(contexts, claims, holdsAtc(plan), stalls(second));
  }

  private long[] context(SmmuDomain domain) {
    return domain != null && domain.isStage1()
        ? ContextPlan.of(domain, claims, stalls(domain.isFaultCapable()))
        : ContextPlan.NONE;
  }

  private SyncResult write(
      int pasid, SmmuDomain leaving, SmmuDomain arriving, StreamPlan plan, boolean exchange) {
    long spare = exchange ? driver.streams().takeSpare() : 0; // before anything has changed
    boolean atc = holdsAtc(plan);
    if (atc) {
      atcs = ids.stream().mapToInt(Integer::intValue).toArray();
    }
    bits.restrict(atc, sendsPages(plan), sendsPasids(plan));
    int ssid = Math.max(pasid, 0);
    ContextTable replaced = arrive(ssid, leaving, arriving);
    long[] entry = entry(plan);
    for (int id : ids) {
      spare = driver.streams().write(id, entry, streamUpdate(id), spare);
    }
    if (spare != 0) {
      driver.streams().giveBack(spare);
    }
    if (replaced != null) {
      replaced.freeReplaced(ssid);
    }
    if (isStage1(leaving) && !isStage1(arriving)) {
      writeContext(ssid, ContextPlan.NONE);
    }
    SyncResult result = invalidate(pasid, leaving);
    if (!plan.grants()) {
      endStalls();
    }
    if (!atc) {
      atcs = NO_ATCS;
    }
    bits.set(atc, sendsPages(plan), sendsPasids(plan));
    return result;
  }

  private static boolean isStage1(SmmuDomain domain) {
    return domain != null && domain.isStage1();
  }

  /** Writes an arriving descriptor; in place of another one by a new table, which it returns. */
  private ContextTable arrive(int ssid, SmmuDomain leaving, SmmuDomain arriving) {
    if (!isStage1(arriving)) {
      return null;
    }
    if (!isStage1(leaving)) {
      writeContext(ssid, context(arriving));
      return null;
    }
    ContextTable old = contexts;
    contexts = old.with(ssid, context(arriving));
    return old;
  }

  private void writeContext(int ssid, long[] words) {
    EntryUpdate update =
        new EntryUpdate(
            core.tables(),
            ContextPlan::uses,
            ContextPlan.NONE,
            () -> {
              CommandList list = new CommandList();
              ids.forEach(id -> list.context(id, ssid));
              core.commands().run(list);
            });
    update.write(contexts.entry(ssid), words);
  }

  /** Drops what was cached of the domain that left a place. */
  private SyncResult invalidate(int pasid, SmmuDomain leaving) {
    CommandList list = new CommandList();
    if (leaving == null) {
      return SyncResult.COMPLETE;
    }
    if (leaving.isStage1()) {
      list.asid(0, leaving.tag());
    } else if (leaving.isStage2()) {
      list.vmid(leaving.tag());
    } else if (leaving.isNested()) {
      list.stage1(leaving.parent().tag());
    }
    core.commands().run(list);
    list.clear();
    for (int id : atcs) {
      if (leaving.isNested()) {
        list.wholeAtc(id);
      } else {
        list.atc(id, pasid, 0, -1);
      }
    }
    return list.count() == 0 ? SyncResult.COMPLETE : core.run(list);
  }

  /** The stream is shut off: what the unit holds of it ends, and the sink is told. */
  private void endStalls() {
    if (!claims.stalls() || !facts.endpoint().stall()) {
      return;
    }
    CommandList list = new CommandList();
    ids.forEach(list::terminate);
    core.commands().run(list);
    core.drain().read(); // a stall that is in the queue is withdrawn after it was told
    ids.forEach(core.drain()::withdraw);
    core.gate().runOutside();
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
      driver.forget(this);
    }
  }

  /** Empties all places and gives back what the device alone uses. */
  SyncResult block() {
    List<Integer> unanswered = new ArrayList<>();
    for (int pasid : List.copyOf(attached.keySet())) {
      SmmuDomain there = attached.get(pasid);
      unanswered.addAll(
          change("detach", pasid, there, null, ChangeMode.WINDOW_ALLOWED).sync().unanswered());
    }
    if (contexts != null) {
      contexts.free();
      contexts = null;
    }
    closed = true;
    return new SyncResult(unanswered.stream().distinct().toList());
  }

  /** Marks it closed without touching anything: a successor goes on with it. */
  void abandon() {
    closed = true;
  }

  /** Takes over what the tables already say. */
  void adopt(Map<Integer, SmmuDomain> places, ContextTable table) {
    contexts = table;
    places.forEach(
        (pasid, domain) -> {
          attached.put(pasid, domain);
          domain.attached(new SmmuDomain.Place(this, pasid));
        });
    StreamPlan plan = StreamPlan.of(attached);
    if (holdsAtc(plan)) {
      atcs = ids.stream().mapToInt(Integer::intValue).toArray();
    }
    bits.adopted(holdsAtc(plan), sendsPages(plan), sendsPasids(plan));
  }
}
