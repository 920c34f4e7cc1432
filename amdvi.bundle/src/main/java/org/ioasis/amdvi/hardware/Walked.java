package org.ioasis.amdvi.hardware;

import org.ioasis.amdvi.format.IoPageFault;
import org.ioasis.api.memory.MemoryStatus;

/**
 * What a walk answers, in one {@code long}: a page, or, negative, why there is none.
 *
 * <pre>
 *  page   63 0 | 51:12 base | 10:5 log2 of the size | 4 no dirty update needed | 3:0 rights
 *  fault  63 1 | 62:60 kind | 59 of a host table under a guest one | 58 of a write | 51:0 address
 * </pre>
 *
 * <p>A fault's address is that of the entry that could not be read, or the GPA that a host table
 * under a guest one does not map.
 *
 * <p><b>Threading:</b> pure functions.
 */
final class Walked {
  /** Kinds of fault. */
  static final int NOT_PRESENT = 0,
      DENIED = 1,
      RESERVED = 2,
      LEVEL = 3,
      ABSENT = 4,
      POISONED = 5,
      ILLEGAL_LEVEL = 6;

  /** Rights bit: supervisor accesses only. */
  static final int SUPERVISOR = 8;

  /** No dirty update is needed on a write. */
  static final int DIRTY = 1 << 4;

  private static final long FAULT = 1L << 63;
  private static final int KIND_SHIFT = 60;
  private static final long NESTED = 1L << 59;
  private static final long WRITES = 1L << 58;
  private static final long ADDRESS = (1L << 52) - 1;
  private static final long BASE = ADDRESS & -(1L << 12);
  private static final int SIZE_SHIFT = 5;

  private Walked() {}

  /**
   * A page.
   *
   * @param base aligned to its size
   * @param flags rights, SUPERVISOR, DIRTY
   */
  static long page(long base, int sizeLg2, int flags) {
    return (base & BASE) | (long) sizeLg2 << SIZE_SHIFT | flags;
  }

  /** A fault of the walk under way. */
  static long fault(int kind) {
    return FAULT | (long) kind << KIND_SHIFT;
  }

  /** An entry that cannot be read. */
  static long unreadable(long address, MemoryStatus status) {
    return fault(status == MemoryStatus.POISONED ? POISONED : ABSENT) | (address & ADDRESS);
  }

  /** The same fault, of the host table that a guest table's or page's address goes through. */
  static long nested(long fault, long guestAddress, boolean writes) {
    long marked = fault | NESTED | (writes ? WRITES : 0);
    return isHardware(fault) ? marked : (marked & ~ADDRESS) | (guestAddress & ADDRESS);
  }

  static boolean isFault(long walked) {
    return walked < 0;
  }

  static int kind(long fault) {
    return (int) (fault >>> KIND_SHIFT) & 7;
  }

  static boolean isNested(long fault) {
    return (fault & NESTED) != 0;
  }

  /** Whether a nested fault is of a write. */
  static boolean writes(long fault) {
    return (fault & WRITES) != 0;
  }

  /** Whether memory, not a table, is to blame. */
  static boolean isHardware(long fault) {
    int kind = kind(fault);
    return kind == ABSENT || kind == POISONED;
  }

  /** The address of a hardware fault or of a nested one. */
  static long address(long fault) {
    return fault & ADDRESS;
  }

  /** PR, PE and RZ of the event for a kind. */
  static long flags(int kind) {
    return switch (kind) {
      case DENIED -> IoPageFault.PR.mask() | IoPageFault.PE.mask();
      case RESERVED -> IoPageFault.PR.mask() | IoPageFault.RZ.mask();
      case LEVEL -> IoPageFault.PR.mask();
      default -> 0;
    };
  }

  static int sizeLg2(long page) {
    return (int) page >>> SIZE_SHIFT & 0x3F;
  }

  static int rights(long page) {
    return (int) page & 0xF;
  }

  static boolean isDirty(long page) {
    return (page & DIRTY) != 0;
  }

  /** What an address in the page becomes. */
  static long output(long page, long address) {
    long offset = (1L << sizeLg2(page)) - 1;
    return (page & BASE & ~offset) | (address & offset);
  }
}
