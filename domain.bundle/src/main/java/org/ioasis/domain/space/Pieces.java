package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.domain.memory.Source;

/** The memory behind a gaplessly mapped range. Under the space's lock. */
final class Pieces {
  private Pieces() {}

  /**
   * The parts of sources behind a range, in order.
   *
   * @param rights that every mapping must have
   * @throws IoasisException NOT_FOUND if there is a gap; INVALID while a part is being removed;
   *     DENIED if a mapping lacks a right
   */
  static List<Space.Piece> of(Space space, IovaRange range, int rights) {
    List<Space.Piece> pieces = new ArrayList<>();
    MappingTree.Cursor at = new MappingTree.Cursor();
    long next = range.first();
    boolean more = space.tree.meets(next, range.last(), at);
    while (true) {
      Source source = more ? space.sources().at(at.slot()) : null;
      if (source == null || Long.compareUnsigned(at.first, next) > 0 || at.hidden()) {
        throw absent(space, range, next);
      }
      if ((at.rights() & rights) != rights) {
        throw new IoasisException(
            Reason.DENIED,
            "access refused: %s, mapping 0x%x..0x%x has rights %s, not %s"
                .formatted(space, at.first, at.last, text(at.rights()), text(rights)));
      }
      long last = Bounds.min(at.last, range.last());
      pieces.add(new Space.Piece(source, at.offset + (next - at.first), last - next + 1));
      if (last == range.last()) {
        return pieces;
      }
      next = last + 1;
      more = space.tree.next(at);
    }
  }

  private static IoasisException absent(Space space, IovaRange range, long at) {
    return space.holds.isRemoving(at, at)
        ? new IoasisException(
            Reason.INVALID,
            "range refused: %s, %s is being unmapped at 0x%x".formatted(space, range, at))
        : new IoasisException(
            Reason.NOT_FOUND,
            "range refused: %s, %s is not mapped at 0x%x".formatted(space, range, at));
  }

  /** {@code rw-} and so on. */
  static String text(int rights) {
    return ((rights & 1) != 0 ? "r" : "-")
        + ((rights & 2) != 0 ? "w" : "-")
        + ((rights & 4) != 0 ? "x" : "-");
  }

  /**
   * Checks that a part lies in a source.
   *
   * @throws IoasisException OVERFLOW, INVALID
   */
  static void check(Source source, long offset, long length) {
    if (length == -1L) {
      throw new IoasisException(
          Reason.OVERFLOW, "map refused: length 2^64-1 leaves the address space");
    }
    long end = (source.length() + 4095) & -4096L;
    if (length <= 0 || offset < 0 || offset > end - length) {
      throw new IoasisException(
          Reason.INVALID,
          "map refused: 0x%x + 0x%x is empty or beyond the 0x%x bytes of %s"
              .formatted(offset, length, source.length(), source.title()));
    }
  }
}
