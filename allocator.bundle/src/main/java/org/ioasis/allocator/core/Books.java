package org.ioasis.allocator.core;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ioasis.api.Handle;
import org.ioasis.api.IoasisException;
import org.ioasis.api.Reason;
import org.ioasis.api.ioasid.Capacity;
import org.ioasis.api.ioasid.IoasidSet;
import org.ioasis.api.ioasid.IoasidState;
import org.ioasis.api.ioasid.Pasid;
import org.ioasis.api.ioasid.SetState;
import org.ioasis.api.ioasid.SetToken;

/**
 * Everything that the lock guards: numbers, sets, what hangs on ids, and counters.
 *
 * <p><b>Threading:</b> all methods under {@link #lock} unless they say otherwise.
 */
@SuppressWarnings("EnumOrdinal") // counters lie in an array by their order
final class Books {
  static final int RESERVED = 1; // number 0, which requests without PASID use
  private static final SecureRandom RANDOM = new SecureRandom();

  final ShortLock lock = new ShortLock();
  final IdTable table = new IdTable();
  final FreeNumbers numbers = new FreeNumbers();
  final List<SetCore> sets = new ArrayList<>();
  final Map<SetToken, SetCore> tokens = new HashMap<>();
  final Map<Long, PublisherCore> publishers = new TreeMap<>();
  final Map<Integer, Integer> generations = new HashMap<>();
  private final long[] counters = new long[Counter.values().length];
  long nextNumber = 1;
  private int lowestSid = 1; // no lower number is free
  int total;
  int quotas;
  int inUse;
  volatile boolean retired;

  Books() {
    sets.add(null); // number 0 is no set's
  }

  void count(Counter counter) {
    counters[counter.ordinal()]++;
  }

  void count(Counter counter, long more) {
    counters[counter.ordinal()] += more;
  }

  long counted(Counter counter) {
    return counters[counter.ordinal()];
  }

  /** Refuses calls of an allocator that a successor has replaced. */
  void checkLive() {
    if (retired) {
      throw new IoasisException(
          Reason.GONE, "the allocator was stopped or updated; get the service again");
    }
  }

  Capacity capacity() {
    return new Capacity(total, quotas, total - quotas, RESERVED, inUse);
  }

  /** The living set with a number, or null. */
  SetCore set(int sid) {
    return sid > 0 && sid < sets.size() ? sets.get(sid) : null;
  }

  /** What a quota can still be made of, in a set or in the whole. */
  int room(SetCore parent) {
    return parent == null ? total - RESERVED - quotas : parent.room();
  }

  void addQuota(SetCore parent, int quota) {
    if (parent == null) {
      quotas += quota;
    } else {
      parent.giveToChildren(quota);
    }
  }

  /** Makes a set on the lowest free number. */
  SetCore open(SetToken token, SetCore parent, int quota, int client) {
    if (tokens.containsKey(token)) {
      throw new IoasisException(
          Reason.EXISTS, "set refused: %s has %s".formatted(token, tokens.get(token)));
    }
    if (quota < 0) {
      throw new IoasisException(
          Reason.INVALID, "set %s refused: quota %d is below 0".formatted(token, quota));
    }
    if (quota > room(parent)) {
      throw new IoasisException(
          Reason.EXHAUSTED,
          "set %s refused: quota %d, but %s has only %d left"
              .formatted(token, quota, parent == null ? "the capacity" : parent, room(parent)));
    }
    int sid = lowestSid;
    while (sid < sets.size() && sets.get(sid) != null) {
      sid++;
    }
    lowestSid = sid;
    int generation = generations.merge(sid, 1, Integer::sum) - 1;
    Handle<IoasidSet> handle = new Handle<>(IoasidSet.class, sid, generation, RANDOM.nextLong());
    return enter(new SetCore(token, parent, handle, client), quota);
  }

  /** Enters a set, new or taken over. */
  SetCore enter(SetCore set, int quota) {
    while (sets.size() <= set.sid) {
      sets.add(null);
    }
    sets.set(set.sid, set);
    tokens.put(set.token, set);
    set.quota = quota;
    addQuota(set.parent, quota);
    if (set.parent != null) {
      set.parent.children++;
    }
    return set;
  }

  /** Ends a set that nothing keeps any more, and its parents that waited for it. */
  void endIfPossible(SetCore set) {
    SetCore at = set;
    while (at != null
        && at.state == SetState.DESTROY_PENDING
        && !at.ended
        && at.inUse == 0
        && at.children == 0
        && at.leases == 0
        && at.entering == 0) {
      at.ended = true;
      int sid = at.sid;
      publishers
          .values()
          .removeIf(
              p -> {
                p.closed |= p.sid == sid;
                return p.sid == sid;
              });
      sets.set(at.sid, null);
      lowestSid = Math.min(lowestSid, sid);
      tokens.remove(at.token);
      addQuota(at.parent, -at.quota);
      if (at.parent != null) {
        at.parent.children--;
      }
      at = at.parent;
    }
  }

  /** Refuses calls of a set whose number may be another's by now. */
  void checkNotEnded(SetCore set) {
    if (set.ended) {
      throw new IoasisException(Reason.NOT_FOUND, set + " refused: it was destroyed");
    }
  }

  /** The word of an id that a call of a set names. */
  long owned(SetCore set, int id) {
    checkLive();
    checkNotEnded(set);
    long word = table.word(id);
    if (StateWord.state(word) != IoasidState.FREE && StateWord.set(word) != set.sid) {
      count(Counter.ACCESS_DENIED);
      throw new IoasisException(
          Reason.DENIED, "%s refused: it is not of %s".formatted(new Pasid(id), set));
    }
    return word;
  }

  /** The same for calls that need the id to be usable. */
  long usable(SetCore set, int id) {
    long word = owned(set, id);
    if (!StateWord.isUsable(word)) {
      throw new IoasisException(
          Reason.NOT_FOUND,
          "%s refused: it is %s in %s".formatted(new Pasid(id), StateWord.state(word), set));
    }
    return word;
  }
}
