package org.ioasis.amdvi.driver;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
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
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.kit.driver.Attachments;
import org.ioasis.kit.driver.PageTable;
import org.ioasis.kit.driver.TableBatch;
import org.ioasis.kit.driver.TableFormat;

/**
 * A domain: a DomainID, for paging domains a table, and where it is attached.
 *
 * <p>v1 translations are tagged by the domain&#39;s own DomainID. v2 translations are tagged by the
 * DomainID of the device&#39;s entry and the PASID, so there every place is invalidated.
 *
 * <p><b>Threading:</b> any thread. {@link Attachments} guards the places; {@code tracking} is
 * written with the gate held and read when an entry is composed.
 */
final class AmdDomain implements DriverDomain {
  /**
   * A place: a device, with the PASID that its translations are tagged by. Requests without a PASID
   * have {@link DmaRequest#NO_PASID} under v1 tables and 0 under v2 tables, where no request
   * carries 0.
   */
  record Place(AmdDevice device, int pasid) {
    /** The PASID that requests carry, or {@link DmaRequest#NO_PASID}. */
    int carried() {
      return pasid > 0 ? pasid : DmaRequest.NO_PASID;
    }
  }

  /** Set in keys of domains without a table. */
  private static final long WITHOUT_TABLE = 1L << 62;

  private final DriverCore core;
  private final DomainSpec spec;
  private final int id;
  private final PageTable table;
  private final GuestStage guest;
  private final Attachments<Place> attachments = new Attachments<>();
  private final Set<AmdDomain> nested = new CopyOnWriteArraySet<>();
  private volatile boolean tracking;

  private AmdDomain(
      DriverCore core, DomainSpec spec, int id, PageTable table, GuestStage guestStage) {
    this.core = core;
    this.spec = spec;
    this.id = id;
    this.table = table;
    this.guest = guestStage;
  }

  /** A paging domain. */
  static AmdDomain paging(DriverCore core, DomainSpec spec, int id, PageTable table) {
    return new AmdDomain(core, spec, id, table, null);
  }

  /** An identity or blocked domain. */
  static AmdDomain plain(DriverCore core, DomainSpec spec, int id) {
    return new AmdDomain(core, spec, id, null, null);
  }

  /** A user&#39;s GCR3 table over a parent. */
  static AmdDomain nested(DriverCore core, DomainSpec spec, int id, GuestStage stage) {
    AmdDomain domain = new AmdDomain(core, spec, id, null, stage);
    domain.parent().nested.add(domain);
    return domain;
  }

  DriverCore core() {
    return core;
  }

  int id() {
    return id;
  }

  PageTable table() {
    return table;
  }

  GuestStage guest() {
    return guest;
  }

  AmdDomain parent() {
    return (AmdDomain) spec.parent();
  }

  boolean isHost() {
    return table != null && table.format() instanceof HostFormat;
  }

  boolean isGuest() {
    return table != null && table.format() instanceof GuestFormat;
  }

  boolean isNested() {
    return guest != null;
  }

  boolean isIdentity() {
    return spec.type() == DomainSpec.Type.IDENTITY;
  }

  boolean isFaultCapable() {
    return spec.flags().contains(DomainFlag.FAULT_CAPABLE);
  }

  boolean isTracking() {
    return tracking;
  }

  boolean isClosed() {
    return attachments.isClosed();
  }

  /** Where it is attached. */
  List<Place> places() {
    return attachments.places();
  }

  /** The domains that stand on it. */
  Set<AmdDomain> children() {
    return nested;
  }

  /** The domain in messages. */
  String name() {
    return "domain 0x%x of unit %s".formatted(id, core.unitId());
  }

  /** Notes an attachment, before an entry leads here. */
  void attached(Place place) {
    if (!attachments.add(place)) {
      throw new IoasisException(Reason.GONE, "attach refused: %s is closed".formatted(name()));
    }
    core.tables().barrier();
  }

  /** Forgets an attachment, after no entry leads here and its translations are gone. */
  void detached(Place place) {
    attachments.remove(place);
  }

  /** The address of its table, which nobody else has; without one, its DomainID. */
  @Override
  public long key() {
    return table == null ? WITHOUT_TABLE | id : table.root();
  }

  @Override
  public DomainSpec spec() {
    return spec;
  }

  private PageTable requireTable(String what) {
    if (table == null) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "%s refused: %s is %s; only PAGING domains have tables of the driver"
              .formatted(what, name(), spec.type()));
    }
    return table;
  }

  @Override
  public DomainLimits limits() {
    PageTable own = requireTable("limits");
    TableFormat format = own.format();
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
    return new TableBatch(new DomainInvalidation(this), core.gate(), requireTable(what));
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

  private void requireTracking() {
    if (!spec.flags().contains(DomainFlag.DIRTY_TRACKING)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "dirty tracking refused: %s was not made with DIRTY_TRACKING".formatted(name()));
    }
  }

  @Override
  public SyncResult trackDirty(boolean enable) {
    requireTracking();
    core.gate().enter("dirty tracking");
    try {
      if (enable) {
        TableBatch batch = newBatch("dirty tracking");
        batch.readWritten(new IovaRange(0, table.last()), true, (iova, length) -> {});
        batch.sync();
      }
      tracking = enable;
      for (Place place : places()) {
        place.device().refresh();
      }
      return invalidateAll();
    } finally {
      core.gate().leave();
    }
  }

  @Override
  public SyncResult readDirty(IovaRange range, boolean clear, DirtySink sink) {
    requireTracking();
    TableBatch batch = newBatch("dirty tracking");
    batch.readWritten(range, clear, sink);
    return clear ? batch.sync() : SyncResult.COMPLETE;
  }

  /** Goes on marking, as a predecessor did. */
  void adoptTracking(boolean marks) {
    tracking = marks;
  }

  /** Drops every translation of the domain, in the unit and in devices; waits. */
  SyncResult invalidateAll() {
    return new DomainInvalidation(this).everything();
  }

  @Override
  public Optional<NestedDomain> nested() {
    return isNested() ? Optional.of(new GuestInvalidation(this)) : Optional.empty();
  }

  @Override
  public void close() {
    if (isClosed()) {
      return;
    }
    core.gate().enter("close of domain 0x%x".formatted(id));
    try {
      if (!nested.isEmpty() || !attachments.close()) {
        if (isClosed()) {
          return;
        }
        throw new IoasisException(
            Reason.BUSY,
            "close refused: %s is attached to %s and parent of %s; end these first"
                .formatted(
                    name(),
                    places().stream()
                        .map(place -> "device 0x%04x".formatted(place.device().facts().sourceId()))
                        .toList(),
                    nested.stream().map(AmdDomain::name).toList()));
      }
      core.gate().awaitDoors(); // a batch that came before is out of the tables
      release();
    } finally {
      core.gate().leave();
    }
  }

  /** Ends it with its driver; the caller is alone. */
  void end() {
    if (!isClosed()) {
      attachments.abandon();
      release();
    }
  }

  /** Nothing leads here; after this nothing is cached under its id either. */
  private void release() {
    if (isNested()) {
      parent().nested.remove(this);
    }
    new DomainInvalidation(this).forgetTag();
    core.forget(this);
    if (table != null) {
      table.free();
    }
  }

  /** Marks it closed without giving anything back: a successor goes on with it. */
  void abandon() {
    attachments.abandon();
    if (table != null) {
      table.trim();
    }
  }
}
