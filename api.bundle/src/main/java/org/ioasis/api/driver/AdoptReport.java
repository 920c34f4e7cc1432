package org.ioasis.api.driver;

import java.util.List;
import java.util.Map;

/**
 * What a driver found when it took over a unit.
 *
 * @param domains the living domains by {@link DriverDomain#key()}
 * @param devices the known devices, their attachments included
 * @param framesReturned frames that no table reached
 * @param remarks what was found and not continued, a sentence each
 */
public record AdoptReport(
    Map<Long, DriverDomain> domains,
    List<DriverDevice> devices,
    long framesReturned,
    List<String> remarks) {
  /** Copies the collections. */
  public AdoptReport {
    domains = Map.copyOf(domains);
    devices = List.copyOf(devices);
    remarks = List.copyOf(remarks);
  }
}
