package org.ioasis.smmuv3.driver;

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
import org.ioasis.kit.driver.Attachments;
import org.ioasis.kit.driver.PageTable;
import org.ioasis.kit.driver.TableBatch;
import org.ioasis.kit.driver.TableFormat;

/**
 * A domain: an ASID (stage 1) or a VMID (stage 2), for paging domains a table, and where it is
 * attached. A nested domain stands under its parent&#39;s VMID and has no tag of its own.
 *
 * <p>A domain with dirty tracking has the unit mark writes from its first attachment on; {@link
 * #trackDirty} takes old marks away.
 *
 * <p><b>Threading:</b> any thread. {@link Attachments} guards the places.
 */
final class SmmuDomain implements DriverDomain {
  /** A place: a device, with the PASID that its requests carry or -1. */
  record Place(SmmuDevice device, int pasid) {}

  /** Set in keys of domains without a table. */
  private static final long WITHOUT_TABLE = 1L << 62;

  private static final int NO_TAG = 0;

  private final DriverCore core;
  private final DomainSpec spec;
  private final int serial;
  private final int tag;
  private final PageTable table;
  private final GuestStage guest;
  private final Attachments<Place> attachments = new Attachments<>();
  private final Set<SmmuDomain> children = new CopyOnWriteArraySet<>();

  private SmmuDomain(
      DriverCore core, DomainSpec spec, int serial, int tag, PageTable table, GuestStage guest) {
    this.core = core;
    this.spec = spec;
    this.serial = serial;
    this.tag = tag;
    this.table = table;
    this.guest = guest;
  }

  /** A paging domain. */
  static SmmuDomain paging(DriverCore core, DomainSpec spec, int serial, int tag, PageTable table) {
    return new SmmuDomain(core, spec, serial, tag, table, null);
  }

  /** An identity or blocked domain. */
  static SmmuDomain plain(DriverCore core, DomainSpec spec, int serial) {
    return new SmmuDomain(core, spec, serial, NO_TAG, null, null);
  }

  /** A user&#39;s first stage over a parent. */
  static SmmuDomain nested(DriverCore core, DomainSpec spec, int serial, GuestStage stage) {
    SmmuDomain domain = new SmmuDomain(core, spec, serial, NO_TAG, null, stage);
    domain.parent().children.add(domain);
    return domain;
  }

  DriverCore core() {
    return core;
  }

  /** A number that no other living domain has. */
  int serial() {
    return serial;
  }

  /** ASID or VMID, 0 without one. */
  int tag() {
    return tag;
  }

  PageTable table() {
    return table;
  }

  GuestStage guest() {
    return guest;
  }

  SmmuDomain parent() {
    return (SmmuDomain) spec.parent();
  }

  boolean isStage1() {
    return table != null && table.format() instanceof Stage1Format;
  }

  boolean isStage2() {
    return table != null && table.format() instanceof Stage2Format;
  }

  boolean isNested() {
    return guest != null;
  }

  boolean isIdentity() {
    return spec.type() == DomainSpec.Type.IDENTITY;
  }

  boolean isBlocked() {
    return spec.type() == DomainSpec.Type.BLOCKED;
  }

  boolean isFaultCapable() {
    return spec.flags().contains(DomainFlag.FAULT_CAPABLE);
  }

  boolean isClosed() {
    return attachments.isClosed();
  }

  /** Where it is attached. */
  List<Place> places() {
    return attachments.places();
  }

  /** The domains that stand on it. */
  Set<SmmuDomain> children() {
    return children;
  }

  /** The domain in messages. */
  String name() {
    String kind = isStage1() ? "ASID 0x%x" : isStage2() ? "VMID 0x%x" : spec.type() + " %d";
    return "domain with ".concat(kind.formatted(table == null ? serial : tag))
        + " of unit "
        + core.unitId();
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

  /** The address of its table, which nobody else has; without one, its serial number. */
  @Override
  public long key() {
    return table == null ? WITHOUT_TABLE | serial : table.root();
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
    return enable
        ? readDirty(new IovaRange(0, table.last()), true, (iova, length) -> {})
        : SyncResult.COMPLETE;
  }

  @Override
  public SyncResult readDirty(IovaRange range, boolean clear, DirtySink sink) {
    requireTracking();
    TableBatch batch = newBatch("dirty tracking");
    batch.readWritten(range, clear, sink);
    return clear ? batch.sync() : SyncResult.COMPLETE;
  }

  @Override
  public Optional<NestedDomain> nested() {
    return isNested() ? Optional.of(GuestInvalidation.of(this)) : Optional.empty();
  }

  @Override
  public void close() {
    if (isClosed()) {
      return;
    }
    core.gate().enter("close of a domain");
    try {
      if (!children.isEmpty() || !attachments.close()) {
        if (isClosed()) {
          return;
        }
        throw new IoasisException(
            Reason.BUSY,
            "close refused: %s is attached to %s and parent of %s; end these first"
                .formatted(
                    name(),
                    places().stream()
                        .map(place -> "device 0x%x".formatted(place.device().facts().sourceId()))
                        .toList(),
                    children.stream().map(SmmuDomain::name).toList()));
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

  /** Nothing leads here; after this nothing is cached under its tag either. */
  private void release() {
    if (isNested()) {
      parent().children.remove(this);
    }
    new DomainInvalidation(this).forgetTag();
    core.forget(this);
    if (table != null) {
      core.giveBack(isStage1(), tag);
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
