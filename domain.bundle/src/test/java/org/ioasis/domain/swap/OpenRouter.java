package org.ioasis.domain.swap;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.RecoverableFault;
import org.ioasis.api.driver.UnrecoverableFault;
import org.ioasis.api.fault.DrainReport;
import org.ioasis.api.fault.DrainScope;
import org.ioasis.api.fault.FaultRouter;
import org.ioasis.domain.Rig;

/**
 * A router that leaves every group open until the test answers.
 *
 * <p><b>Threading:</b> any thread.
 */
final class OpenRouter implements FaultRouter {
  final List<RecoverableFault> open = new CopyOnWriteArrayList<>();
  final List<String> drains = new CopyOnWriteArrayList<>();
  final AtomicLong unrecoverable = new AtomicLong();
  final AtomicLong lost = new AtomicLong();

  /** It is the router of a rig from now on. */
  void cameTo(Rig rig) {
    rig.core.parts().devices().router(this);
    rig.core.parts().hosts().routerCame(this);
  }

  @Override
  public FaultSink sink(String unitId) {
    return new FaultSink() {
      @Override
      public void recoverable(RecoverableFault fault) {
        open.add(fault);
      }

      @Override
      public void unrecoverable(UnrecoverableFault fault) {
        unrecoverable.incrementAndGet();
      }

      @Override
      public void lost(boolean recoverable, long atLeast) {
        lost.addAndGet(atLeast);
      }

      @Override
      public void withdrawn(RecoverableFault fault) {
        open.remove(fault);
      }
    };
  }

  @Override
  public DrainReport drain(DrainScope scope) {
    drains.add(String.valueOf(scope.key()));
    List<RecoverableFault> closed = of(scope);
    open.removeAll(closed);
    return new DrainReport(0, closed.size(), 0, 0);
  }

  @Override
  public int open(DrainScope scope) {
    return of(scope).size();
  }

  private List<RecoverableFault> of(DrainScope scope) {
    return open.stream()
        .filter(fault -> scope.key() == null || scope.key().sourceId() == fault.sourceId())
        .toList();
  }
}
