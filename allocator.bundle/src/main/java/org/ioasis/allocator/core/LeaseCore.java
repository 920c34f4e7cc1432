package org.ioasis.allocator.core;

import java.util.List;

/**
 * A lease's entry in the books; it hangs on its id, or on its set if it keeps a set. Its number
 * says where, so that a lease of a former instance is found, too.
 *
 * <pre>
 *   62      21   20    19        0
 *  +----------+-------+-----------+
 *  |  serial  | of set| id or set |
 *  +----------+-------+-----------+
 * </pre>
 *
 * <p><b>Threading:</b> made before the lock is taken, {@code number} and {@code closed} under it.
 */
final class LeaseCore extends Link {
  private static final int SERIAL_SHIFT = 21;
  private static final long OF_SET = 1 << 20;

  /** The id, or the id by which the set was found. */
  final int id;

  final int sid;
  final String holder;
  final int client;
  final long sinceNanos;
  final List<String> where;
  long number;
  boolean closed;

  LeaseCore(int id, int sid, String holder, int client, long sinceNanos, List<String> where) {
    this.id = id;
    this.sid = sid;
    this.holder = holder;
    this.client = client;
    this.sinceNanos = sinceNanos;
    this.where = where;
  }

  void number(long serial, boolean ofSet) {
    number = serial << SERIAL_SHIFT | (ofSet ? OF_SET | sid : id);
  }

  static boolean isOfSet(long number) {
    return (number & OF_SET) != 0;
  }

  /** The id or set of a number. */
  static int place(long number) {
    return (int) (number & OF_SET - 1);
  }
}
