package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.Narrowing;
import org.ioasis.api.driver.DomainLimits;
import org.ioasis.domain.memory.FrameStore;

/**
 * What narrows a space, and who: its width and granule, promised kinds of unit, followers, pinning
 * accesses, reservations and the allowed ranges.
 *
 * <p><b>Threading:</b> the space's lock guards everything; methods that take it say so.
 */
final class Narrowings {
  private static final class Reserved implements AddressSpace.Reservation {
    private final Narrowings from;
    private final IovaRange range;
    private final String by;

    Reserved(Narrowings from, IovaRange range, String by) {
      this.from = from;
      this.range = range;
      this.by = by;
    }

    @Override
    public IovaRange range() {
      return range;
    }

    @Override
    public void close() {
      from.space.lock.lock();
      try {
        if (from.reserved.remove(this)) {
          from.changed();
        }
      } finally {
        from.space.lock.unlock();
      }
    }
  }

  private final Space space;
  private final Map<String, DomainLimits> promised = new LinkedHashMap<>();
  private final List<Reserved> reserved = new ArrayList<>();
  private List<IovaRange> allowed = List.of();
  private boolean hugePages;
  private int unitless;
  private Bounds bounds;

  Narrowings(Space space, KindLimits kinds) {
    this.space = space;
    hugePages = space.spec().hugePages();
    for (String kind : space.spec().portableKinds().stream().sorted().toList()) {
      promised.put(kind, kinds.limits(kind).orElse(KindLimits.CAUTIOUS));
    }
    changed();
  }

  /** What can be mapped now. */
  Bounds bounds() {
    return bounds;
  }

  /** Computes the bounds anew. */
  void changed() {
    bounds = without(null, space.members);
  }

  private Bounds without(Reserved left, List<Mirrors.Member> members) {
    int granule = hugePages ? space.spec().granuleLg2() : FrameStore.PAGE_LG2;
    Bounds now = Bounds.ofWidth(space.spec().widthBits(), granule);
    for (DomainLimits limits : promised.values()) {
      now = now.with(limits);
    }
    int promisedAlignment = now.alignmentLg2();
    now = new Bounds(now.usable(), promisedAlignment, 0, now.outputBits(), now.rights());
    for (Mirrors.Member member : members) {
      now = now.with(member.follower.limits());
    }
    if (space.users.stream().anyMatch(user -> user.mayPin)) {
      now = now.aligned(FrameStore.PAGE_LG2);
    }
    for (Reserved range : reserved) {
      now = range == left ? now : now.without(range.range);
    }
    return now;
  }

  boolean hugePages() {
    return hugePages;
  }

  /**
   * Whether pages above the granule may be used. Takes the lock.
   *
   * @throws IoasisException INVALID for taking them away while there are followers and mappings;
   *     RESERVED while a mapping is not page aligned
   */
  void hugePages(boolean use) {
    space.lock.lock();
    try {
      if (!use && hugePages) {
        if (!space.members.isEmpty() && space.tree.size() > 0) {
          throw new IoasisException(
              Reason.INVALID,
              "huge pages refused: %s has mappings on page tables already; unmap first"
                  .formatted(space));
        }
        if (!space.books.areAligned(FrameStore.PAGE_LG2)) {
          throw new IoasisException(
              Reason.RESERVED,
              "huge pages refused: %s has a mapping that is not page aligned".formatted(space));
        }
      }
      hugePages = use;
      changed();
    } finally {
      space.lock.unlock();
    }
  }

  List<IovaRange> allowed() {
    return allowed;
  }

  /** What an earlier instance left. */
  void take(List<IovaRange> ranges, boolean huge) {
    allowed = List.copyOf(ranges);
    hugePages = huge;
    changed();
  }

  /** Where addresses may be chosen, in order. */
  List<IovaRange> choosable() {
    if (!allowed.isEmpty()) {
      return Bounds.intersect(bounds.usable(), allowed);
    }
    return Bounds.intersect(
        bounds.usable(), List.of(new IovaRange(FrameStore.PAGE, -1L - FrameStore.PAGE)));
  }

  /** Replaces the allowed ranges. Takes the lock. */
  void allow(List<IovaRange> ranges) {
    List<IovaRange> sorted =
        ranges.stream().sorted((a, b) -> Long.compareUnsigned(a.first(), b.first())).toList();
    for (int i = 0; i < sorted.size(); i++) {
      if (sorted.get(i).length() == 1 || (i > 0 && sorted.get(i).overlaps(sorted.get(i - 1)))) {
        throw new IoasisException(
            Reason.INVALID,
            "allow refused: %s, %s is of one byte or meets another one"
                .formatted(space, sorted.get(i)));
      }
    }
    space.lock.lock();
    try {
      for (IovaRange range : sorted) {
        if (!bounds.isUsable(range.first(), range.last())) {
          throw new IoasisException(
              Reason.RESERVED,
              "allow refused: %s, %s meets what is %s"
                  .formatted(space, range, takenBy(range.first(), range.last())));
        }
      }
      allowed = sorted;
    } finally {
      space.lock.unlock();
    }
  }

  /** Takes the lock. */
  AddressSpace.Reservation reserve(IovaRange range, String by) {
    space.lock.lock();
    try {
      MappingTree.Cursor at = new MappingTree.Cursor();
      if (space.tree.meets(range.first(), range.last(), at)) {
        throw new IoasisException(
            Reason.RESERVED,
            "reserve refused: %s, %s for %s meets mapping 0x%x..0x%x"
                .formatted(space, range, by, at.first, at.last));
      }
      for (IovaRange allow : allowed) {
        if (allow.overlaps(range)) {
          throw new IoasisException(
              Reason.RESERVED,
              "reserve refused: %s, %s for %s meets allowed %s".formatted(space, range, by, allow));
        }
      }
      Reserved entry = new Reserved(this, range, by);
      reserved.add(entry);
      changed();
      return entry;
    } finally {
      space.lock.unlock();
    }
  }

  /** Takes the lock. */
  void unitless(int delta) {
    space.lock.lock();
    try {
      unitless += delta;
    } finally {
      space.lock.unlock();
    }
  }

  boolean hasUnitless() {
    return unitless > 0;
  }

  /** Who makes a part of a range unusable, for messages. */
  String takenBy(long first, long last) {
    IovaRange range = new IovaRange(first, last);
    for (Reserved entry : reserved) {
      if (entry.range.overlaps(range)) {
        return "%s reserved by %s".formatted(entry.range, entry.by);
      }
    }
    for (Mirrors.Member member : space.members) {
      if (isOutside(member.follower.limits().windows(), range)) {
        return "outside the window of %s".formatted(member.follower.name());
      }
    }
    for (Map.Entry<String, DomainLimits> kind : promised.entrySet()) {
      if (isOutside(kind.getValue().windows(), range)) {
        return "outside the window of kind %s, for which the space is portable"
            .formatted(kind.getKey());
      }
    }
    return "outside the %d bits of the space".formatted(space.spec().widthBits());
  }

  private static boolean isOutside(List<IovaRange> windows, IovaRange range) {
    return windows.stream().noneMatch(window -> window.contains(range));
  }

  /** Why a follower could not join. */
  List<Objection> objections(String who, DomainLimits limits, boolean faultCapable) {
    List<Objection> against = new ArrayList<>();
    int granule = limits.granuleLg2();
    if (granule > bounds.alignmentLg2() && !space.books.areAligned(granule)) {
      against.add(
          new Objection(
              Reason.RESERVED,
              "join refused: %s has a mapping that is not aligned to the 0x%x bytes of %s"
                  .formatted(space, 1L << granule, who)));
    }
    long common = bounds.pageSizes();
    if (common != 0 && Bounds.intersect(bounds.usable(), limits.windows()).isEmpty()) {
      against.add(
          new Objection(
              Reason.INVALID,
              "join refused: no address of %s is in a window of %s".formatted(space, who)));
    }
    windows(who, limits, against);
    int rights = space.books.inexpressible(limits.rights());
    if (rights >= 0) {
      against.add(
          new Objection(
              Reason.UNSUPPORTED,
              "join refused: %s has a mapping with rights %s, which %s cannot express"
                  .formatted(space, Pieces.text(rights), who)));
    }
    outputs(who, limits, against);
    if (!faultCapable && !space.books.isWired()) {
      space.books.sources().stream()
          .filter(source -> source.revoked())
          .findFirst()
          .ifPresent(
              source ->
                  against.add(
                      new Objection(
                          Reason.GONE,
                          "join refused: %s maps %s, which has been taken back"
                              .formatted(space, source.title()))));
    }
    return against;
  }

  private void windows(String who, DomainLimits limits, List<Objection> against) {
    MappingTree.Cursor at = new MappingTree.Cursor();
    for (IovaRange outside : Bounds.complement(limits.windows())) {
      if (space.tree.meets(outside.first(), outside.last(), at)) {
        against.add(
            new Objection(
                Reason.RESERVED,
                "join refused: %s maps 0x%x..0x%x, which meets %s outside the window of %s"
                    .formatted(space, at.first, at.last, outside, who)));
      }
      for (IovaRange range : allowed) {
        if (range.overlaps(outside)) {
          against.add(
              new Objection(
                  Reason.RESERVED,
                  "join refused: %s allows %s, which meets %s outside the window of %s"
                      .formatted(space, range, outside, who)));
        }
      }
    }
  }

  private void outputs(String who, DomainLimits limits, List<Objection> against) {
    if (space.tree.size() == 0
        || limits.outputBits() >= space.sources().frames().memory().addressBits()) {
      return;
    }
    long end = 1L << limits.outputBits();
    space.books.sources().stream()
        .filter(source -> reaches(source, end))
        .findFirst()
        .ifPresent(
            source ->
                against.add(
                    new Objection(
                        Reason.INVALID,
                        "join refused: %s maps %s, which lies beyond the %d output bits of %s"
                            .formatted(space, source.title(), limits.outputBits(), who))));
  }

  private static boolean reaches(org.ioasis.domain.memory.Source source, long end) {
    boolean[] found = new boolean[1];
    source.runs(
        0,
        source.length(),
        (offset, address, length, writable) -> {
          found[0] = address + length > end;
          return !found[0];
        });
    return found[0];
  }

  /** Everything that narrows, and by whom. */
  List<Narrowing> list() {
    List<Narrowing> all = new ArrayList<>();
    if (space.spec().widthBits() < 64) {
      all.add(
          new Narrowing(
              "the space itself",
              new IovaRange(1L << space.spec().widthBits(), -1L),
              "width %d bits".formatted(space.spec().widthBits())));
    }
    promised.forEach((kind, limits) -> add(all, "kind " + kind, limits));
    for (Mirrors.Member member : space.members) {
      add(all, member.follower.name(), member.follower.limits());
    }
    for (SpaceUser user : space.users) {
      if (user.mayPin) {
        all.add(new Narrowing("access " + user.name, null, "alignment 0x1000"));
      }
    }
    for (Reserved entry : reserved) {
      all.add(new Narrowing(entry.by, entry.range, "reserved"));
    }
    if (!hugePages) {
      all.add(new Narrowing("option HUGE_PAGES", null, "alignment 0x1000, pages of the granule"));
    }
    return all;
  }

  private static void add(List<Narrowing> all, String by, DomainLimits limits) {
    for (IovaRange outside : Bounds.complement(limits.windows())) {
      all.add(new Narrowing(by, outside, "outside its window"));
    }
    all.add(new Narrowing(by, null, "alignment 0x%x".formatted(1L << limits.granuleLg2())));
    all.add(new Narrowing(by, null, "page sizes 0x%x".formatted(limits.pageSizes())));
    all.add(new Narrowing(by, null, "output width %d bits".formatted(limits.outputBits())));
    if ((limits.rights() & Bounds.ALL_RIGHTS) != Bounds.ALL_RIGHTS) {
      all.add(
          new Narrowing(
              by, null, "rights told apart: " + Pieces.text(limits.rights() & Bounds.ALL_RIGHTS)));
    }
  }
}
