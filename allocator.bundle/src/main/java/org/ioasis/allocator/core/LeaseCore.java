package org.ioasis.allocator.core;

import java.util.List;

/**
 * A lease's entry in the books.
 *
 * @param number of the lease, kept across instances of the allocator
 * @param id the id, or the set's number if {@code ofSet}
 * @param sid the set
 * @param ofSet whether it keeps a set, not an id
 * @param holder as named
 * @param client who took it
 * @param sinceNanos when
 * @param where stack, or empty
 */
record LeaseCore(
    long number,
    int id,
    int sid,
    boolean ofSet,
    String holder,
    int client,
    long sinceNanos,
    List<String> where) {}
