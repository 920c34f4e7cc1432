package org.ioasis.domain.space;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.AddressSpace;
import org.ioasis.api.domain.UnmapMode;
import org.ioasis.domain.memory.Source;
import org.ioasis.testing.Requirement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A space with followers that come and go, against a sorted map of its mappings. */
class SpaceModelTest {
  private static final long PAGES = 96;

  private record Entry(long last, Source source, long offset, int rights) {}

  private final TreeMap<Long, Entry> model = new TreeMap<>();
  private final List<IovaRange> reserved = new ArrayList<>();
  private List<IovaRange> allowed = List.of();
  private Random random;

  private boolean meets(long first, long last) {
    Map.Entry<Long, Entry> below = model.floorEntry(last);
    return below != null && below.getValue().last >= first;
  }

  private boolean isReserved(long first, long last) {
    return reserved.stream().anyMatch(r -> r.overlaps(new IovaRange(first, last)));
  }

  private static Reason refusal(Runnable call) {
    try {
      call.run();
      return null;
    } catch (IoasisException e) {
      return e.reason();
    }
  }

  private long address() {
    return (1 + random.nextInt((int) PAGES)) * Rig.PAGE;
  }

  private long length() {
    return (1 + random.nextInt(6)) * Rig.PAGE;
  }

  @ParameterizedTest
  @Requirement({1, 9})
  @CsvSource({"1, false", "2, false", "3, true", "4, true"})
  void agreesWithTheModel(long seed, boolean onDemand) {
    random = new Random(seed);
    try (Rig rig = new Rig(1L << 26)) {
      Space space = rig.space("model");
      List<Source> memory = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        memory.add(rig.anonymous(32 * Rig.PAGE, onDemand && i % 2 == 0));
      }
      List<PageTable> tables = new ArrayList<>();
      List<AddressSpace.Reservation> reservations = new ArrayList<>();
      for (int step = 0; step < 3_000; step++) {
        switch (random.nextInt(12)) {
          case 0, 1, 2, 3 -> map(space, memory.get(random.nextInt(4)));
          case 4, 5 -> unmap(space, UnmapMode.WHOLE);
          case 6 -> unmap(space, UnmapMode.SPLIT);
          case 7 -> protect(space);
          case 8 -> copy(space);
          case 9 -> reserve(space, reservations);
          case 10 -> allow(space);
          default -> followers(space, tables, onDemand);
        }
        check(space, tables, step);
      }
      tables.forEach(space::removeFollower);
      reservations.forEach(AddressSpace.Reservation::close);
      rig.objects.destroy(space.handle());
      memory.forEach(Source::destroy);
      assertThat(rig.frames.heldBytes()).isZero();
      assertThat(rig.objects.size()).isZero();
    }
  }

  private void check(Space space, List<PageTable> tables, int step) {
    if (step % 20 == 0) {
      TreeMap<Long, Entry> now = new TreeMap<>();
      space.mappings(
          IovaRange.ALL,
          m -> {
            Source source = space.sources().find(m.source());
            now.put(m.range().first(), new Entry(m.range().last(), source, m.offset(), m.rights()));
            return true;
          });
      assertThat(now).isEqualTo(model);
      assertThat(space.mappingCount()).isEqualTo(model.size());
      tables.forEach(table -> table.assertMirrors(space));
    }
  }

  private void map(Space space, Source source) {
    long length = length();
    long offset = random.nextInt(26) * Rig.PAGE;
    int rights = 1 + random.nextInt(3);
    if (random.nextBoolean()) {
      long first = address();
      long last = first + length - 1;
      Reason expected =
          isReserved(first, last) ? Reason.INVALID : meets(first, last) ? Reason.EXISTS : null;
      assertThat(refusal(() -> space.map(source, offset, length, rights, Rig.at(first), 0)))
          .isEqualTo(expected);
      if (expected == null) {
        model.put(first, new Entry(last, source, offset, rights));
      }
      return;
    }
    long first = space.map(source, offset, length, rights, OptionalLong.empty(), 0);
    long last = first + length - 1;
    assertThat(meets(first, last) || isReserved(first, last)).isFalse();
    assertThat(first).isNotZero();
    if (!allowed.isEmpty()) {
      assertThat(allowed).anyMatch(r -> r.contains(new IovaRange(first, last)));
    }
    model.put(first, new Entry(last, source, offset, rights));
  }

  private void unmap(Space space, UnmapMode mode) {
    long first = address();
    long last = first + length() * 2 - 1;
    if (mode == UnmapMode.WHOLE && random.nextBoolean() && !model.isEmpty()) {
      Map.Entry<Long, Entry> some = model.floorEntry(first);
      some = some == null ? model.firstEntry() : some;
      first = some.getKey();
      last = some.getValue().last;
    }
    long from = first;
    long to = last;
    Map.Entry<Long, Entry> low = model.lowerEntry(first);
    boolean cutsLow = low != null && low.getValue().last >= first;
    Map.Entry<Long, Entry> high = model.floorEntry(last);
    boolean cutsHigh = high != null && high.getValue().last > last;
    Reason expected =
        !meets(first, last) || (mode == UnmapMode.WHOLE && (cutsLow || cutsHigh))
            ? Reason.NOT_FOUND
            : null;
    long[] bytes = new long[1];
    assertThat(refusal(() -> bytes[0] = space.unmap(new IovaRange(from, to), mode)))
        .isEqualTo(expected);
    if (expected == null) {
      if (cutsLow) {
        split(low.getKey(), first);
      }
      high = model.floorEntry(last);
      if (high.getValue().last > last) {
        split(high.getKey(), last + 1);
      }
      Map<Long, Entry> gone = model.subMap(first, true, last, true);
      long sum = gone.entrySet().stream().mapToLong(e -> e.getValue().last - e.getKey() + 1).sum();
      assertThat(bytes[0]).isEqualTo(sum);
      gone.clear();
    }
  }

  private void split(long first, long where) {
    Entry old = model.get(first);
    model.put(first, new Entry(where - 1, old.source, old.offset, old.rights));
    model.put(where, new Entry(old.last, old.source, old.offset + (where - first), old.rights));
  }

  private void protect(Space space) {
    if (model.isEmpty()) {
      return;
    }
    Map.Entry<Long, Entry> some = model.floorEntry(address());
    some = some == null ? model.firstEntry() : some;
    int rights = 1 + random.nextInt(3);
    space.protect(new IovaRange(some.getKey(), some.getValue().last), rights);
    Entry old = some.getValue();
    model.put(some.getKey(), new Entry(old.last, old.source, old.offset, rights));
  }

  private void copy(Space space) {
    long first = address();
    long length = length();
    long to = (2 * PAGES + 1 + random.nextInt((int) PAGES)) * Rig.PAGE;
    List<Entry> pieces = new ArrayList<>();
    for (long at = first; at < first + length; ) {
      Map.Entry<Long, Entry> below = model.floorEntry(at);
      if (below == null || below.getValue().last < at) {
        break;
      }
      long last = Math.min(below.getValue().last, first + length - 1);
      Entry e = below.getValue();
      pieces.add(new Entry(last - at, e.source, e.offset + (at - below.getKey()), Rig.RW));
      at = last + 1;
    }
    long mapped = pieces.stream().mapToLong(p -> p.last + 1).sum();
    Reason expected =
        mapped != length
            ? Reason.NOT_FOUND
            : isReserved(to, to + length - 1)
                ? Reason.INVALID
                : meets(to, to + length - 1) ? Reason.EXISTS : null;
    assertThat(refusal(() -> space.copy(space, IovaRange.of(first, length), Rig.at(to), Rig.RW)))
        .isEqualTo(expected);
    if (expected == null) {
      long at = to;
      for (Entry piece : pieces) {
        model.put(at, new Entry(at + piece.last, piece.source, piece.offset, Rig.RW));
        at += piece.last + 1;
      }
    }
  }

  private void reserve(Space space, List<AddressSpace.Reservation> reservations) {
    if (reservations.size() > 3) {
      AddressSpace.Reservation old = reservations.remove(0);
      old.close();
      reserved.remove(old.range());
      return;
    }
    IovaRange range = IovaRange.of(address(), length());
    boolean refused =
        meets(range.first(), range.last()) || allowed.stream().anyMatch(a -> a.overlaps(range));
    assertThat(refusal(() -> reservations.add(space.reserve(range, "test"))))
        .isEqualTo(refused ? Reason.RESERVED : null);
    if (!refused) {
      reserved.add(range);
    }
  }

  private void allow(Space space) {
    List<IovaRange> ranges =
        random.nextInt(3) == 0
            ? List.of(
                IovaRange.of(address(), 64 * Rig.PAGE),
                IovaRange.of(4 * PAGES * Rig.PAGE, PAGES * PAGES * Rig.PAGE))
            : List.of();
    boolean refused = ranges.stream().anyMatch(r -> isReserved(r.first(), r.last()));
    assertThat(refusal(() -> space.allow(ranges))).isEqualTo(refused ? Reason.RESERVED : null);
    if (!refused) {
      allowed = ranges;
    }
  }

  private void followers(Space space, List<PageTable> tables, boolean onDemand) {
    if (tables.size() > 2) {
      space.removeFollower(tables.remove(random.nextInt(tables.size())));
    } else {
      PageTable table = new PageTable("t", PageTable.WIDE, onDemand && random.nextBoolean());
      space.addFollower(table);
      table.assertMirrors(space);
      tables.add(table);
    }
  }
}
