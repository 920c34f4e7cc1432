package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.AddressSpaceSpec;
import org.ioasis.api.domain.Mapping;
import org.ioasis.api.domain.MappingSink;
import org.ioasis.api.domain.Narrowing;
import org.ioasis.api.domain.SegmentSink;
import org.ioasis.api.domain.SpaceLimits;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.domain.client.Client;
import org.ioasis.domain.client.Kept;
import org.ioasis.domain.memory.FrameStore;
import org.ioasis.domain.memory.Mapper;
import org.ioasis.domain.memory.Source;
import org.ioasis.domain.memory.Sources;

/**
 * An address space: mappings as data, and the followers that mirror them.
 *
 * <p>A change takes its range ({@link Holds}), looks and writes under the lock, and works on page
 * tables and calls users without it. A mapping that is being made or removed stands in the tree,
 * hidden from translations, so that nobody takes its addresses.
 *
 * <p><b>Threading:</b> any thread, outside bursts. The lock guards the tree, members, reservations
 * and books; {@link MappingTree#translate} needs none. Order: lock, then monitors of {@link Books}
 * and {@link Source}. No lock is held while a follower or a user is called.
 */
public final class Space implements Kept, Mapper {
  static final int AT_A_TIME = 1024;

  private final Sources sources;
  private final Handle<AddressSpace> handle;
  private final Client owner;
  private final AddressSpaceSpec spec;
  private final Ledger ledger;

  final ReentrantLock lock = new BriefLock();
  final MappingTree tree = new MappingTree();
  final Books books = new Books(this);
  final Holds holds;
  final Narrowings narrowings;
  final List<Mirrors.Member> members = new ArrayList<>();
  final List<SpaceUser> users = new CopyOnWriteArrayList<>();
  final Pins pins = new Pins(this);
  private final List<KeptRange> kept = new ArrayList<>();
  private final MappingTree.Cursor cursor = new MappingTree.Cursor();
  private final FollowerListener followers;

  /** Told when page tables begin and cease to follow; registers fault handlers. */
  public interface FollowerListener {
    /** Nobody listens. */
    FollowerListener NONE =
        new FollowerListener() {
          @Override
          public void joined(Space space, Follower follower) {}

          @Override
          public void left(Space space, Follower follower) {}
        };

    /** Before back-fill. */
    void joined(Space space, Follower follower);

    /** After the last batch. */
    void left(Space space, Follower follower);
  }

  /** Memory that must stay mapped, and for whom. */
  private record KeptRange(IovaRange range, String by) {}

  /** A part of a source to be mapped. */
  record Piece(Source source, long offset, long length) {}

  /**
   * An empty space.
   *
   * @param kinds limits of the kinds of unit it must always fit
   */
  public Space(
      Sources sources,
      Handle<AddressSpace> handle,
      Client owner,
      AddressSpaceSpec spec,
      KindLimits kinds,
      Ledger ledger,
      FollowerListener followers) {
    this.sources = Objects.requireNonNull(sources, "sources");
    this.handle = Objects.requireNonNull(handle, "handle");
    this.owner = owner;
    this.spec = spec;
    this.ledger = ledger;
    this.followers = followers;
    holds = new Holds(lock, title());
    narrowings = new Narrowings(this, kinds);
  }

  /** The right to it. */
  public Handle<AddressSpace> handle() {
    return handle;
  }

  /** What it was made of. */
  public AddressSpaceSpec spec() {
    return spec;
  }

  /** Who made it. */
  public Client owner() {
    return owner;
  }

  Sources sources() {
    return sources;
  }

  Ledger ledger() {
    return ledger;
  }

  @Override
  public String title() {
    return "ioas %d (%s)".formatted(handle.id(), spec.name());
  }

  @Override
  public String toString() {
    return title();
  }

  // --------------------------------------------------------------------- followers

  /**
   * Lets a follower join: admission, then back-fill in bounded chunks while changes go on and reach
   * it too. When it returns the follower holds what the space maps.
   *
   * @throws IoasisException as the first of {@link #objections}, and nothing has changed;
   *     EXHAUSTED, MEMORY_FAULT or GONE from the back-fill, and the follower follows no more
   */
  public void addFollower(Follower follower) {
    Mirrors.Member member = new Mirrors.Member(follower);
    lock.lock();
    try {
      if (members.stream().anyMatch(m -> m.follower == follower)) {
        throw new IoasisException(
            Reason.EXISTS, "%s follows %s already".formatted(follower.name(), title()));
      }
      List<Objection> against =
          narrowings.objections(follower.name(), follower.limits(), follower.faultCapable());
      if (!against.isEmpty()) {
        throw against.get(0).exception();
      }
      members.add(member);
      narrowings.changed();
    } finally {
      lock.unlock();
    }
    boolean joined = false;
    try {
      if (!follower.faultCapable()) {
        books.wire(1);
      }
      followers.joined(this, follower);
      new BackFill(this, member).run();
      joined = true;
    } finally {
      if (!joined) {
        leave(member);
      }
    }
  }

  /** Whether another follower than a joining one sees to it that all mapped memory is present. */
  boolean keepsAllPresent(Mirrors.Member joining) {
    lock.lock();
    try {
      return members.stream()
          .anyMatch(m -> m != joining && m.whole && !m.gone && !m.follower.faultCapable());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a follower that an earlier instance of the bundle has filled: it holds what the space
   * maps. For use before anybody else knows the space.
   */
  public void adoptFollower(Follower follower) {
    Mirrors.Member member = new Mirrors.Member(follower);
    member.whole = true;
    lock.lock();
    try {
      members.add(member);
      narrowings.changed();
    } finally {
      lock.unlock();
    }
    if (!follower.faultCapable()) {
      books.wire(1);
    }
    followers.joined(this, follower);
  }

  /**
   * Lets a follower go. When it returns no batch of it is in use or will be asked for; what it
   * holds is its owner's to give back. Does nothing if it does not follow.
   */
  public void removeFollower(Follower follower) {
    Mirrors.Member found = null;
    lock.lock();
    try {
      for (Mirrors.Member member : members) {
        found = member.follower == follower ? member : found;
      }
    } finally {
      lock.unlock();
    }
    if (found != null) {
      leave(found);
    }
  }

  private void leave(Mirrors.Member member) {
    lock.lock();
    try {
      member.gone = true;
      Holds.Hold hold = holds.begin(0, -1L, Holds.Kind.MAP);
      boolean was = members.remove(member);
      holds.end(hold);
      if (!was) {
        return;
      }
      narrowings.changed();
    } finally {
      lock.unlock();
    }
    if (!member.follower.faultCapable()) {
      books.wire(-1);
    }
    followers.left(this, member.follower);
  }

  /** Those that follow now, the joining ones too. */
  public List<Follower> followers() {
    lock.lock();
    try {
      return members.stream().map(member -> member.follower).toList();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Why a follower with these limits could not join now: every mapping, allowed range and promise
   * of the space against it. Changes nothing.
   *
   * @param who for the messages
   * @param faultCapable as the follower's
   * @return empty if it fits; one per rule, not one per mapping
   */
  public List<Objection> objections(String who, DomainLimits limits, boolean faultCapable) {
    lock.lock();
    try {
      return narrowings.objections(who, limits, faultCapable);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Reserves a range until the result is closed.
   *
   * @throws IoasisException RESERVED if it meets a mapping or allowed range
   */
  public AddressSpace.Reservation reserve(IovaRange range, String by) {
    return narrowings.reserve(range, by);
  }

  /** A device without any unit is attached (+1) or no longer (-1). */
  public void unitless(int delta) {
    narrowings.unitless(delta);
  }

  /**
   * Keeps a range mapped until the result is closed: an unmap there is BUSY.
   *
   * @throws IoasisException NOT_FOUND if it is not mapped without a gap
   */
  public AutoCloseable keep(IovaRange range, String by) {
    KeptRange entry = new KeptRange(range, by);
    lock.lock();
    try {
      Pieces.of(this, range, 0);
      kept.add(entry);
    } finally {
      lock.unlock();
    }
    return () -> {
      lock.lock();
      try {
        kept.remove(entry);
      } finally {
        lock.unlock();
      }
    };
  }

  // --------------------------------------------------------------------- changes

  /**
   * Maps a part of a source.
   *
   * @param iova where; empty for any
   * @param alignLg2 least alignment of a chosen address
   * @return the first address
   */
  public long map(
      Source source, long offset, long length, int rights, OptionalLong iova, int alignLg2) {
    Pieces.check(source, offset, length);
    return new MapChange(this, List.of(new Piece(source, offset, length)), rights)
        .run(iova, alignLg2);
  }

  /** Maps what another space maps, sharing the memory; as the API's. */
  public long copy(Space from, IovaRange range, OptionalLong iova, int rights) {
    List<Piece> pieces;
    from.lock.lock();
    try {
      pieces = Pieces.of(from, range, 0);
    } finally {
      from.lock.unlock();
    }
    return new MapChange(this, pieces, rights).run(iova, 0);
  }

  /**
   * Maps what another space maps, all of it at the same addresses with the same rights, or nothing.
   *
   * @throws IoasisException EXISTS for one that collides, naming it, and as {@link #map}
   */
  public void copyAll(Space from) {
    List<IovaRange> done = new ArrayList<>();
    boolean complete = false;
    try {
      MappingTree.Cursor at = new MappingTree.Cursor();
      for (boolean more = from.first(at); more; more = from.after(at)) {
        Source source = sources.at(at.slot());
        if (source != null && !at.hidden()) {
          long length = at.last - at.first + 1;
          new MapChange(this, List.of(new Piece(source, at.offset, length)), at.rights())
              .run(OptionalLong.of(at.first), 0);
          done.add(new IovaRange(at.first, at.last));
        }
      }
      complete = true;
    } finally {
      if (!complete) {
        done.forEach(range -> unmap(range, UnmapMode.WHOLE));
      }
    }
  }

  /** The first mapping. */
  boolean first(MappingTree.Cursor at) {
    lock.lock();
    try {
      return tree.seek(0, at);
    } finally {
      lock.unlock();
    }
  }

  /** The next mapping, whatever has changed in between. */
  boolean after(MappingTree.Cursor at) {
    lock.lock();
    try {
      return tree.next(at);
    } finally {
      lock.unlock();
    }
  }

  /** Removes the mappings of a range; as the API's. */
  public long unmap(IovaRange range, UnmapMode mode) {
    return new UnmapChange(this).run(range, mode);
  }

  /** Removes every mapping. */
  public long unmapAll() {
    return new UnmapChange(this).runAll();
  }

  /** Changes the rights of every mapping in a range. */
  public void protect(IovaRange range, int rights) {
    new ProtectChange(this, rights).run(range);
  }

  // --------------------------------------------------------------------- questions

  /** What can be mapped now. */
  public SpaceLimits limits() {
    lock.lock();
    try {
      Bounds bounds = narrowings.bounds();
      return new SpaceLimits(
          bounds.usable(), 1L << bounds.alignmentLg2(), bounds.pageSizes(), ledger.left(owner));
    } finally {
      lock.unlock();
    }
  }

  /** Who narrowed what. */
  public List<Narrowing> narrowings() {
    lock.lock();
    try {
      return narrowings.list();
    } finally {
      lock.unlock();
    }
  }

  /** Replaces the ranges of chosen addresses. */
  public void allow(List<IovaRange> ranges) {
    narrowings.allow(ranges);
  }

  /** The mappings that meet a range, a thousand under one lock. */
  public void mappings(IovaRange range, MappingSink sink) {
    List<Mapping> some = new ArrayList<>();
    long at = range.first();
    boolean more = true;
    while (more) {
      some.clear();
      lock.lock();
      try {
        more = tree.meets(at, range.last(), cursor);
        while (more && some.size() < AT_A_TIME) {
          addMapping(some, cursor);
          at = cursor.last + 1;
          more =
              cursor.last != -1L
                  && tree.next(cursor)
                  && Long.compareUnsigned(cursor.first, range.last()) <= 0;
        }
      } finally {
        lock.unlock();
      }
      for (Mapping mapping : some) {
        if (!sink.mapping(mapping)) {
          return;
        }
      }
    }
  }

  private void addMapping(List<Mapping> to, MappingTree.Cursor at) {
    Source source = sources.at(at.slot());
    if (source != null && !at.hidden()) {
      to.add(
          new Mapping(new IovaRange(at.first, at.last), source.handle(), at.offset, at.rights()));
    }
  }

  /** How many mappings there are. */
  public long mappingCount() {
    lock.lock();
    try {
      return tree.size();
    } finally {
      lock.unlock();
    }
  }

  /** Bytes of the structure that holds the mappings, for measurements. */
  public long structureBytes() {
    lock.lock();
    try {
      return tree.bytes();
    } finally {
      lock.unlock();
    }
  }

  /** Who keeps a part of a range mapped; null if nobody. Under the lock. */
  String keeper(long first, long last) {
    IovaRange range = new IovaRange(first, last);
    return kept.stream()
        .filter(k -> k.range.overlaps(range))
        .map(KeptRange::by)
        .findFirst()
        .orElse(null);
  }

  /**
   * Answers a fault: makes the page present if the mapping grants the access.
   *
   * @param access READ, WRITE and EXECUTE bits
   * @return whether the access can be tried again
   */
  public boolean fault(long address, int access) {
    return new Faults(this).serve(address, access);
  }

  // --------------------------------------------------------------------- users

  /**
   * A user begins.
   *
   * @throws IoasisException RESERVED if it pins and a mapping is not page aligned
   */
  void join(SpaceUser user) {
    lock.lock();
    try {
      if (user.mayPin && !books.areAligned(FrameStore.PAGE_LG2)) {
        throw new IoasisException(
            Reason.RESERVED,
            "access %s refused: %s has a mapping that is not page aligned"
                .formatted(user.name, this));
      }
      users.add(user);
      narrowings.changed();
    } finally {
      lock.unlock();
    }
  }

  /** A user ends, and with it its pins. */
  void part(SpaceUser user) {
    lock.lock();
    try {
      users.remove(user);
      narrowings.changed();
    } finally {
      lock.unlock();
    }
    pins.drop(user);
  }

  boolean usesHugePages() {
    lock.lock();
    try {
      return narrowings.hugePages();
    } finally {
      lock.unlock();
    }
  }

  void useHugePages(boolean use) {
    narrowings.hugePages(use);
  }

  /** Where the memory behind a range is, for a device without any unit. */
  void physical(IovaRange range, SegmentSink sink) {
    List<Piece> pieces;
    lock.lock();
    try {
      if (!narrowings.hasUnitless()) {
        throw new IoasisException(
            Reason.UNSUPPORTED,
            "physical refused: no device without a unit is attached to %s".formatted(this));
      }
      pieces = Pieces.of(this, range, 0);
    } finally {
      lock.unlock();
    }
    for (Piece piece : pieces) {
      piece
          .source()
          .runs(
              piece.offset(),
              piece.length(),
              (offset, address, length, writable) -> {
                sink.segment(address, length);
                return true;
              });
    }
  }

  // --------------------------------------------------------------------- sources

  @Override
  public void moved(Source source, long offset, long length, boolean away) {
    new Refresh(this, source).run(offset, length, away);
  }

  @Override
  public long mappings(Source source, long offset) {
    lock.lock();
    try {
      return members.isEmpty() ? 0 : Refresh.targets(this, source, offset, 1).size();
    } finally {
      lock.unlock();
    }
  }

  // --------------------------------------------------------------------- end and hand-over

  /**
   * For the next instance of the bundle: specification, allowed ranges, use of huge pages, and the
   * mappings, each four words of which the third is the identity of its source.
   */
  @Override
  public Object leave() {
    lock.lock();
    try {
      long[] words = new long[Math.toIntExact(tree.size() * 5)];
      int n = 0;
      for (boolean more = tree.seek(0, cursor); more; more = tree.next(cursor)) {
        words[n++] = cursor.first;
        words[n++] = cursor.last;
        words[n++] = cursor.offset;
        words[n++] = sources.at(cursor.slot()).handle().id();
        words[n++] = cursor.rights();
      }
      return new Object[] {spec, narrowings.allowed(), narrowings.hugePages(), words};
    } finally {
      lock.unlock();
    }
  }

  @SuppressWarnings("unchecked")
  void take(Object[] left) {
    Map<Integer, Source> byId = new HashMap<>();
    sources.all().forEach(s -> byId.put(s.handle().id(), s));
    lock.lock();
    try {
      narrowings.take((List<IovaRange>) left[1], (boolean) left[2]);
      long[] words = (long[]) left[3];
      for (int n = 0; n < words.length; n += 5) {
        Source source = byId.get((int) words[n + 3]);
        int rights = (int) words[n + 4];
        ledger.add(owner, 1);
        books.retain(source);
        tree.insert(words[n], words[n + 1], words[n + 2], MappingTree.meta(source.slot(), rights));
        books.added(source, words[n], words[n + 1], words[n + 2], rights);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void end() {
    new UnmapChange(this).runAll();
  }

  /** Lets go what a change retained of sources. */
  void release(Map<Source, Long> counts) {
    counts.forEach(books::release);
  }

  /** A map for {@link #release}. */
  static Map<Source, Long> counts() {
    return new HashMap<>();
  }
}
