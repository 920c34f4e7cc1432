package org.ioasis.iopf.core;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.ioasis.api.driver.RecoverableFault;

/**
 * The incomplete groups of one device, oldest first, bounded in number of faults.
 *
 * <p><b>Threading:</b> guarded by the lane's lock.
 */
final class Collector {
  private final Map<Long, Partial> partials = new LinkedHashMap<>();
  private final Counters counters;
  private final Settings settings;
  private int faults;

  Collector(Counters counters, Settings settings) {
    this.counters = counters;
    this.settings = settings;
  }

  int size() {
    return partials.size();
  }

  /**
   * Adds a fault that is not the last of its group.
   *
   * @param fresh the partial group to begin if there is none
   * @param dropped gets the groups that had to make room
   * @return whether {@code fresh} was begun
   */
  boolean add(RecoverableFault fault, Partial fresh, List<Partial> dropped) {
    Partial begun = partials.get(fresh.key);
    Partial to = begun == null ? fresh : begun;
    if (!put(to, fault)) {
      return false;
    }
    if (begun == null) {
      partials.put(fresh.key, fresh);
    }
    for (Iterator<Partial> i = partials.values().iterator();
        faults >= settings.partialFaults() && i.hasNext(); ) {
      Partial oldest = i.next();
      if (oldest != to) {
        i.remove();
        faults -= oldest.faults.size();
        dropped.add(oldest);
        counters.count(Counter.PARTIAL_DROPPED);
      }
    }
    faults++;
    return begun == null;
  }

  /** Puts a fault into a group unless it repeats one or the group is as large as may be. */
  private boolean put(Partial to, RecoverableFault fault) {
    if (to.repeats(fault)) {
      counters.count(Counter.DUPLICATES);
      return false;
    }
    if (to.faults.size() >= settings.groupFaults()) {
      counters.count(Counter.GROUP_TOO_LARGE);
      return false;
    }
    to.faults.add(fault);
    return true;
  }

  /**
   * Takes out what was begun of a group; null if nothing was. The last fault is added by {@link
   * #complete}.
   */
  Partial take(long key) {
    Partial begun = partials.remove(key);
    if (begun != null) {
      faults -= begun.faults.size();
    }
    return begun;
  }

  /** The faults of a group in the order they came; the last stays even if it repeats an address. */
  List<RecoverableFault> complete(Partial begun, RecoverableFault last) {
    if (begun == null) {
      return List.of(last);
    }
    List<RecoverableFault> all = new ArrayList<>(begun.faults.size() + 1);
    for (RecoverableFault fault : begun.faults) {
      boolean repeated =
          fault.address() == last.address()
              && fault.access() == last.access()
              && fault.privileged() == last.privileged();
      if (repeated) {
        counters.count(Counter.DUPLICATES);
      } else {
        all.add(fault);
      }
    }
    all.add(last);
    return all;
  }

  /** Takes out one that is still the one under its key. */
  boolean remove(Partial partial) {
    if (!partials.remove(partial.key, partial)) {
      return false;
    }
    faults -= partial.faults.size();
    return true;
  }

  /** Takes out all that match, and counts them. */
  List<Partial> removeIf(Predicate<Partial> which, Counter counter) {
    List<Partial> taken = new ArrayList<>();
    for (Partial partial : List.copyOf(partials.values())) {
      if (which.test(partial) && remove(partial)) {
        counters.count(counter);
        taken.add(partial);
      }
    }
    return taken;
  }
}
