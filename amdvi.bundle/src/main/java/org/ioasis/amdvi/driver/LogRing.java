package org.ioasis.amdvi.driver;

import org.ioasis.amdvi.format.Control;
import org.ioasis.amdvi.format.RegisterMap;
import org.ioasis.amdvi.format.RingBase;
import org.ioasis.amdvi.format.RingPointer;
import org.ioasis.amdvi.format.Status;
import org.ioasis.api.memory.FrameAllocator;
import org.ioasis.api.memory.PhysicalMemory;
import org.ioasis.kit.layout.Field;

/**
 * The driver&#39;s side of a log that the unit writes: event log or PPR log. A slot is zeroed after
 * it was read, since an entry may be seen before its first word is (the specification&#39;s errata
 * have software wait for a word that is not zero). "Event Logging", "Peripheral Page Request Log".
 *
 * <p><b>Threading:</b> one thread at a time.
 */
final class LogRing {
  private static final int ENTRIES_LG2 = 9;
  private static final int BYTES_LG2 = ENTRIES_LG2 + 4;

  /** Takes one entry. */
  interface Reader {
    /** An entry, as it stood in the log. */
    void entry(long word0, long word1);
  }

  private final UnitAccess unit;
  private final PhysicalMemory memory;
  private final FrameAllocator frames;
  private final Field enable;
  private final Field run;
  private final Field overflow;
  private final Field arrived;
  private final int baseRegister;
  private final int headRegister;
  private final int tailRegister;
  private long base;

  private LogRing(
      DriverCore core,
      Field enable,
      Field[] status,
      int baseRegister,
      int headRegister,
      int tailRegister) {
    this.unit = core.unit();
    this.memory = core.environment().memory();
    this.frames = core.environment().frames();
    this.enable = enable;
    this.run = status[0];
    this.overflow = status[1];
    this.arrived = status[2];
    this.baseRegister = baseRegister;
    this.headRegister = headRegister;
    this.tailRegister = tailRegister;
  }

  /** The event log. */
  static LogRing events(DriverCore core) {
    return new LogRing(
        core,
        Control.EVENT_LOG_EN,
        new Field[] {Status.EVENT_LOG_RUN, Status.EVENT_OVERFLOW, Status.EVENT_LOG_INT},
        RegisterMap.EVENT_LOG_BASE,
        RegisterMap.EVENT_LOG_HEAD,
        RegisterMap.EVENT_LOG_TAIL);
  }

  /** The PPR log. */
  static LogRing pageRequests(DriverCore core) {
    return new LogRing(
        core,
        Control.PPR_LOG_EN,
        new Field[] {Status.PPR_LOG_RUN, Status.PPR_OVERFLOW, Status.PPR_INT},
        RegisterMap.PPR_LOG_BASE,
        RegisterMap.PPR_LOG_HEAD,
        RegisterMap.PPR_LOG_TAIL);
  }

  /** Allocates the log and tells the unit where it is; it is off. */
  void place() {
    base = frames.allocate(BYTES_LG2);
    unit.mmio().write64(baseRegister, RingBase.of(base, ENTRIES_LG2));
  }

  /** Goes on with the log that the unit has; false if it is none that this class made. */
  boolean adopt() {
    long register = unit.mmio().read64(baseRegister);
    base = RingBase.ADDRESS.inPlace(register);
    return enable.isSet(unit.control()) && register == RingBase.of(base, ENTRIES_LG2);
  }

  /** Address of the log. */
  long base() {
    return base;
  }

  /** Switches the log on. */
  void on() {
    unit.ring(enable, run, true);
  }

  /** Gives the memory back; the log is off. */
  void free() {
    frames.free(base, BYTES_LG2);
  }

  /**
   * Reads what has arrived, and starts the log again if it had run over.
   *
   * @return whether entries were lost
   */
  boolean read(Reader reader) {
    unit.clearStatus(arrived.mask());
    drain(reader);
    if (!unit.status(overflow)) {
      return false;
    }
    unit.control(enable.mask(), false);
    unit.waiting().require(() -> !unit.status(run), "Status." + run.name() + "=0");
    drain(reader);
    unit.clearStatus(overflow.mask());
    unit.ring(enable, run, true);
    return true;
  }

  /** At most one ring of entries: what comes meanwhile has an interrupt of its own. */
  private void drain(Reader reader) {
    long head = RingPointer.OFFSET.inPlace(unit.mmio().read64(headRegister));
    long tail = RingPointer.OFFSET.inPlace(unit.mmio().read64(tailRegister));
    for (int left = 1 << ENTRIES_LG2; head != tail && left > 0; left--) {
      long at = base + head;
      if (memory.load64(at) == 0 && !unit.waiting().await(() -> memory.load64(at) != 0)) {
        return; // the unit never wrote what it published
      }
      reader.entry(memory.load64(at), memory.load64(at + 8));
      memory.store64(at, 0);
      memory.store64(at + 8, 0);
      head = RingPointer.next(head, BYTES_LG2);
      unit.mmio().write64(headRegister, RingPointer.OFFSET.ofInPlace(head));
    }
  }
}
