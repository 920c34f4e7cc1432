package org.ioasis.smmuv3.driver;

import java.lang.reflect.Proxy;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.driver.TablePages;

/** Table memory that tells of every store of a word. */
abstract class TablePagesProbe {
  private final TablePages pages;

  TablePagesProbe(PhysicalMemory memory, FrameAllocator frames) {
    PhysicalMemory watched =
        (PhysicalMemory)
            Proxy.newProxyInstance(
                PhysicalMemory.class.getClassLoader(),
                new Class<?>[] {PhysicalMemory.class},
                (proxy, method, arguments) -> {
                  Object result = method.invoke(memory, arguments);
                  if (method.getName().equals("store64")) {
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
