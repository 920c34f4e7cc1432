package org.ioasis.api.driver;

import java.util.Objects;

/**
 * One place of a device that holds a domain.
 *
 * @param pasid PASID, or {@link org.ioasis.api.machine.DmaRequest#NO_PASID}
 * @param domain what is there
 */
public record DriverAttachment(int pasid, DriverDomain domain) {
  /** A place that holds nothing is not an attachment. */
  public DriverAttachment {
    Objects.requireNonNull(domain, "domain");
  }
}
