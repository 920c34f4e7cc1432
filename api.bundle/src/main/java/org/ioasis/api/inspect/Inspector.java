package org.ioasis.api.inspect;

import org.osgi.annotation.versioning.ProviderType;

/**
 * What a unit's registers and the structures in memory say. Reads memory, never caches, and changes
 * nothing.
 *
 * <p>Structures may be hostile: a table that is already on its own path is one row of type {@code
 * error} and is not entered; a pointer into nothing is an error row; every enumeration ends.
 *
 * <p><b>Threading:</b> any thread; each call walks afresh.
 */
@ProviderType
public interface Inspector {
  /** All source ids, in {@link #mappings}. */
  int ALL_SOURCES = -1;

  /** One row about the unit: mode, roots, queues, what is enabled. */
  Row unit();

  /**
   * One row per source id that the structures configure: {@code sid}, {@code rid}, and its state.
   */
  void devices(RowSink sink);

  /** One row per domain tag in use: the tag, its table root, the devices in it. */
  void domains(RowSink sink);

  /**
   * One row per leaf entry and source id, in order of source id, PASID and IOVA, with the keys and
   * values of a capture's {@code mappings} file. Rights are those left after every level.
   *
   * @param sourceId one source id, or {@link #ALL_SOURCES}
   */
  void mappings(int sourceId, RowSink sink);

  /** Every page of structures reachable from the registers: tables, queues, interrupt tables. */
  void reachablePages(PageSink sink);
}
