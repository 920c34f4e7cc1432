package org.ioasis.smmuv3.hardware;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.ioasis.api.machine.StallEnd;
import org.ioasis.smmuv3.format.Event;

/**
 * Transactions that are held until software decides. "Stall model", "CMD_RESUME", "CMD_STALL_TERM".
 *
 * <p>A held transaction has a STAG, unique in the unit, that is free again when RESUME, STALL_TERM
 * or SMMUEN=0 has ended it. At most STALL_MAX have one. Further ones are held without a record
 * under a tag above all STAGs, and are retried in order as STAGs come free: to software they do not
 * exist. Configuration and TLB invalidations do not touch held transactions; a retry meets what is
 * there then.
 *
 * <p><b>Threading:</b> everything under the unit's lock, but for the counters. Devices are told
 * after it.
 */
final class StallTable {
  /** Tags of transactions without a STAG begin here. */
  static final long FIRST_UNTAGGED = 1 << 16;

  private static final int MOST_UNTAGGED = 1 << 16;
  private static final int STAGS = 1 << 16;

  /** One held transaction. */
  static final class Stall {
    final int sid;
    final long tag;
    final boolean stage2;
    final long[] record;

    /** Whether software can have seen the record. */
    boolean visible;

    Stall(int sid, long tag, boolean stage2, long[] record) {
      this.sid = sid;
      this.tag = tag;
      this.stage2 = stage2;
      this.record = record;
    }
  }

  private final UnitCore core;
  private final EventQueue events;
  private final int most;
  private final Map<Long, Stall> stalls = new LinkedHashMap<>();
  private final ArrayDeque<Stall> untagged = new ArrayDeque<>();
  private int nextTag;
  private long nextUntagged = FIRST_UNTAGGED;

  private final AtomicLong held = new AtomicLong();
  private final AtomicLong retried = new AtomicLong();
  private final AtomicLong ended = new AtomicLong();

  StallTable(UnitCore core, EventQueue events) {
    this.core = core;
    this.events = events;
    this.most = Math.min(core.capabilities.stallMax(), STAGS);
  }

  /**
   * Holds a transaction and records it.
   *
   * @param record its event, without Stall and STAG; kept
   * @return the tag that its end will name
   */
  long hold(int sid, boolean stage2, long[] record) {
    held.incrementAndGet();
    if (stalls.size() >= most) {
      return holdUntagged(sid, stage2);
    }
    long tag = freeTag();
    record[1] |= Event.STALL.mask() | Event.STAG.of(tag);
    Stall stall = new Stall(sid, tag, stage2, record);
    stalls.put(tag, stall);
    events.recordStall(stall);
    return tag;
  }

  private long freeTag() {
    while (stalls.containsKey((long) nextTag)) {
      nextTag = (nextTag + 1) % most;
    }
    long tag = nextTag;
    nextTag = (nextTag + 1) % most;
    return tag;
  }

  private long holdUntagged(int sid, boolean stage2) {
    Stall stall = new Stall(sid, nextUntagged++, stage2, null);
    untagged.add(stall);
    if (untagged.size() > MOST_UNTAGGED) {
      end(untagged.remove(), StallEnd.RETRY); // an early retry is always allowed
    }
    return stall.tag;
  }

  /** CMD_RESUME; a pair that names no held transaction has no effect. */
  void resume(int sid, int tag, boolean retries, boolean aborts) {
    Stall stall = stalls.get((long) tag);
    if (stall == null || stall.sid != sid || !stall.visible) {
      return;
    }
    stalls.remove((long) tag);
    boolean quiet = !aborts && !stall.stage2 && !core.capabilities.alwaysAborts();
    end(stall, retries ? StallEnd.RETRY : quiet ? StallEnd.QUIET : StallEnd.ABORT);
    retryUntagged();
  }

  /** CMD_STALL_TERM. */
  void terminate(int sid) {
    for (Stall stall : new ArrayList<>(stalls.values())) {
      if (stall.sid == sid) {
        stalls.remove(stall.tag);
        events.forget(stall);
        end(stall, StallEnd.ABORT);
      }
    }
    for (Iterator<Stall> each = untagged.iterator(); each.hasNext(); ) {
      Stall stall = each.next();
      if (stall.sid == sid) {
        each.remove();
        end(stall, StallEnd.ABORT);
      }
    }
    retryUntagged();
  }

  /** SMMUEN=0, reset, or the unit goes: everything ends. */
  void endAll(StallEnd how) {
    List<Stall> all = new ArrayList<>(stalls.values());
    all.addAll(untagged);
    stalls.clear();
    untagged.clear();
    for (Stall stall : all) {
      events.forget(stall);
      end(stall, how);
    }
  }

  /** Those with a STAG, in the order in which they were held. */
  List<Stall> tagged() {
    return List.copyOf(stalls.values());
  }

  /** How many can have a STAG at once. */
  int most() {
    return most;
  }

  /**
   * Holds what another unit held, after {@link #endAll}: software can end it, and if its device
   * still waits for the tag, it is told.
   */
  void restore(List<Stall> those) {
    for (Stall stall : those) {
      stalls.put(stall.tag, stall);
      if (!stall.visible) {
        events.recordStall(stall);
      }
    }
  }

  private void retryUntagged() {
    for (int free = most - stalls.size(); free > 0 && !untagged.isEmpty(); free--) {
      end(untagged.remove(), StallEnd.RETRY);
    }
  }

  private void end(Stall stall, StallEnd how) {
    (how == StallEnd.RETRY ? retried : ended).incrementAndGet();
    core.later(
        () ->
            core.environment
                .endpoint(stall.sid)
                .ifPresent(device -> device.stallEnded(stall.tag, how)));
  }

  /** Number of held transactions; for tools and tests. */
  int size() {
    return stalls.size() + untagged.size();
  }

  /** Adds the counters. */
  void count(Map<String, Long> counters) {
    counters.put("stalls.held", held.get());
    counters.put("stalls.retried", retried.get());
    counters.put("stalls.ended", ended.get());
  }
}
