package org.ioasis.api.domain;

import org.osgi.annotation.versioning.ConsumerType;

/** Takes mappings in order of address, so that millions of them need no memory. */
@FunctionalInterface
@ConsumerType
public interface MappingSink {
  /**
   * A mapping.
   *
   * @return false to end the enumeration
   */
  boolean mapping(Mapping mapping);
}
