package org.ioasis.domain.space;

import java.util.ArrayList;
import java.util.List;
import org.ioasis.api.IoasisException;
import org.ioasis.api.IovaRange;
import org.ioasis.api.Reason;
import org.ioasis.api.domain.Mapping;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.domain.memory.Source;

/**
 * One change of rights. What is lost is lost for translations and told to users before the page
 * tables change; what is gained is told when they have changed.
 *
 * <p><b>Threading:</b> one thread, once.
 */
final class ProtectChange {
  private record Part(long first, long last, Source source, long offset, long meta) {
    int rights() {
      return MappingTree.rightsOf(meta);
    }

    IovaRange range() {
      return new IovaRange(first, last);
    }
  }

  private final Space space;
  private final int rights;
  private final List<Part> parts = new ArrayList<>();

  ProtectChange(Space space, int rights) {
    this.space = space;
    this.rights = rights;
  }

  void run(IovaRange range) {
    Holds.Hold hold;
    Mirrors mirrors;
    space.lock.lock();
    try {
      hold = space.holds.begin(range.first(), range.last(), Holds.Kind.MAP);
      boolean going = false;
      try {
        collect(range);
        checkRights();
        mirrors =
            Mirrors.of(space.members, range.first(), range.last(), space.narrowings.hugePages());
        parts.forEach(part -> write(part, part.rights() & rights));
        going = true;
      } finally {
        if (!going) {
          space.holds.end(hold);
        }
      }
    } finally {
      space.lock.unlock();
    }
    try {
      tellLost();
      parts.forEach(
          part ->
              mirrors.protect(
                  part.first, part.source, part.offset, part.last - part.first + 1, rights));
      mirrors.sync();
    } finally {
      finish(hold);
    }
  }

  private void collect(IovaRange range) {
    MappingTree.Cursor at = new MappingTree.Cursor();
    boolean more = space.tree.meets(range.first(), range.last(), at);
    if (!more) {
      throw new IoasisException(
          Reason.NOT_FOUND, "protect refused: %s maps nothing in %s".formatted(space, range));
    }
    while (more) {
      if (!range.contains(at.first) || !range.contains(at.last)) {
        throw new IoasisException(
            Reason.NOT_FOUND,
            "protect refused: %s, %s splits mapping 0x%x..0x%x"
                .formatted(space, range, at.first, at.last));
      }
      parts.add(new Part(at.first, at.last, space.sources().at(at.slot()), at.offset, at.meta));
      more = space.tree.next(at) && Long.compareUnsigned(at.first, range.last()) <= 0;
    }
  }

  private void checkRights() {
    if ((rights & ~Bounds.ALL_RIGHTS) != 0
        || (rights & (DmaRequest.READ | DmaRequest.WRITE)) == 0) {
      throw new IoasisException(
          Reason.INVALID,
          "protect refused: %s, rights 0x%x lack READ and WRITE or are unknown"
              .formatted(space, rights));
    }
    int formats = space.narrowings.bounds().rights();
    if (!Bounds.expresses(formats, rights)) {
      throw new IoasisException(
          Reason.UNSUPPORTED,
          "protect refused: %s, rights %s cannot be expressed; the formats tell %s apart"
              .formatted(space, Pieces.text(rights), Pieces.text(formats)));
    }
    for (Part part : parts) {
      if ((rights & DmaRequest.WRITE) != 0 && !part.source.writable()) {
        throw new IoasisException(
            Reason.DENIED,
            "protect refused: %s, %s is not writable".formatted(space, part.source.title()));
      }
    }
  }

  private void write(Part part, int now) {
    space.tree.setMeta(part.first, MappingTree.withRights(part.meta, now));
  }

  private void tellLost() {
    List<IovaRange> lost =
        parts.stream().filter(part -> (part.rights() & ~rights) != 0).map(Part::range).toList();
    if (!lost.isEmpty()) {
      space.users.forEach(user -> user.unmapping(lost));
      lost.forEach(range -> space.pins.drop(range.first(), range.last()));
    }
  }

  private void finish(Holds.Hold hold) {
    space.lock.lock();
    try {
      for (Part part : parts) {
        write(part, rights);
        space.books.reprotected(part.rights(), rights);
      }
    } finally {
      space.lock.unlock();
    }
    List<Mapping> gained =
        parts.stream()
            .filter(part -> (rights & ~part.rights()) != 0)
            .map(part -> new Mapping(part.range(), part.source.handle(), part.offset, rights))
            .toList();
    try {
      if (!gained.isEmpty()) {
        space.users.forEach(user -> user.mapped(gained));
      }
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
