package org.ioasis.shell.command;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
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
 * who waits for one waits on {@code came}.
 */
@Component(service = Units.class)
public final class UnitBoard implements Units {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition came = lock.newCondition();
  private final Set<UnitService> units = new HashSet<>();

  /** Begins empty. */
  @Activate
  public UnitBoard() {}

  /** A unit came. */
  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bind(UnitService unit) {
    lock.lock();
    try {
      units.add(unit);
      came.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A unit went. */
  void unbind(UnitService unit) {
    lock.lock();
    try {
      units.remove(unit);
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
  public Optional<UnitService> await(String kind, long timeoutMillis) throws InterruptedException {
    long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    lock.lockInterruptibly();
    try {
      while (true) {
        Optional<UnitService> found =
            all().stream().filter(unit -> unit.kind().equals(kind)).findFirst();
        if (found.isPresent() || nanos <= 0) {
          return found;
        }
        nanos = came.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }
}
