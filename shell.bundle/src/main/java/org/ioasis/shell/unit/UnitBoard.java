package org.ioasis.shell.unit;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.ioasis.api.hardware.UnitService;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The units that are registered as services.
 *
 * <p><b>Threading:</b> services come and go on any thread; {@code lock} guards {@code units}, and
 * who waits for a change waits on {@code changed}.
 */
@Component(service = Units.class)
public final class UnitBoard implements Units {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<UnitService> units = new HashSet<>();

  /** Begins empty. */
  @Activate
  public UnitBoard() {}

  /** A unit came. */
  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  public void bind(UnitService unit) {
    lock.lock();
    try {
      units.add(unit);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A unit went. */
  public void unbind(UnitService unit) {
    lock.lock();
    try {
      units.remove(unit);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public List<UnitService> all() {
    lock.lock();
    try {
      return units.stream().sorted(Comparator.comparing(UnitService::unitId)).toList();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean await(Predicate<List<UnitService>> wanted, long timeoutMillis)
      throws InterruptedException {
    long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    lock.lockInterruptibly();
    try {
      while (!wanted.test(all())) {
        if (nanos <= 0) {
          return false;
        }
        nanos = changed.awaitNanos(nanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
