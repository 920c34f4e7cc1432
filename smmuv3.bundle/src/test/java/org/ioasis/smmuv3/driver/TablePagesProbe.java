package org.ioasis.smmuv3.driver;

import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.driver.TablePages;
import org.ioasis.testing.Between;

/** Table memory that tells of every store of a word. */
abstract class TablePagesProbe {
  private final TablePages pages;

  TablePagesProbe(PhysicalMemory memory, FrameAllocator frames) {
    PhysicalMemory watched =
        Between.stand(
            PhysicalMemory.class,
            memory,
            (method, arguments, result) -> {
              if (method.equals("store64")) {
                stored();
              }
              return result;
            });
    pages = new TablePages(watched, frames, true);
  }

  /** The memory. */
  TablePages pages() {
    return pages;
  }

  /** A word has been stored. */
  abstract void stored();
}
