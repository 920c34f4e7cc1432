package org.ioasis.iopf.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Padding in front of the writer's index. */
class RingPad0 {
  long p00, p01, p02, p03, p04, p05, p06, p07;
}

/** The writer's index on a cache line of its own. */
class RingTail extends RingPad0 {
  volatile long tail;
}

/** Padding between the two. */
class RingPad1 extends RingTail {
  long p10, p11, p12, p13, p14, p15, p16, p17;
}

/** The reader's index on a cache line of its own. */
class RingHead extends RingPad1 {
  volatile long head;
}

/** Padding behind the reader's index. */
class RingPad2 extends RingHead {
  long p20, p21, p22, p23, p24, p25, p26, p27;
}

/**
 * A bounded queue of groups from the drivers' threads to the thread that delivers, on padded
 * indexes so that the two do not share a cache line.
 *
 * <p><b>Threading:</b> one writer at a time (under the lane's lock) and one reader at a time (the
 * lane's delivery); the slot is written before the tail is released, and read after it is acquired.
 */
final class Ring extends RingPad2 {
  private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(GroupCore[].class);

  private final GroupCore[] slots;
  private final int mask;

  /**
   * @param lg2 log2 of the groups it holds
   */
  Ring(int lg2) {
    slots = new GroupCore[1 << lg2];
    mask = slots.length - 1;
  }

  /** Appends; false if it is full. */
  boolean offer(GroupCore group) {
    long at = tail;
    if (at - head == slots.length) {
      return false;
    }
    SLOTS.setRelease(slots, (int) at & mask, group);
    tail = at + 1;
    return true;
  }

  /** Takes the oldest; null if it is empty. */
  GroupCore poll() {
    long at = head;
    if (at == tail) {
      return null;
    }
    GroupCore group = slots[(int) at & mask];
    slots[(int) at & mask] = null;
    head = at + 1;
    return group;
  }

  boolean isEmpty() {
    return head == tail;
  }
}
