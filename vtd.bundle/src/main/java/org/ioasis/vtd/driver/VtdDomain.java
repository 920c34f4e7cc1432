package org.ioasis.vtd.driver;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
import org.ioasis.kit.driver.Gate;
import org.ioasis.kit.driver.PageTable;
import org.ioasis.kit.driver.TableBatch;
import org.ioasis.vtd.format.ContextEntry;
import org.ioasis.vtd.format.PasidTableEntry;

/**
 * A domain: a domain-id, for paging domains a table, and where it is attached.
 *
 * <p><b>Threading:</b> any thread. {@code this} guards the attachments; {@code places} is a
 * snapshot of them that batches read.
 */
final class VtdDomain implements DriverDomain {
  private static final int[] NOWHERE = {};

  private final DriverCore core;
  private final DomainSpec spec;
  private final int did;
  private final PageTable table;
  private final Map<Integer, Integer> attached = new TreeMap<>();
  private volatile int[] places = NOWHERE;
  private volatile boolean closed;

  /**
   * A domain.
   *
   * @param table its tables, null unless it is a paging domain
   */
  VtdDomain(DriverCore core, DomainSpec spec, int did, PageTable table) {
    this.core = core;
    this.spec = spec;
    this.did = did;
    this.table = table;
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

  /** Whether an entry is written for it at all. */
  boolean isBlocked() {
    return spec.type() == DomainSpec.Type.BLOCKED;
  }

  /** Whether second-stage tags are what its translations are cached under. */
  boolean isSecondStage() {
    return table != null && format().stage() == 2;
  }

  /** Quadwords 0 and 1 of a legacy context entry that leads here. */
  long legacyLow() {
    if (table == null) {
      return ContextEntry.P.mask() | ContextEntry.TT.of(ContextEntry.TT_PASS_THROUGH);
    }
    return ContextEntry.P.mask()
        | ContextEntry.TT.of(ContextEntry.TT_UNTRANSLATED)
        | ContextEntry.SSPTPTR.ofInPlace(table.root());
  }

  long legacyHigh() {
    return ContextEntry.AW.of(addressWidth()) | ContextEntry.DID.of(did);
  }

  private int addressWidth() {
    return table == null ? core.claims().deepestAw() : format().levels() - 2;
  }

  /** Quadwords 0 to 2 of a PASID table entry that leads here. */
  long[] pasidEntry() {
    Claims claims = core.claims();
    int type =
        table == null
            ? PasidTableEntry.PGTT_PASS_THROUGH
            : isFirstStage() ? PasidTableEntry.PGTT_FIRST_STAGE : PasidTableEntry.PGTT_SECOND_STAGE;
    long word0 =
        PasidTableEntry.P.mask()
            | PasidTableEntry.AW.of(addressWidth())
            | PasidTableEntry.PGTT.of(type)
            | (isSecondStage() ? PasidTableEntry.SSPTPTR.ofInPlace(table.root()) : 0);
    long word1 =
        PasidTableEntry.DID.of(did)
            | (claims.coherentTables() ? PasidTableEntry.PWSNP.mask() : 0)
            | (isFirstStage() && spec.flags().contains(DomainFlag.ENFORCE_SNOOP)
                ? PasidTableEntry.PGSNP.mask()
                : 0);
    long word2 = isFirstStage() ? PasidTableEntry.FSPTPTR.ofInPlace(table.root()) : 0;
    return new long[] {word0, word1, word2};
  }

  /** Where translations of this domain may be cached: distinct PASIDs, RID_PASID for none. */
  int[] places() {
    return places;
  }

  /** Notes an attachment, before an entry leads here. */
  synchronized void attached(int pasid) {
    if (closed) {
      throw new IoasisException(
          Reason.GONE,
          "attach refused: domain 0x%x of unit %s is closed".formatted(did, core.unitId()));
    }
    attached.merge(pasid, 1, Integer::sum);
    snapshot();
  }

  /** Forgets an attachment, after no entry leads here and its translations are gone. */
  synchronized void detached(int pasid) {
    attached.computeIfPresent(pasid, (ignored, count) -> count == 1 ? null : count - 1);
    snapshot();
  }

  private void snapshot() {
    places = attached.keySet().stream().mapToInt(Integer::intValue).toArray();
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
    return new TableBatch(new TableInvalidation(this), core.gate(), requireTable("batch"));
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

  @Override
  public SyncResult trackDirty(boolean enable) {
    throw noDirtyTracking();
  }

  @Override
  public SyncResult readDirty(IovaRange range, boolean clear, DirtySink sink) {
    throw noDirtyTracking();
  }

  private IoasisException noDirtyTracking() {
    return new IoasisException(
        Reason.UNSUPPORTED,
        "dirty tracking refused: domain 0x%x of unit %s was not made with DIRTY_TRACKING"
            .formatted(did, core.unitId()));
  }

  @Override
  public Optional<NestedDomain> nested() {
    return Optional.empty();
  }

  @Override
  public void close() {
    Gate gate = core.gate();
    if (closed) {
      return;
    }
    gate.enter("close of domain 0x%x".formatted(did));
    try {
      synchronized (this) {
        if (closed) {
          return;
        }
        if (!attached.isEmpty()) {
          throw new IoasisException(
              Reason.BUSY,
              "close refused: domain 0x%x of unit %s is attached at PASIDs %s; detach it first"
                  .formatted(did, core.unitId(), attached.keySet()));
        }
        closed = true;
      }
      gate.awaitDoors(); // a batch that came before is out of the tables
      core.forget(this);
      freeTables();
    } finally {
      gate.leave();
    }
  }

  /** Marks it closed with its driver; the caller is alone. */
  void end() {
    boolean was = closed;
    closed = true;
    if (!was) {
      freeTables();
    }
  }

  /** Marks it closed without giving anything back: a successor goes on with it. */
  void abandon() {
    closed = true;
    if (table != null) {
      table.trim();
    }
  }

  private void freeTables() {
    if (table != null) {
      table.free();
    }
  }
}
