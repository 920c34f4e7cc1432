package org.ioasis.api.inspect;

import org.osgi.annotation.versioning.ConsumerType;

/** Takes the pages of structures that a unit's registers lead to. */
@FunctionalInterface
@ConsumerType
public interface PageSink {
  /**
   * Takes one 4 KiB page, each page at most once.
   *
   * @param address physical address of the page
   * @param what the kind of structure, for example {@code root-table}
   * @return false to end the enumeration
   */
  boolean page(long address, String what);
}
