package org.ioasis.api.ioasid;

import java.util.List;

/**
 * Somebody who holds a lease.
 *
 * @param id the id
 * @param sid its set
 * @param holder as named when it was taken
 * @param bundle symbolic name of the bundle that took it
 * @param sinceNanos when, on the platform's clock
 * @param where stack of the taking call, empty unless recording is on
 */
public record IoasidHolder(
    Pasid id, int sid, String holder, String bundle, long sinceNanos, List<String> where) {
  /** Copies the list. */
  public IoasidHolder {
    where = List.copyOf(where);
  }
}
