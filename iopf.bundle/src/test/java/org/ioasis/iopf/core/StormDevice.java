package org.ioasis.iopf.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.ioasis.api.driver.FaultAnswer;
import org.ioasis.api.driver.FaultKind;
import org.ioasis.api.driver.FaultSink;
import org.ioasis.api.driver.RecoverableFault;

/**
 * A device that follows the rules of page requests and stalls, and keeps books: a group index or
 * stall tag is used again only after its answer, and every answer must be owed.
 */
final class StormDevice {
  private static final int GROUPS = 64;

  final int source;
  FaultSink unit;
  long sent;
  long groupsEnded;
  long answered;
  long withdrawn;
  private final Random random;
  private final Map<Long, RecoverableFault> owed = new HashMap<>();
  private final List<RecoverableFault> begun = new ArrayList<>();
  private long sequence;

  StormDevice(int source, FaultSink unit, Random random) {
    this.source = source;
    this.unit = unit;
    this.random = random;
  }

  /** Sends one request: a stall, a new group's first, or one more of a group that was begun. */
  void ask(int pasid) {
    int group = random.nextInt(GROUPS);
    boolean stall = random.nextInt(5) == 0;
    FaultKind kind = stall ? FaultKind.STALL : FaultKind.PAGE_REQUEST;
    long key = Checks.key(kind, pasid, group);
    if (owed.containsKey(key)) {
      return;
    }
    boolean last = stall || random.nextInt(3) > 0;
    RecoverableFault fault =
        Rig.fault(kind, source, pasid, group, ++sequence << 12, 1 + random.nextInt(3), last);
    begun.removeIf(old -> key(old) == key);
    if (last) {
      owed.put(key, fault);
      groupsEnded++;
    } else {
      begun.add(fault);
    }
    sent++;
    unit.recoverable(fault);
  }

  /** Ends the groups that were begun, so that nothing is left incomplete. */
  void endAll() {
    for (RecoverableFault fault : List.copyOf(begun)) {
      begun.remove(fault);
      RecoverableFault last =
          Rig.fault(fault.kind(), source, fault.pasid(), fault.group(), ++sequence << 12, 1, true);
      owed.put(key(last), last);
      groupsEnded++;
      sent++;
      unit.recoverable(last);
    }
  }

  /** Goes behind another unit: its stalls die with the old one, its page requests do not. */
  void move(FaultSink to) {
    List<RecoverableFault> stalls =
        owed.values().stream().filter(f -> f.kind() == FaultKind.STALL).toList();
    for (RecoverableFault stall : stalls) {
      owed.remove(key(stall));
      withdrawn++;
      unit.withdrawn(stall);
    }
    unit = to;
  }

  /** The answer arrives; one that is not owed is the failure that this is all about. */
  void answer(FaultAnswer answer) {
    long key = Checks.key(answer.kind(), answer.pasid(), answer.group());
    if (owed.remove(key) == null) {
      throw new AssertionError("answered twice or never asked: " + answer);
    }
    answered++;
  }

  int owed() {
    return owed.size();
  }

  private static long key(RecoverableFault fault) {
    return Checks.key(fault.kind(), fault.pasid(), fault.group());
  }
}
