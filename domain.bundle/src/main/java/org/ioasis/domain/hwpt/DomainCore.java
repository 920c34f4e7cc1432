package org.ioasis.domain.hwpt;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.ioasis.api.Blob;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.device.RoutingKey;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Domain;
import org.ioasis.api.domain.PasidTable;
import org.ioasis.api.driver.BatchResult;
import org.ioasis.api.driver.DeviceFacts;
import org.ioasis.api.driver.DirtySink;
import org.ioasis.api.driver.DomainFlag;
import org.ioasis.api.driver.DomainSpec;
import org.ioasis.api.fault.FaultQueue;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Kept;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.space.Space;
import org.ioasis.domain.unit.UnitHost;

/**
 * A domain: what it was asked to be, and its table on each unit where devices use it.
 *
 * <p><b>Threading:</b> any thread, outside bursts. {@code home}, {@code lost}, {@code tracking} and
 * what is in {@code tables} are written under the lock of the structure.
 */
public final class DomainCore implements Domain, Kept {
  private static final int MOST_RECORD_BYTES = 4096;
  private static final int MOST_RECORDS = 1 << 19;

  private final Domains domains;
  private final Handle<Domain> handle;
  private final Client owner;
  private final DomainPlan plan;
  private final Map<String, Table> tables = new ConcurrentHashMap<>();
  private final List<Attached> attached = new CopyOnWriteArrayList<>();
  private final DirtyRuns carried = new DirtyRuns();
  private volatile String home;
  private volatile String kind;
  private volatile boolean lost;
  private volatile boolean tracking;

  /** A device at one of its places. */
  private record Attached(RoutingKey key, DeviceFacts device) {}

  DomainCore(
      Domains domains,
      Handle<Domain> handle,
      Client owner,
      DomainPlan plan,
      String home,
      String kind) {
    this.domains = domains;
    this.handle = handle;
    this.owner = owner;
    this.plan = plan;
    this.home = home;
    this.kind = kind;
  }

  /** What it was asked to be. */
  public DomainPlan plan() {
    return plan;
  }

  /** Who made it. */
  public Client owner() {
    return owner;
  }

  @Override
  public Handle<Domain> handle() {
    return handle;
  }

  @Override
  public String title() {
    return "hwpt %d%s".formatted(handle.id(), plan.automatic() ? " (automatic)" : "");
  }

  @Override
  public String unitId() {
    return home;
  }

  /** Kind of unit it was made for; formats of users belong to a kind. */
  public String kind() {
    return kind;
  }

  @Override
  public Handle<AddressSpace> space() {
    Space space = baseSpace();
    return space == null ? null : space.handle();
  }

  /** The space that it or its parent follows; null for identity. */
  public Space baseSpace() {
    return plan.parent() == null ? plan.space() : plan.parent().baseSpace();
  }

  @Override
  public DomainSpec.Type type() {
    return plan.type();
  }

  /** Of an automatic one what its table can do now, which depends on its unit and its devices. */
  @Override
  public Set<DomainFlag> flags() {
    Table table = plan.automatic() ? tables.get(home) : null;
    return table == null ? plan.flags() : table.hosted().spec().flags();
  }

  @Override
  public boolean automatic() {
    return plan.automatic();
  }

  @Override
  public Optional<Handle<FaultQueue>> faultQueue() {
    return Optional.ofNullable(plan.faultQueue());
  }

  @Override
  public List<RoutingKey> attachments() {
    return attached.stream().map(Attached::key).toList();
  }

  /** What is attached. */
  List<DeviceFacts> devices() {
    return attached.stream().map(Attached::device).distinct().toList();
  }

  /** Notes an attachment; the lock of the structure is held. */
  public void attached(RoutingKey key, DeviceFacts device) {
    attached.add(new Attached(key, device));
  }

  /** Forgets one. */
  public void detached(RoutingKey key) {
    attached.removeIf(there -> there.key().equals(key));
  }

  // ---- tables ------------------------------------------------------------------------------

  /** Its tables now, by unit. */
  public Map<String, Table> tables() {
    return tables;
  }

  /** The table on a unit, if the unit has one that lives. */
  public Optional<Table> table(UnitHost host) {
    return Optional.ofNullable(tables.get(host.unitId())).filter(Table::isAlive);
  }

  /**
   * The table on a unit, made and filled if it is not there; the lock of the structure is held.
   *
   * @throws IoasisException why it cannot be made there
   */
  public Table require(UnitHost host) {
    Optional<Table> there = table(host);
    if (there.isPresent()) {
      return there.get();
    }
    Table dead = tables.remove(host.unitId());
    if (dead != null) {
      dead.end();
    }
    Table made = domains.build(this, host);
    install(made);
    return made;
  }

  /** Takes in a table that was built outside the lock; the lock is held now. */
  public void install(Table made) {
    if (tracking) {
      made.hosted().trackDirty(true);
    }
    tables.put(made.host().unitId(), made);
  }

  /** A unit no longer has devices of it: what was written there is remembered, the table ends. */
  public void dropTable(String unitId) {
    Table table = tables.remove(unitId);
    if (table == null) {
      return;
    }
    try {
      if (tracking && table.isAlive() && table.host().isServing()) {
        for (IovaRange window : table.hosted().limits().windows()) {
          table.hosted().readDirty(window, false, carried::add);
        }
      }
    } finally {
      table.end();
    }
  }

  /** Fills its table on a unit anew if it is behind; the lock is held. */
  public void catchUp(UnitHost host) {
    table(host).ifPresent(Table::catchUp);
  }

  /** It belongs to another unit from now on. */
  public void moveHome(UnitHost host) {
    home = host.unitId();
    kind = host.kind();
  }

  /** The unit that serves cannot read its format. */
  public void lose() {
    lost = true;
  }

  /** Whether its format was lost. */
  public boolean isLost() {
    return lost;
  }

  private Table atHome(String what) {
    if (lost) {
      throw new IoasisException(
          Reason.GONE,
          "%s refused: unit %s cannot read the format of %s; destroy it"
              .formatted(what, home, title()));
    }
    Table table = tables.get(home);
    if (table == null) {
      throw new IoasisException(
          Reason.GONE,
          "%s refused: unit %s of %s is not served now".formatted(what, home, title()));
    }
    return table;
  }

  // ---- what its user does ----------------------------------------------------------------------

  @Override
  public long lookup(long iova) {
    if (!owner.trusted()) {
      throw new IoasisException(
          Reason.DENIED,
          "lookup refused: %s belongs to %s, which is not trusted with memory"
              .formatted(title(), owner));
    }
    return atHome("lookup").hosted().lookup(iova);
  }

  private void checkDirty(String what) {
    if (plan.type() == DomainSpec.Type.NESTED) {
      throw new IoasisException(
          Reason.NOT_FOUND, "%s refused: %s is nested; ask its parent".formatted(what, title()));
    }
    if (!plan.flags().contains(DomainFlag.DIRTY_TRACKING)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "%s refused: %s was not made with DIRTY_TRACKING".formatted(what, title()));
    }
  }

  @Override
  public void trackDirty(boolean enable) {
    checkDirty("dirty tracking");
    domains.structure().lock();
    try {
      atHome("dirty tracking");
      for (Table table : tables.values()) {
        table.hosted().trackDirty(enable);
      }
      tracking = enable;
      carried.clear();
    } finally {
      domains.structure().unlock();
    }
  }

  @Override
  public void readDirty(IovaRange range, int pageLg2, ByteBuffer bitmap, boolean clear) {
    checkDirty("dirty bitmap");
    long mask = pageLg2 < 0 || pageLg2 > 62 ? -1L : (1L << pageLg2) - 1;
    if (!tracking || (range.first() & mask) != 0 || (range.last() + 1 & mask) != 0) {
      throw new IoasisException(
          Reason.INVALID,
          "dirty bitmap refused: %s %s, range 0x%x..0x%x in pages of 2^%d"
              .formatted(
                  title(),
                  tracking ? "marks" : "does not mark now",
                  range.first(),
                  range.last(),
                  pageLg2));
    }
    long bits = ((range.last() - range.first()) >>> pageLg2) + 1;
    if (bits < 0 || (bits + 7) / 8 > bitmap.remaining()) {
      throw new IoasisException(
          Reason.TOO_LARGE,
          "dirty bitmap refused: %s needs %d bits, there is room for %d"
              .formatted(title(), bits, 8L * bitmap.remaining()));
    }
    DirtySink sink = (iova, length) -> mark(bitmap, range.first(), pageLg2, iova, length);
    List<Table> all = new ArrayList<>(tables.values());
    for (Table table : all) {
      table.hosted().readDirty(range, clear, sink);
    }
    carried.read(range, clear, sink);
  }

  private static void mark(ByteBuffer bitmap, long base, int pageLg2, long iova, long length) {
    long last = (iova - base + length - 1) >>> pageLg2;
    for (long bit = (iova - base) >>> pageLg2; bit <= last; bit++) {
      int at = bitmap.position() + (int) (bit >>> 3);
      bitmap.put(at, (byte) (bitmap.get(at) | 1 << (bit & 7)));
    }
  }

  @Override
  public BatchResult invalidate(Blob records, int recordBytes) {
    if (plan.type() != DomainSpec.Type.NESTED) {
      throw new IoasisException(
          Reason.INVALID, "invalidation refused: %s is not nested".formatted(title()));
    }
    checkRecords(title(), records, recordBytes);
    Table table = atHome("invalidation");
    if (records.length() == 0) {
      List<String> types = table.hosted().invalidationTypes().orElse(List.of());
      if (!types.contains(records.type())) {
        throw new IoasisException(
            Reason.UNSUPPORTED,
            "invalidation type %s refused: %s takes %s".formatted(records.type(), title(), types));
      }
      return BatchResult.all(0);
    }
    return table.hosted().invalidate(records, recordBytes);
  }

  /** The bounds of the kernel. */
  static void checkRecords(String title, Blob records, int recordBytes) {
    if (records.length() == 0) {
      return;
    }
    if (recordBytes < 1
        || recordBytes > MOST_RECORD_BYTES
        || records.length() % recordBytes != 0
        || records.length() / recordBytes > MOST_RECORDS) {
      throw new IoasisException(
          Reason.INVALID,
          "invalidation of %s refused: %d bytes in records of %d; a record has 1 to %d bytes, and there are at most %d"
              .formatted(title, records.length(), recordBytes, MOST_RECORD_BYTES, MOST_RECORDS));
    }
  }

  @Override
  public Optional<PasidTable> pasidTable() {
    return plan.flags().contains(DomainFlag.USER_PASID_TABLE)
        ? Optional.of(new UserPasidTable(this, domains.looks()))
        : Optional.empty();
  }

  /** Virtual IOMMUs end with their driver, and with them what stands over them. */
  @Override
  public Object leave() {
    if (plan.viommu() != null) {
      return null;
    }
    return new Object[] {
      plan.type(),
      plan.flags(),
      plan.space() == null ? null : plan.space().handle(),
      plan.parent() == null ? null : plan.parent().handle(),
      plan.data(),
      plan.faultQueue(),
      plan.automatic(),
      home,
      kind,
      lost,
      tracking
    };
  }

  /** As an earlier instance left it, without tables. */
  @SuppressWarnings("unchecked") // leave() has put it there
  static DomainCore revive(Domains domains, Handle<Domain> handle, Client owner, Object state) {
    Object[] parts = (Object[]) state;
    Objects objects = domains.objects();
    DomainPlan plan =
        new DomainPlan(
            (DomainSpec.Type) parts[0],
            (Set<DomainFlag>) parts[1],
            parts[2] == null ? null : objects.find((Handle<?>) parts[2], Space.class),
            parts[3] == null ? null : objects.find((Handle<?>) parts[3], DomainCore.class),
            null,
            (Blob) parts[4],
            (Handle<FaultQueue>) parts[5],
            (boolean) parts[6]);
    DomainCore made =
        new DomainCore(domains, handle, owner, plan, (String) parts[7], (String) parts[8]);
    made.lost = (boolean) parts[9];
    made.tracking = (boolean) parts[10];
    return made;
  }

  @Override
  public void destroy() {
    domains.objects().destroy(handle);
  }

  @Override
  public void end() {
    domains.structure().lock();
    try {
      domains.forget(this);
      for (Table table : tables.values()) {
        table.end();
      }
      tables.clear();
    } finally {
      domains.structure().unlock();
    }
  }

  @Override
  public String toString() {
    return title();
  }
}
