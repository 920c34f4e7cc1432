package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Mapping;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.domain.memory.Source;

/**
 * One map: a list of parts of sources, one behind another, at one address.
 *
 * <p><b>Threading:</b> one thread, once.
 */
final class MapChange {
  private static final long NO_FOLLOWER_SIZES = 1L << 12 | 1L << 21 | 1L << 30;

  private final Space space;
  private final List<Space.Piece> pieces;
  private final int rights;
  private final long length;

  MapChange(Space space, List<Space.Piece> pieces, int rights) {
    this.space = space;
    this.pieces = pieces;
    this.rights = rights;
    length = pieces.stream().mapToLong(Space.Piece::length).sum();
  }

  /** Maps; the first address. */
  long run(OptionalLong iova, int alignLg2) {
    checkRights();
    space.ledger().add(space.owner(), pieces.size());
    Map<Source, Long> retained = Space.counts();
    boolean done = false;
    try {
      for (Space.Piece piece : pieces) {
        space.books.retain(piece.source());
        retained.merge(piece.source(), 1L, Long::sum);
      }
      long first = attempts(iova, alignLg2);
      done = true;
      return first;
    } finally {
      if (!done) {
        space.ledger().remove(space.owner(), pieces.size());
        space.release(retained);
      }
    }
  }

  private void checkRights() {
    if ((rights & ~Bounds.ALL_RIGHTS) != 0) {
      throw new IoasisException(
          Reason.UNSUPPORTED, "map refused: %s, rights 0x%x are unknown".formatted(space, rights));
    }
    if ((rights & (DmaRequest.READ | DmaRequest.WRITE)) == 0) {
      throw new IoasisException(
          Reason.INVALID, "map refused: %s, neither READ nor WRITE is given".formatted(space));
    }
    for (Space.Piece piece : pieces) {
      if ((rights & DmaRequest.WRITE) != 0 && !piece.source().writable()) {
        throw new IoasisException(
            Reason.DENIED,
            "map refused: %s, %s is not writable".formatted(space, piece.source().title()));
      }
    }
  }

  private long attempts(OptionalLong iova, int alignLg2) {
    while (true) {
      boolean wired = space.books.isWired();
      if (wired) {
        for (Space.Piece piece : pieces) {
          piece.source().fill(piece.offset(), piece.length(), piece.source().writable());
        }
      }
      Long first = attempt(iova, alignLg2, wired);
      if (first != null) {
        return first;
      }
    }
  }

  /** One attempt; null if what was found before has changed meanwhile. */
  private Long attempt(OptionalLong iova, int alignLg2, boolean filled) {
    long first;
    long last;
    Holds.Hold hold;
    Mirrors mirrors;
    space.lock.lock();
    try {
      first = iova.isPresent() ? iova.getAsLong() : choose(alignLg2);
      checkPlace(first);
      last = first + length - 1;
      hold = space.holds.begin(first, last, Holds.Kind.MAP);
      boolean going = false;
      try {
        if (hold.waited) {
          if (iova.isEmpty() && !isFree(first, last)) {
            return null;
          }
          checkPlace(first);
        }
        checkFree(first, last);
        if (space.books.isWired() && !filled) {
          return null;
        }
        mirrors = Mirrors.of(space.members, first, last, space.narrowings.hugePages());
        boolean alone = mirrors.isEmpty() && space.users.isEmpty();
        insert(first, alone ? 0 : MappingTree.HIDDEN);
        if (alone) {
          return first;
        }
        going = true;
      } finally {
        if (!going) {
          space.holds.end(hold);
        }
      }
    } finally {
      space.lock.unlock();
    }
    mirror(first, last, hold, mirrors);
    show(first, hold);
    return first;
  }

  private boolean isFree(long first, long last) {
    return !space.tree.meets(first, last, new MappingTree.Cursor())
        && space.narrowings.bounds().isUsable(first, last);
  }

  private void checkFree(long first, long last) {
    MappingTree.Cursor at = new MappingTree.Cursor();
    if (space.tree.meets(first, last, at)) {
      throw new IoasisException(
          Reason.EXISTS,
          "map refused: %s, 0x%x..0x%x meets mapping 0x%x..0x%x"
              .formatted(space, first, last, at.first, at.last));
    }
  }

  private void checkPlace(long first) {
    Bounds bounds = space.narrowings.bounds();
    if (first == -1L || Long.compareUnsigned(first + length - 1, first) < 0) {
      throw new IoasisException(
          Reason.OVERFLOW,
          "map refused: %s, 0x%x + 0x%x leaves the address space".formatted(space, first, length));
    }
    long mask = (1L << bounds.alignmentLg2()) - 1;
    boolean misaligned = ((first | length) & mask) != 0;
    for (Space.Piece piece : pieces) {
      misaligned |= ((piece.offset() | piece.length()) & mask) != 0;
    }
    if (misaligned) {
      throw new IoasisException(
          Reason.INVALID,
          "map refused: %s, address 0x%x, offset or length 0x%x is not aligned to 0x%x"
              .formatted(space, first, length, mask + 1));
    }
    if (!Bounds.expresses(bounds.rights(), rights)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "map refused: %s, rights %s cannot be expressed; the formats tell %s apart"
              .formatted(space, Pieces.text(rights), Pieces.text(bounds.rights())));
    }
    long last = first + length - 1;
    if (!bounds.isUsable(first, last)) {
      throw new IoasisException(
          Reason.INVALID,
          "map refused: %s, 0x%x..0x%x is %s"
              .formatted(space, first, last, space.narrowings.takenBy(first, last)));
    }
  }

  // ------------------------------------------------------------------ choosing an address

  /**
   * The lowest free address, aligned so that hardware can use the largest page that length and
   * memory allow; smaller alignments where that fits nowhere.
   */
  private long choose(int alignLg2) {
    Bounds bounds = space.narrowings.bounds();
    int least = Math.max(bounds.alignmentLg2(), alignLg2);
    if (least > 62) {
      throw noRoom(least);
    }
    List<IovaRange> where = space.narrowings.choosable();
    long sizes = bounds.pageSizes() == 0 ? NO_FOLLOWER_SIZES : bounds.pageSizes();
    for (int lg2 = space.narrowings.hugePages() ? usefulLg2() : 0; lg2 > least; lg2--) {
      if ((sizes >>> lg2 & 1) != 0 && roomy(where, lg2, bounds.alignmentLg2())) {
        return space.tree.hole() + (1L << lg2) - 1 & -(1L << lg2);
      }
    }
    if (least > bounds.alignmentLg2() && roomy(where, least, bounds.alignmentLg2())) {
      return space.tree.hole() + (1L << least) - 1 & -(1L << least);
    }
    for (IovaRange range : where) {
      if (space.tree.findHole(range.first(), range.last(), length, least)) {
        return space.tree.hole();
      }
    }
    throw noRoom(least);
  }

  /** log2 of the largest page worth an alignment. */
  private int usefulLg2() {
    Space.Piece piece = pieces.get(0);
    long address = piece.source().address(piece.offset());
    long basis = address == Source.ABSENT ? piece.offset() : address;
    int aligned = basis == 0 ? 62 : Long.numberOfTrailingZeros(basis);
    return Math.min(aligned, 63 - Long.numberOfLeadingZeros(length));
  }

  /** Finds a hole in which an aligned one surely lies: one descent, whatever the holes are like. */
  private boolean roomy(List<IovaRange> where, int lg2, int granuleLg2) {
    long extra = (1L << lg2) - (1L << granuleLg2);
    if (Long.compareUnsigned(length + extra, length) < 0) {
      return false;
    }
    for (IovaRange range : where) {
      if (space.tree.findHole(range.first(), range.last(), length + extra, granuleLg2)) {
        return true;
      }
    }
    return false;
  }

  private IoasisException noRoom(int lg2) {
    return new IoasisException(
        Reason.EXHAUSTED,
        "map refused: %s has no room for 0x%x bytes aligned to 2^%d".formatted(space, length, lg2));
  }

  // ------------------------------------------------------------------ doing it

  private void insert(long first, long hidden) {
    long at = first;
    for (Space.Piece piece : pieces) {
      long last = at + piece.length() - 1;
      long meta = MappingTree.meta(piece.source().slot(), rights) | hidden;
      space.tree.insert(at, last, piece.offset(), meta);
      space.books.added(piece.source(), at, last, piece.offset(), rights);
      at = last + 1;
    }
  }

  private void mirror(long first, long last, Holds.Hold hold, Mirrors mirrors) {
    boolean done = false;
    try {
      long at = first;
      for (Space.Piece piece : pieces) {
        mirrors.map(at, piece.source(), piece.offset(), piece.length(), rights, false);
        at += piece.length();
      }
      done = true;
    } finally {
      if (!done) {
        mirrors.unmap(first, last);
      }
      mirrors.sync();
      if (!done) {
        takeBack(first, hold);
      }
    }
  }

  private void takeBack(long first, Holds.Hold hold) {
    space.lock.lock();
    try {
      long at = first;
      for (Space.Piece piece : pieces) {
        long last = at + piece.length() - 1;
        space.tree.remove(at);
        space.books.removed(piece.source(), at, last, piece.offset(), rights);
        at = last + 1;
      }
      space.holds.end(hold);
    } finally {
      space.lock.unlock();
    }
  }

  private void show(long first, Holds.Hold hold) {
    boolean told = false;
    space.lock.lock();
    try {
      long at = first;
      for (Space.Piece piece : pieces) {
        space.tree.setMeta(at, MappingTree.meta(piece.source().slot(), rights));
        at += piece.length();
      }
      if (space.users.isEmpty()) {
        space.holds.end(hold);
        told = true;
      }
    } finally {
      space.lock.unlock();
    }
    if (!told) {
      tell(first, hold);
    }
  }

  private void tell(long first, Holds.Hold hold) {
    List<Mapping> mappings = new ArrayList<>();
    long at = first;
    for (Space.Piece piece : pieces) {
      mappings.add(
          new Mapping(
              new IovaRange(at, at + piece.length() - 1),
              piece.source().handle(),
              piece.offset(),
              rights));
      at += piece.length();
    }
    try {
      space.users.forEach(user -> user.mapped(mappings));
    } finally {
      space.lock.lock();
      try {
        space.holds.end(hold);
      } finally {
        space.lock.unlock();
      }
    }
  }
}
