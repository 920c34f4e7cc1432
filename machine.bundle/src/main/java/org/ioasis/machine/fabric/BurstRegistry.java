package org.ioasis.machine.fabric;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All bursts of a fabric, and the grace: when has every burst ended that was open at a ticket?
 *
 * <p><b>Algorithm.</b> There is one {@code epoch}; a ticket is its next value. A burst has one word
 * {@code state}: 0 while closed, while open the epoch it read at its beginning. The grace of ticket
 * {@code t} has elapsed when each burst is closed or has {@code state >= t}.
 *
 * <pre>
 *  burst                            who invalidates or blocks a port
 *  b1  e = epoch     (opaque)       i1  change: cache epoch, port's route, table in memory
 *  b2  state = e     (release)      i2  t = ++epoch        (read-modify-write)
 *  b3  full fence                   i3  full fence
 *  b4  reads route, caches, tables  i4  reads state        (acquire)
 *  b5  accesses memory              i5  state is 0 or >= t: what i1 took away is gone
 *  b6  state = 0     (release)
 * </pre>
 *
 * <p><b>Why it is enough.</b> Let i4 accept a burst; then either the burst has ended or its b4 sees
 * i1:
 *
 * <ol>
 *   <li>i4 read 0 written by b6, or a later state of the same burst object: reading it acquires
 *       what b6 (or the next b2, both are releases) released, so all of b4 and b5 happened before.
 *   <li>i4 read a state {@code e >= t} written by b2: then b1 read a value that i2 or a later
 *       ticket wrote. The write lies after i1 and a fence (the read-modify-write), the read before
 *       the fence b3; fence to fence, i1 happens before b4.
 *   <li>i4 read a value older than b2: the full fences b3 and i3 are totally ordered. Were b3
 *       first, i4 would read b2 or later. So i3 is first, and with it i1 comes before b4.
 * </ol>
 *
 * A burst that read its epoch before the ticket and stores it after may delay the grace, never
 * shorten it. It always ends: bursts are short, and a burst that begins again reads a new epoch.
 *
 * <p>Bursts are held weakly. A burst that is garbage can make no access any more, so it counts as
 * ended even if its device forgot to end it; {@link PortBurst} keeps itself reachable while it
 * accesses memory. A burst is entered before anybody can begin it, so the third case covers a list
 * that was read too early, too.
 *
 * <p><b>Threading:</b> any thread. {@code this} guards entering; nothing else takes a lock.
 */
final class BurstRegistry {
  private static final Logger LOG = LoggerFactory.getLogger(BurstRegistry.class);
  private static final VarHandle EPOCH;
  private static final int FIRST_CAPACITY = 8;
  private static final int SPINS = 200;
  private static final long PARK_NANOS = 20_000;
  private static final int PARKS_TO_WARN = 50_000;

  static {
    try {
      EPOCH = MethodHandles.lookup().findVarHandle(BurstRegistry.class, "epoch", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long epoch = 1; // by EPOCH only; never 0
  private volatile long elapsed;
  private volatile AtomicReferenceArray<WeakReference<PortBurst>> bursts =
      new AtomicReferenceArray<>(FIRST_CAPACITY);
  private int used;

  /** The epoch a burst begins with. */
  long epoch() {
    return (long) EPOCH.getOpaque(this);
  }

  /** Enters a burst, before its maker can begin it. */
  synchronized void enter(PortBurst burst) {
    if (used == bursts.length()) {
      compact();
    }
    bursts.set(used++, new WeakReference<>(burst));
  }

  private void compact() {
    List<WeakReference<PortBurst>> live = new ArrayList<>(used);
    for (int i = 0; i < used; i++) {
      if (bursts.get(i).get() != null) {
        live.add(bursts.get(i));
      }
    }
    AtomicReferenceArray<WeakReference<PortBurst>> next =
        new AtomicReferenceArray<>(Math.max(FIRST_CAPACITY, 2 * live.size()));
    for (int i = 0; i < live.size(); i++) {
      next.set(i, live.get(i));
    }
    used = live.size();
    bursts = next;
  }

  /** A ticket for all bursts open now. */
  long ticket() {
    VarHandle.fullFence();
    long ticket = (long) EPOCH.getAndAdd(this, 1L) + 1;
    VarHandle.fullFence();
    return ticket;
  }

  /** Whether every burst open at the time of the ticket has ended. */
  boolean hasElapsed(long ticket) {
    if (ticket <= elapsed) {
      return true;
    }
    VarHandle.fullFence();
    if (firstOpen(ticket, null) != null) {
      return false;
    }
    synchronized (this) {
      elapsed = Math.max(elapsed, ticket);
    }
    return true;
  }

  /** The same for the bursts of one port. */
  boolean hasElapsed(long ticket, Port port) {
    VarHandle.fullFence();
    return ticket <= elapsed || firstOpen(ticket, port) == null;
  }

  private PortBurst firstOpen(long ticket, Port portOrNull) {
    AtomicReferenceArray<WeakReference<PortBurst>> all = bursts;
    for (int i = 0; i < all.length(); i++) {
      WeakReference<PortBurst> reference = all.get(i);
      if (reference == null) {
        return null;
      }
      PortBurst burst = reference.get();
      if (burst != null && (portOrNull == null || burst.isOf(portOrNull))) {
        long state = burst.stateAcquire();
        if (state != PortBurst.CLOSED && state < ticket) {
          return burst;
        }
      }
    }
    return null;
  }

  /** Whether any burst is open. */
  boolean isAnyOpen() {
    return firstOpen(Long.MAX_VALUE, null) != null;
  }

  /** The burst that the calling thread has open, or null. */
  PortBurst openByCaller() {
    long caller = Thread.currentThread().getId();
    AtomicReferenceArray<WeakReference<PortBurst>> all = bursts;
    for (int i = 0; i < all.length(); i++) {
      WeakReference<PortBurst> reference = all.get(i);
      if (reference == null) {
        return null;
      }
      PortBurst burst = reference.get();
      if (burst != null && burst.isOpenBy(caller)) {
        return burst;
      }
    }
    return null;
  }

  /** Whether the calling thread has a burst open. */
  boolean isCallerInside() {
    return openByCaller() != null;
  }

  /**
   * Refuses a wait inside a burst.
   *
   * @throws IllegalStateException if the calling thread has a burst open
   */
  void checkCallerOutside(String what) {
    PortBurst own = openByCaller();
    if (own != null) {
      throw new IllegalStateException(
          "%s refused: the calling thread has a burst of %s open; end it first"
              .formatted(what, own.deviceName()));
    }
  }

  /** Waits for the grace of a ticket. */
  void await(long ticket) {
    checkCallerOutside("wait for the grace");
    for (int tries = 0; !hasElapsed(ticket); tries++) {
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, PARK_NANOS);
        if (tries == PARKS_TO_WARN) {
          PortBurst open = firstOpen(ticket, null);
          if (open != null) {
            LOG.warn("device {} keeps a DMA burst open; a grace waits for it", open.deviceName());
          }
        }
      }
    }
  }
}
