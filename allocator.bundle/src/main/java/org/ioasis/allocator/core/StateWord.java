package org.ioasis.allocator.core;

import org.ioasis.api.ioasid.IoasidState;

/**
 * The state of one number, packed into a {@code long}.
 *
 * <pre>
 *   63         39 38      19 18      3   2        1 0
 *  +-------------+----------+---------+----------+-----+
 *  | generation  | set      | leases  |unsettled |state|
 *  +-------------+----------+---------+----------+-----+
 *
 *   FREE --allocate--&gt; IDLE &lt;--lease, last lease closed--&gt; ACTIVE
 *   IDLE, ACTIVE --free--&gt; FREE_PENDING, unsettled while the first phase runs
 *                          and acknowledgements are out
 *   FREE_PENDING --no lease and settled--&gt; FREE, generation + 1
 * </pre>
 *
 * Words change under the allocator's lock, by release stores; readers load them with acquire and
 * take no lock.
 */
@SuppressWarnings({"EnumOrdinal", "OperatorPrecedence"}) // the order is part of the layout
public final class StateWord {
  static final int MAX_LEASES = 0xFFFF;
  static final int MAX_SETS = 1 << 20;
  private static final int LEASE_SHIFT = 3;
  private static final int SET_SHIFT = 19;
  private static final int GENERATION_SHIFT = 39;
  private static final long STATE = 0x3;
  private static final long UNSETTLED = 0x4;
  private static final long ONE_LEASE = 1L << LEASE_SHIFT;
  private static final IoasidState[] STATES = IoasidState.values();

  private StateWord() {}

  static long idle(int generation, int set) {
    return (long) generation << GENERATION_SHIFT
        | (long) set << SET_SHIFT
        | IoasidState.IDLE.ordinal();
  }

  static long free(int generation) {
    return (long) generation << GENERATION_SHIFT;
  }

  static IoasidState state(long word) {
    return STATES[(int) (word & STATE)];
  }

  /** Whether the number may be used: IDLE or ACTIVE. */
  static boolean isUsable(long word) {
    long state = word & STATE;
    return state == 1 || state == 2;
  }

  static int leases(long word) {
    return (int) (word >>> LEASE_SHIFT) & MAX_LEASES;
  }

  static int set(long word) {
    return (int) (word >>> SET_SHIFT) & (MAX_SETS - 1);
  }

  static int generation(long word) {
    return (int) (word >>> GENERATION_SHIFT);
  }

  static boolean isUnsettled(long word) {
    return (word & UNSETTLED) != 0;
  }

  static long withLease(long word) {
    return (word & ~STATE | IoasidState.ACTIVE.ordinal()) + ONE_LEASE;
  }

  static long withoutLease(long word) {
    long less = word - ONE_LEASE;
    return state(word) == IoasidState.ACTIVE && leases(less) == 0
        ? less & ~STATE | IoasidState.IDLE.ordinal()
        : less;
  }

  static long pending(long word) {
    return word & ~STATE | IoasidState.FREE_PENDING.ordinal() | UNSETTLED;
  }

  static long settled(long word) {
    return word & ~UNSETTLED;
  }

  /** Whether nothing keeps a freed number any more. */
  static boolean isReclaimable(long word) {
    return state(word) == IoasidState.FREE_PENDING && leases(word) == 0 && !isUnsettled(word);
  }
}
