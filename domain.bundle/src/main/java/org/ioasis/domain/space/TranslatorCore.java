package org.ioasis.domain.space;

import org.ioasis.api.Handle;
import org.ioasis.api.domain.AccessUser;
import org.ioasis.api.domain.Translator;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.api.machine.Translation;
import org.ioasis.domain.client.Kept;
import org.ioasis.domain.client.Objects;
import org.ioasis.domain.memory.Source;

/**
 * Translations without a lock, read from the mappings themselves. A mapping that is being removed
 * is hidden before its users are told, so whoever translates and remembers under a lock of his own,
 * and forgets under it in {@link AccessUser#unmapping}, remembers nothing stale.
 *
 * <p><b>Threading:</b> any thread; {@link #translate} takes no lock and allocates nothing.
 */
final class TranslatorCore implements Translator, Kept {
  private static final long NONE = Translation.none(Translation.Refusal.FAULT);

  private final Objects objects;
  private final Handle<Translator> handle;
  private final Space space;
  private final SpaceUser joined;
  private final MappingTree.Resolver resolver = this::resolve;
  private volatile boolean closed;

  TranslatorCore(
      Objects objects, Handle<Translator> handle, Space space, String name, AccessUser user) {
    this.objects = objects;
    this.handle = handle;
    this.space = space;
    joined = new SpaceUser(name, false, user, () -> closed = true);
    space.join(joined);
  }

  Handle<Translator> handle() {
    return handle;
  }

  @Override
  public long translate(long iova, int rights) {
    return closed ? NONE : space.tree.translate(iova, rights, NONE, resolver);
  }

  private long resolve(long meta, long offset, long address, int wanted, long before, long behind) {
    Source source = space.sources().at((int) meta);
    if (source == null) {
      return NONE;
    }
    long physical = source.address(offset);
    if (physical == Source.ABSENT
        || ((wanted & DmaRequest.WRITE) != 0 && !source.writablePage(offset))) {
      return NONE;
    }
    int span = source.span(offset);
    while (span > 0 && !covers(address, physical, span, before, behind)) {
      span--;
    }
    return Translation.of(physical, span);
  }

  /** Whether the block of {@code 2^lg2} bytes lies in the mapping, and alike on both sides. */
  private static boolean covers(long address, long physical, int lg2, long before, long behind) {
    long mask = (1L << lg2) - 1;
    return ((address ^ physical) & mask) == 0
        && Long.compareUnsigned(address & mask, before) <= 0
        && Long.compareUnsigned(mask - (address & mask), behind) <= 0;
  }

  @Override
  public int rights(long iova) {
    return closed
        ? 0
        : (int)
            space.tree.translate(
                iova, 0, 0, (meta, offset, at, wanted, low, high) -> MappingTree.rightsOf(meta));
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      objects.destroy(handle);
    }
  }

  @Override
  public String title() {
    return "translator %d (%s)".formatted(handle.id(), joined.name);
  }

  @Override
  public void end() {
    closed = true;
    space.part(joined);
  }
}
