package org.ioasis.api.ioasid;

import java.util.List;
import java.util.Objects;

/**
 * The content of a set on its way to another platform.
 *
 * @param version of this form, {@value #VERSION} now
 * @param token the owner
 * @param quota the quota
 * @param entries its ids
 */
public record SetExport(int version, SetToken token, int quota, List<Entry> entries) {
  /** The version that this API writes. */
  public static final int VERSION = 1;

  /** Copies the list. */
  public SetExport {
    Objects.requireNonNull(token, "token");
    entries = List.copyOf(entries);
  }

  /**
   * One id.
   *
   * @param host the host's number
   * @param guest the guest's number, or -1
   * @param bindings how many bindings it had
   */
  public record Entry(int host, int guest, int bindings) {}
}
