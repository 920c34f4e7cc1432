package org.ioasis.machine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What makes two neighbouring words one: a version per stripe of addresses. A writer makes the
 * version odd, stores both halves and makes it even again; a reader compares the versions before
 * and after.
 *
 * <p><b>Threading:</b> any thread. A writer holds a stripe for a few instructions and calls nobody.
 * {@link #readBegin} acquires what {@link #unlock} released; {@link #validate} orders the loads
 * before it by an acquire fence.
 */
final class PairLocks {
  private static final VarHandle VERSIONS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final int STRIPES = 64;
  private static final int PAIR_LG2 = 4;
  private static final int SPINS = 64;

  private final int[] versions = new int[STRIPES];

  private static int stripe(long address) {
    long pair = address >>> PAIR_LG2;
    return (int) (pair ^ pair >>> 6 ^ pair >>> 12) & (STRIPES - 1);
  }

  /** Takes the stripe of an address. */
  void lock(long address) {
    int stripe = stripe(address);
    for (int tries = 0; ; tries++) {
      int version = (int) VERSIONS.getOpaque(versions, stripe);
      if ((version & 1) == 0 && VERSIONS.compareAndSet(versions, stripe, version, version + 1)) {
        VarHandle.fullFence();
        return;
      }
      pause(tries);
    }
  }

  /** Gives the stripe back. */
  void unlock(long address) {
    int stripe = stripe(address);
    VERSIONS.setRelease(versions, stripe, (int) VERSIONS.getOpaque(versions, stripe) + 1);
  }

  /** The even version under which a read may begin; waits for a writer. */
  int readBegin(long address) {
    int stripe = stripe(address);
    for (int tries = 0; ; tries++) {
      int version = (int) VERSIONS.getAcquire(versions, stripe);
      if ((version & 1) == 0) {
        return version;
      }
      pause(tries);
    }
  }

  /** Whether no writer came since {@link #readBegin} returned {@code version}. */
  boolean validate(long address, int version) {
    VarHandle.acquireFence();
    return (int) VERSIONS.getOpaque(versions, stripe(address)) == version;
  }

  private static void pause(int tries) {
    if (tries < SPINS) {
      Thread.onSpinWait();
    } else {
      Thread.yield();
    }
  }
}
