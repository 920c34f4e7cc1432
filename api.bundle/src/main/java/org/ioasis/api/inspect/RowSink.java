package org.ioasis.api.inspect;

import org.osgi.annotation.versioning.ConsumerType;

/** Takes rows as they are found, so that millions of them need no memory. */
@FunctionalInterface
@ConsumerType
public interface RowSink {
  /**
   * Takes one row.
   *
   * @return false to end the enumeration
   */
  boolean row(Row row);
}
