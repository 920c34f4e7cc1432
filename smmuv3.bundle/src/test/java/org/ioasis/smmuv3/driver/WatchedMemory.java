package org.ioasis.smmuv3.driver;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;
import org.ioasis.api.memory.PhysicalMemory;

/** A memory that runs something after each call that may have changed it. */
final class WatchedMemory {
  private static final Set<String> LOOKS =
      Set.of(
          "addressBits",
          "status",
          "load8",
          "load16",
          "load32",
          "load64",
          "load128",
          "read",
          "findAny64",
          "countAny64",
          "clean",
          "barrier");

  private final PhysicalMemory memory;
  Runnable watch = () -> {};
  private boolean watching;

  WatchedMemory(PhysicalMemory memory) {
    this.memory = memory;
  }

  /** The memory as the driver gets it. */
  PhysicalMemory watched() {
    return (PhysicalMemory)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {PhysicalMemory.class},
            (proxy, method, arguments) -> {
              try {
                Object result = method.invoke(memory, arguments);
                if (!LOOKS.contains(method.getName()) && !watching) {
                  watching = true;
                  watch.run();
                  watching = false;
                }
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
