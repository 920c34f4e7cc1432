package org.ioasis.allocator.core;

import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.ioasis.api.ioasid.AllocationRequest;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.SetToken;
import org.ioasis.api.machine.TimeSource;

/** A small allocator for one race; no listener, so that a free settles in its own thread. */
class Stage {
  private static final TimeSource TIME =
      new TimeSource() {
        @Override
        public long nanoTime() {
          return 0;
        }

        @Override
        public Timer schedule(long delayNanos, Runnable action) {
          return () -> true;
        }

        @Override
        public boolean await(BooleanSupplier condition, long timeoutNanos) {
          while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(1000);
          }
          return true;
        }
      };

  final Allocator allocator =
      new Allocator(
          new Surroundings(
              TIME, Runnable::run, () -> {}, Watcher.NONE, 1, Long.MAX_VALUE, 16, false),
          64,
          8);
  final Client client = new Clients(allocator).client(1, "stress");
  final IoasidSet set = client.allocateSet(new SetToken("vm", 1), 2);

  static AllocationRequest with(Object data) {
    return new AllocationRequest(1, 63, List.of(), OptionalInt.empty(), data);
  }
}
