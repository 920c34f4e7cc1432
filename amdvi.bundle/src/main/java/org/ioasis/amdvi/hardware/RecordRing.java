package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.RingBase;
import org.ioasis.amdvi.format.RingPointer;
import org.ioasis.kit.queue.ProducerRing;
import org.ioasis.kit.queue.Ring;

/**
 * A log in memory that the unit writes: events or page requests. An entry is in memory before the
 * tail says so.
 *
 * <p><b>Threading:</b> under the unit's lock.
 */
final class RecordRing {
  private static final int ENTRY_LG2 = 4;

  private final UnitCore core;
  private final int baseRegister;
  private final int headRegister;
  private final int tailRegister;
  private final ProducerRing memory;
  private final long[] record = new long[2];
  private long shapeOf = -1;
  private Ring shape;

  RecordRing(UnitCore core, int baseRegister, int headRegister, int tailRegister) {
    this.core = core;
    this.baseRegister = baseRegister;
    this.headRegister = headRegister;
    this.tailRegister = tailRegister;
    this.memory = new ProducerRing(core.environment.memory());
  }

  /** The shape of a ring with this base register; a length below the least counts as the least. */
  static Ring shape(long base) {
    int entriesLg2 = (int) Math.max(RingBase.LENGTH.get(base), RingBase.MIN_LENGTH);
    return new Ring(RingBase.ADDRESS.inPlace(base), entriesLg2, ENTRY_LG2, false);
  }

  /** Whether the length code is one that a ring runs with. */
  boolean isUsable() {
    return RingBase.isLegal(core.registers.peek(baseRegister));
  }

  private Ring shape() {
    long base = core.registers.peek(baseRegister);
    if (base != shapeOf) {
      shape = shape(base);
      shapeOf = base;
    }
    return shape;
  }

  /** Writes an entry at the tail and moves the tail. */
  ProducerRing.Put put(long word0, long word1) {
    Ring ring = shape();
    long head = RingPointer.OFFSET.get(core.registers.peek(headRegister));
    long tail = RingPointer.OFFSET.get(core.registers.peek(tailRegister));
    record[0] = word0;
    record[1] = word1;
    ProducerRing.Put put = memory.put(ring, head, tail, record);
    if (put == ProducerRing.Put.STORED) {
      core.registers.poke(tailRegister, RingPointer.OFFSET.of(ring.next(tail)));
    }
    return put;
  }

  /** Entries between head and tail. */
  long used() {
    return shape()
        .used(
            RingPointer.OFFSET.get(core.registers.peek(headRegister)),
            RingPointer.OFFSET.get(core.registers.peek(tailRegister)));
  }

  /** The base register was written: head and tail return to 0. */
  void rewind() {
    core.registers.poke(headRegister, 0);
    core.registers.poke(tailRegister, 0);
  }
}
