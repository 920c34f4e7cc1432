package org.ioasis.domain.space;

import org.ioasis.api.IoasisException;
import org.ioasis.api.machine.DmaRequest;
import org.ioasis.domain.memory.FrameStore;
import org.ioasis.domain.memory.Source;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers faults of page tables that follow a space: the page comes, or the access is refused.
 *
 * <p><b>Threading:</b> any thread.
 */
final class Faults {
  private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

  private final Space space;

  Faults(Space space) {
    this.space = space;
  }

  boolean serve(long address, int access) {
    Source source;
    long offset;
    space.lock.lock();
    try {
      MappingTree.Cursor at = new MappingTree.Cursor();
      if (!space.tree.meets(address, address, at)
          || at.hidden()
          || (at.rights() & access) != access) {
        return false;
      }
      source = space.sources().at(at.slot());
      offset = at.offset + (address - at.first) & -FrameStore.PAGE;
    } finally {
      space.lock.unlock();
    }
    try {
      if (!source.fill(offset, FrameStore.PAGE, (access & DmaRequest.WRITE) != 0)) {
        space.moved(source, offset, FrameStore.PAGE, false);
      }
      return true;
    } catch (IoasisException e) {
      LOG.debug("{}: fault at 0x{} refused", space, Long.toHexString(address), e);
      return false;
    }
  }
}
