package org.ioasis.smmuv3.driver;

import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.layout.Field;
import org.ioasis.smmuv3.format.Cr0;
import org.ioasis.smmuv3.format.Gerror;
import org.ioasis.smmuv3.format.QueueBase;
import org.ioasis.smmuv3.format.QueuePointer;
import org.ioasis.smmuv3.format.RegisterMap;

/**
 * The driver&#39;s side of a queue that the unit writes: event queue or PRI queue. "Event queue",
 * "PRI queue".
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class RecordQueue {
  private static final int WANTED_LG2 = 8;

  /** Takes one record. */
  interface Reader {
    /** A record; the array is reused. */
    void record(long[] words);
  }

  private final UnitAccess unit;
  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final Field enable;
  private final Field abort;
  private final int baseRegister;
  private final int prodRegister;
  private final int consRegister;
  private final int entryLg2;
  private final int entriesLg2;
  private final long[] words;
  private long base;

  private RecordQueue(
      DriverCore core, Field[] bits, int[] registers, int entryLg2, long largestLg2) {
    this.unit = core.unit();
    this.memory = core.environment().memory();
    this.frames = core.environment().frames();
    this.enable = bits[0];
    this.abort = bits[1];
    this.baseRegister = registers[0];
    this.prodRegister = registers[1];
    this.consRegister = registers[2];
    this.entryLg2 = entryLg2;
    this.entriesLg2 = Claims.queueLg2(WANTED_LG2, largestLg2);
    this.words = new long[1 << (entryLg2 - 3)];
  }

  /** The event queue. */
  static RecordQueue events(DriverCore core, long largestLg2) {
    return new RecordQueue(
        core,
        new Field[] {Cr0.EVENTQEN, Gerror.EVENTQ_ABT_ERR},
        new int[] {RegisterMap.EVENTQ_BASE, RegisterMap.EVENTQ_PROD, RegisterMap.EVENTQ_CONS},
        QueueBase.EVENT_LG2,
        largestLg2);
  }

  /** The PRI queue. */
  static RecordQueue pages(DriverCore core, long largestLg2) {
    return new RecordQueue(
        core,
        new Field[] {Cr0.PRIQEN, Gerror.PRIQ_ABT_ERR},
        new int[] {RegisterMap.PRIQ_BASE, RegisterMap.PRIQ_PROD, RegisterMap.PRIQ_CONS},
        QueueBase.PRI_LG2,
        largestLg2);
  }

  private int frameLg2() {
    return Math.max(FrameAllocator.FRAME_LG2, entriesLg2 + entryLg2);
  }

  private long register(long address) {
    return QueueBase.ADDR.ofInPlace(address)
        | QueueBase.LOG2SIZE.of(entriesLg2)
        | QueueBase.HINT.mask();
  }

  /** Allocates the queue and switches it on. */
  void start() {
    base = frames.allocate(frameLg2());
    unit.write64(baseRegister, register(base));
    unit.write32(prodRegister, 0);
    unit.write32(consRegister, 0);
    unit.level(enable, true);
  }

  /** Goes on with the queue that the unit has; false if it is none that this class made. */
  boolean adopt() {
    long now = unit.read64(baseRegister);
    base = QueueBase.ADDR.inPlace(now);
    return unit.isOn(enable) && now == register(base);
  }

  /** Address of the queue. */
  long base() {
    return base;
  }

  /** Gives the memory back; the queue is off. */
  void free() {
    frames.free(base, frameLg2());
  }

  /**
   * Reads what has arrived: at most one queue full.
   *
   * @return whether records were lost
   */
  boolean read(Reader reader) {
    long prod = unit.read32(prodRegister);
    long cons = unit.read32(consRegister);
    long pointers = (2L << entriesLg2) - 1;
    long left = Math.min(prod - cons & pointers, 1L << entriesLg2);
    long at = cons & pointers;
    for (; left > 0; left--) {
      long slot = base + ((at & (1L << entriesLg2) - 1) << entryLg2);
      for (int word = 0; word < words.length; word++) {
        words[word] = memory.load64(slot + 8L * word);
      }
      reader.record(words);
      at = at + 1 & pointers;
    }
    boolean overflown = QueuePointer.OVERFLOW.isSet(prod ^ cons);
    unit.write32(consRegister, at | (prod & QueuePointer.OVERFLOW.mask()));
    boolean aborted = acknowledgeAbort();
    return overflown || aborted;
  }

  /** Whether a record could not be written to memory; the queue goes on. */
  private boolean acknowledgeAbort() {
    long known = unit.read32(RegisterMap.GERRORN);
    if (!abort.isSet(unit.read32(RegisterMap.GERROR) ^ known)) {
      return false;
    }
    unit.write32(RegisterMap.GERRORN, known ^ abort.mask());
    return true;
  }
}
