package org.ioasis.vtd.driver;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.driver.DirtySink;
import org.ioasis.api.driver.DomainBatch;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.driver.DriverDomain;
import org.ioasis.api.driver.NestedDomain;
import org.ioasis.api.driver.SyncResult;
import org.ioasis.kit.driver.Attachments;
import org.ioasis.kit.driver.Gate;
import org.ioasis.kit.driver.PageTable;
import org.ioasis.kit.driver.TableBatch;

/**
 * A domain: a domain-id, for paging domains a table, for nested ones a parent and the user&#39;s
 * first stage, and where it is attached. Nested domains have domain-ids of their own: two of them
 * under one id and RID_PASID would share cached translations.
 *
 * <p><b>Threading:</b> any thread. {@code this} guards closing and the distinct tags; {@code
 * places}, {@code tags} and {@code children} are snapshots that batches read.
 */
final class VtdDomain implements DriverDomain {
  private static final int[] NOWHERE = {};

  private final DriverCore core;
  private final DomainSpec spec;
  private final int did;
  private final PageTable table;
  private final VtdDomain parent;
  private final FirstStage firstStage;
  private final UserInvalidation userInvalidation;
  private final Attachments<Place> attachments = new Attachments<>();
  private final List<VtdDomain> children = new CopyOnWriteArrayList<>();
  private volatile int[] tags = NOWHERE;
  private volatile boolean closed;
  private volatile boolean tracksDirty;

  private VtdDomain(
      DriverCore core,
      DomainSpec spec,
      int did,
      PageTable table,
      VtdDomain parent,
      FirstStage firstStage) {
    this.core = core;
    this.spec = spec;
    this.did = did;
    this.table = table;
    this.parent = parent;
    this.firstStage = firstStage;
    this.userInvalidation = parent == null ? null : new UserInvalidation(this);
  }

  /**
   * A domain of any type but nested.
   *
   * @param table its tables, null unless it is a paging domain
   */
  VtdDomain(DriverCore core, DomainSpec spec, int did, PageTable table) {
    this(core, spec, did, table, null, null);
  }

  /**
   * A nested domain.
   *
   * @throws IoasisException GONE if the parent is closed
   */
  static VtdDomain nested(DriverCore core, DomainSpec spec, int did, FirstStage firstStage) {
    VtdDomain parent = (VtdDomain) spec.parent();
    VtdDomain domain = new VtdDomain(core, spec, did, null, parent, firstStage);
    parent.adoptChild(domain);
    return domain;
  }

  private synchronized void adoptChild(VtdDomain child) {
    if (closed) {
      throw new IoasisException(
          Reason.GONE,
          "nested domain refused: its parent 0x%x of unit %s is closed"
              .formatted(did, core.unitId()));
    }
    children.add(child);
  }

  private synchronized void forgetChild(VtdDomain child) {
    children.remove(child);
  }

  int did() {
    return did;
  }

  DriverCore core() {
    return core;
  }

  PageTable table() {
    return table;
  }

  /** The second stage of a nested domain; null for others. */
  VtdDomain parent() {
    return parent;
  }

  /** The user's first stage of a nested domain; null for others. */
  FirstStage firstStage() {
    return firstStage;
  }

  /** The nested domains over this one; a live list. */
  List<VtdDomain> children() {
    return children;
  }

  boolean isClosed() {
    return closed;
  }

  /** The format of a paging domain's tables. */
  VtdTableFormat format() {
    return (VtdTableFormat) table.format();
  }

  boolean isFirstStage() {
    return table != null && format().stage() == 1;
  }

  /** Whether no entry is written for it at all. */
  boolean isBlocked() {
    return spec.type() == DomainSpec.Type.BLOCKED;
  }

  /** Whether second-stage tags are what its translations are cached under. */
  boolean isSecondStage() {
    return table != null && format().stage() == 2;
  }

  /** Whether it takes page requests. */
  boolean isFaultCapable() {
    return spec.flags().contains(DomainFlag.FAULT_CAPABLE);
  }

  /** Where it is attached. */
  List<Place> places() {
    return attachments.places();
  }

  /** Where its translations may be cached: distinct PASIDs, RID_PASID for none. */
  int[] tags() {
    return tags;
  }

  /** Notes an attachment, before an entry leads here. */
  synchronized void attached(Place place) {
    if (!attachments.add(place)) {
      throw new IoasisException(
          Reason.GONE,
          "attach refused: domain 0x%x of unit %s is closed".formatted(did, core.unitId()));
    }
    snapshot();
  }

  /** Forgets an attachment, after no entry leads here and its translations are gone. */
  synchronized void detached(Place place) {
    attachments.remove(place);
    snapshot();
  }

  private void snapshot() {
    tags = attachments.places().stream().mapToInt(Place::tag).distinct().sorted().toArray();
  }

  @Override
  public long key() {
    return did;
  }

  @Override
  public DomainSpec spec() {
    return spec;
  }

  private PageTable requireTable(String what) {
    if (table == null) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "%s refused: domain 0x%x of unit %s is %s; only PAGING domains have tables of the driver"
              .formatted(what, did, core.unitId(), spec.type()));
    }
    return table;
  }

  @Override
  public DomainLimits limits() {
    PageTable own = requireTable("limits");
    VtdTableFormat format = format();
    return new DomainLimits(
        List.of(new IovaRange(0, own.last())),
        format.pageSizes(),
        format.outputBits(),
        format.rights());
  }

  @Override
  public DomainBatch batch() {
    return newBatch("batch");
  }

  private TableBatch newBatch(String what) {
    PageTable own = requireTable(what);
    return new TableBatch(new TableInvalidation(this), core.gate(), own);
  }

  @Override
  public long lookup(long iova) {
    core.gate().enter("lookup");
    try {
      return requireTable("lookup").lookup(iova);
    } finally {
      core.gate().leave();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>The unit marks written pages all the time; here it is decided who may ask.
   */
  @Override
  public SyncResult trackDirty(boolean enable) {
    requireMarks();
    SyncResult result = SyncResult.COMPLETE;
    if (enable) {
      result =
          newBatch("dirty tracking")
              .readWritten(new IovaRange(0, table.last()), true, (iova, length) -> {});
    }
    tracksDirty = enable;
    return result;
  }

  @Override
  public SyncResult readDirty(IovaRange range, boolean clear, DirtySink sink) {
    requireMarks();
    if (!tracksDirty) {
      throw new IoasisException(
          Reason.INVALID,
          "dirty tracking refused: domain 0x%x of unit %s does not track; call trackDirty(true)"
              .formatted(did, core.unitId()));
    }
    return newBatch("dirty tracking").readWritten(range, clear, sink);
  }

  /** Whether somebody may ask for written pages. */
  boolean tracksDirty() {
    return tracksDirty;
  }

  /** Goes on as a predecessor was. */
  void adoptTracking(boolean tracks) {
    tracksDirty = tracks;
  }

  private void requireMarks() {
    if (table == null || !format().marksWritten()) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "dirty tracking refused: domain 0x%x of unit %s was not made with DIRTY_TRACKING"
              .formatted(did, core.unitId()));
    }
  }

  @Override
  public Optional<NestedDomain> nested() {
    return Optional.ofNullable(userInvalidation);
  }

  @Override
  public void close() {
    Gate gate = core.gate();
    if (closed) {
      return;
    }
    gate.enter("close of domain 0x%x".formatted(did));
    try {
      if (!closeUnused()) {
        return;
      }
      gate.awaitDoors(); // a batch that came before is out of the tables
      release();
      core.forget(this);
    } finally {
      gate.leave();
    }
  }

  /** Marks it closed; false if somebody else did. */
  private synchronized boolean closeUnused() {
    if (closed) {
      return false;
    }
    if (!children.isEmpty()) {
      throw busy(
          "the parent of nested domains %s; close them first"
              .formatted(children.stream().map(child -> "0x%x".formatted(child.did)).toList()));
    }
    if (!attachments.close()) {
      throw busy("attached at %s; detach it first".formatted(describePlaces()));
    }
    closed = true;
    return true;
  }

  private List<String> describePlaces() {
    return places().stream()
        .map(at -> "device 0x%04x tag 0x%x".formatted(at.device().facts().sourceId(), at.tag()))
        .toList();
  }

  private IoasisException busy(String why) {
    return new IoasisException(
        Reason.BUSY,
        "close refused: domain 0x%x of unit %s is %s".formatted(did, core.unitId(), why));
  }

  private void release() {
    if (parent != null) {
      parent.forgetChild(this);
    }
    if (table != null) {
      table.free();
    }
  }

  /** Marks it closed with its driver; the caller is alone. */
  void end() {
    boolean was = closed;
    closed = true;
    attachments.abandon();
    if (!was) {
      release();
    }
  }

  /** Marks it closed without giving anything back: a successor goes on with it. */
  void abandon() {
    closed = true;
    attachments.abandon();
    if (table != null) {
      table.trim();
    }
  }
}
